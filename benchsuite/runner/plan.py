"""Which job comes next: rounds over shuffled jobs, wide intervals first, within a time budget."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchsuite.records import Job, Record
from benchsuite.runner.stopping import RelativeWidth

_EARLY_KINDS = ("ceiling", "kernel")


@dataclass
class History:
    """What is known of one job so far."""

    medians: list[float] = field(default_factory=list)
    rounds: set[int] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    iterations: int | None = None
    ended: bool = False


@dataclass
class Plan:
    """The jobs that can run, what was learnt of each, and the rule that says when one is done."""

    jobs: Sequence[Job]
    rule: RelativeWidth
    seed: int
    kinds: dict[str, str] = field(default_factory=dict)
    histories: dict[str, History] = field(default_factory=dict)

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

    def spent(self, job: Job, seconds: float) -> None:
        """A job's whole cost in one round, by the parent's clock."""
        self.histories[job.id].seconds.append(seconds)

    def round(self, number: int) -> list[Job]:
        """Jobs that want this round: ceilings and kernels lead the first, so that numbers come soon; later widest."""
        jobs = [job for job in self.jobs if self._wants(job, number)]
        random.Random(f"{self.seed}/{number}").shuffle(jobs)
        if number == 0:
            jobs.sort(key=lambda job: self.kinds.get(job.case.workload) not in _EARLY_KINDS)
        elif number >= self.rule.least:
            jobs.sort(key=lambda job: -self.rule.need(self.histories[job.id].medians))
        return jobs

    def _wants(self, job: Job, number: int) -> bool:
        history = self.histories[job.id]
        return not history.ended and number not in history.rounds and self.rule.wants_more(history.medians)

    def cost(self, job: Job) -> float | None:
        """Seconds that one more round of `job` should take: the last one's, since the first also filled caches."""
        seconds = self.histories[job.id].seconds
        return seconds[-1] if seconds else None

    def left(self, current: Iterable[Job], number: int) -> float | None:
        """Seconds until the least number of rounds is done; None before anything is known."""
        known = [c for job in self.jobs if (c := self.cost(job)) is not None]
        if not known:
            return None
        typical = statistics.mean(known)
        now = sum(self.cost(job) or typical for job in current)
        open_jobs = [job for job in self.jobs if not self.histories[job.id].ended]
        later = max(0, self.rule.least - number - 1)
        return now + later * sum(self.cost(job) or typical for job in open_jobs)
