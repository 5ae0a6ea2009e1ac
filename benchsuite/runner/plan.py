"""Which job comes next: rounds over shuffled jobs, wide intervals first, within what time is left."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchsuite.analysis.compare import BARE_METAL, VIRTUAL
from benchsuite.records import Environment, Job, Record
from benchsuite.runner.costs import next_cost
from benchsuite.runner.stopping import RelativeWidth, spread_of

_EARLY_KINDS = ("ceiling", "kernel")
_FEWEST_SPREADS = 4


@dataclass
class History:
    """What is known of one job so far; `cost` is what one more round should take, in seconds by the parent's clock."""

    medians: list[float] = field(default_factory=list)
    rounds: set[int] = field(default_factory=set)
    cost: float | None = None
    iterations: int | None = None
    ended: bool = False


@dataclass
class Plan:
    """The jobs that can run, what was learnt of each, and the rule that says when one is done.

    `spread` is by how much rounds of one job differ on such a machine, as a relative standard deviation; `opening` is
    how many seconds a round takes before its first job.
    """

    jobs: Sequence[Job]
    rule: RelativeWidth
    seed: int
    kinds: dict[str, str] = field(default_factory=dict)
    histories: dict[str, History] = field(default_factory=dict)
    spread: float = 0.01
    opening: float = 0.0

    def __post_init__(self) -> None:
        for job in self.jobs:
            self.histories.setdefault(job.id, History())

    def learn(self, record: Record) -> None:
        """Take a finished record into account. A job that did not come out ok is not tried again."""
        history = self.histories.setdefault(record.job.id, History())
        history.rounds.add(record.round)
        latency = record.measurement("time/latency")
        if record.status != "ok" or latency is None:
            history.ended = True
            return
        history.medians.append(statistics.median(latency.samples))
        history.iterations = latency.iterations
        history.cost = next_cost(record) or history.cost

    def wants(self, job: Job) -> bool:
        """Whether any more rounds of `job` are wanted."""
        history = self.histories[job.id]
        return not history.ended and self.rule.wants_more(history.medians)

    def round(self, number: int) -> list[Job]:
        """Jobs that want this round: ceilings and kernels lead the first, so that numbers come soon; later widest.

        All are shuffled and then chosen from, so that a run that is gone on with keeps the order of its round.
        """
        jobs = list(self.jobs)
        random.Random(f"{self.seed}/{number}").shuffle(jobs)
        jobs = [job for job in jobs if self.wants(job) and number not in self.histories[job.id].rounds]
        if number == 0:
            jobs.sort(key=lambda job: self.kinds.get(job.case.workload) not in _EARLY_KINDS)
        elif number >= self.rule.least:
            jobs.sort(key=lambda job: -self._need(job))
        return jobs

    def affordable(self, jobs: Sequence[Job], number: int, seconds: float) -> list[Job]:
        """Those of `jobs`, in their order, to give round `number` to where `seconds` are left.

        The first round is for all. Then each must fit with all the rounds that it lacks for an interval, since a round
        less is one for nothing: what has begun on that before the rest, ceilings before the rest since shares need
        them, the cheapest job of each workload before the rest so that large ones are not left out, and then by cost,
        which makes most jobs fit. Where none does so, those go on of which one round fits.
        """
        if number == 0 or seconds == math.inf:
            return list(jobs)
        rounds = max((self._lacking(job) for job in jobs), default=0)
        room = seconds - rounds * self.opening
        chosen = set()
        for job in self._by_worth(jobs):
            seconds_needed = self._lacking(job) * self.cost(job)
            if seconds_needed <= room:
                chosen.add(job.id)
                room -= seconds_needed
        if chosen:
            return [job for job in jobs if job.id in chosen]
        return [job for job in jobs if self.opening + self.cost(job) <= seconds]

    def _by_worth(self, jobs: Sequence[Job]) -> list[Job]:
        cheapest: dict[str, float] = {}
        for job in jobs:
            name = job.case.workload
            cheapest[name] = min(cheapest.get(name, math.inf), self.cost(job))

        def worth(job: Job) -> tuple[float, int, bool, bool, float]:
            name, cost = job.case.workload, self.cost(job)
            rounds = len(self.histories[job.id].medians)
            return -self._need(job), -rounds, self.kinds.get(name) != "ceiling", cost > cheapest[name], cost

        return sorted(jobs, key=worth)

    def cost(self, job: Job) -> float:
        """Seconds that one more round of `job` should take; where it is not known, what others do; 0 of the first."""
        own = self.histories[job.id].cost
        return self._typical() if own is None else own

    def usual_spread(self) -> float:
        """By how much rounds of one job differ: the median over jobs, once enough have been measured twice."""
        known = [(spread_of(h.medians), len(h.medians) - 1) for h in self.histories.values() if len(h.medians) > 1]
        if len(known) < _FEWEST_SPREADS:
            return self.spread
        # That of few rounds is too small: (1 - 2/9n)^3 is the median of chi-squared over its n degrees of freedom
        # (Wilson and Hilferty, 1931).
        return statistics.median(spread / math.pow(1 - 2 / (9 * freedom), 1.5) for spread, freedom in known)

    def started(self) -> bool:
        """Whether anything is known of any job."""
        return any(history.rounds for history in self.histories.values())

    def _typical(self) -> float:
        known = [h.cost for h in self.histories.values() if h.cost is not None]
        return statistics.fmean(known) if known else 0.0

    def _need(self, job: Job) -> float:
        return self.rule.need(self.histories[job.id].medians)

    def _lacking(self, job: Job) -> int:
        return self.rule.lacking(self.histories[job.id].medians)


def spread_on(environment: Environment) -> float:
    """By how much rounds of one job should differ there before any did: as much as sessions do on such machines."""
    return VIRTUAL if environment.cpu.is_virtual else BARE_METAL
