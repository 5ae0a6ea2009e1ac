"""The gate's two stages over a duet: a screen that clears or nominates, then fresh pairs of what was nominated."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchsuite.analysis.duets import AUTO, metrics, ratios
from benchsuite.analysis.gate import Policy, pairs_wanted, screen
from benchsuite.analysis.paired import FEWEST_PAIRS
from benchsuite.records import Found, Pair
from benchsuite.runner.duet import Replicate, run_replicate
from benchsuite.runner.pairing import Sides

CONTROL_EVERY = 4
_CONFIRMED_EVERY = 2
"""In stage 2 more often: who blames a job knows its own control arm well enough to be refuted by it."""


class Watcher(Protocol):
    """Is told what happens; never asked anything."""

    def replicate(self, stage: int, number: int, jobs: int) -> None:
        """A replicate of so many jobs starts."""
        ...

    def finished(self, pair: Pair) -> None:
        """A pair is on disk."""
        ...


@dataclass
class Session:
    """A duet under way: what every replicate shares, and the pairs so far. `now` is a monotonic clock in seconds."""

    sides: Sides
    policy: Policy
    save: Callable[[Pair], None]
    watcher: Watcher
    metric: str = AUTO
    budget: float | None = None
    now: Callable[[], float] = time.monotonic
    pairs: list[Pair] = field(default_factory=list)
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.now()

    def repeat(self, jobs: Sequence[Found], pairs: int) -> None:
        """A fixed number of pairs of every job: a second stage without a first, since nothing is chosen by looking."""
        for number in range(pairs):
            if self._spent():
                break
            self._replicate(2, number, [f for f in jobs if self._sound(f)], CONTROL_EVERY)

    def gate(self, jobs: Sequence[Found]) -> None:
        """Both stages, as far as the budget goes.

        Note: stage 2 does not wait for a minute to pass. Pairs are fresh processes with layouts of their own, and of
        recorded ones neighbours in time were no more alike than others.
        """
        nominated = self._screen(jobs)
        first = self._values(1)
        wanted = {f.job.id: pairs_wanted(first.get(f.job.id, ()), self.policy, len(nominated)) for f in nominated}
        for number in range(max(wanted.values(), default=0)):
            if self._spent():
                break
            open_jobs = [f for f in nominated if wanted[f.job.id] > number and self._sound(f)]
            self._replicate(2, number, open_jobs, _CONFIRMED_EVERY)

    def _screen(self, jobs: Sequence[Found]) -> list[Found]:
        """The jobs that stage 1 nominates."""
        open_jobs, nominated = list(jobs), []
        for number in range(self.policy.most_screening):
            if self._spent() or not open_jobs:
                break
            self._replicate(1, number, open_jobs, CONTROL_EVERY)
            open_jobs = [f for f in open_jobs if self._sound(f)]
            if number + 1 < FEWEST_PAIRS:
                continue
            values = self._values(1)
            seen = {f.job.id: screen(values.get(f.job.id, ()), self.policy) for f in open_jobs}
            nominated += [f for f in open_jobs if seen[f.job.id] == "nominated"]
            open_jobs = [f for f in open_jobs if seen[f.job.id] == "more"]
        return nominated

    def _replicate(self, stage: int, number: int, jobs: Sequence[Found], control_every: int) -> None:
        if not jobs:
            return
        self.watcher.replicate(stage, number, len(jobs))
        replicate = Replicate(stage, number, tuple(jobs), number % control_every == 0)
        # The first pair of every job is taken whatever it costs, so that none goes without a verdict.
        run_replicate(self.sides, replicate, self._keep, self._spent if self.pairs else lambda: False)

    def _keep(self, pair: Pair) -> None:
        self.save(pair)
        self.pairs.append(pair)
        self.watcher.finished(pair)

    def _values(self, stage: int) -> dict[str, list[float]]:
        candidates = [p for p in self.pairs if p.arm == "candidate" and p.stage == stage]
        return ratios(candidates, metrics(candidates, self.metric))

    def _sound(self, found: Found) -> bool:
        """Whether all its pairs were measured so far: a job that fails once is not tried again."""
        return all(pair.ok for pair in self.pairs if pair.job == found.job.id and pair.arm == "candidate")

    def _spent(self) -> bool:
        return self.budget is not None and self.now() - self.began > self.budget
