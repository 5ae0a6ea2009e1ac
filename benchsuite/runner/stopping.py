"""When a job has been measured enough: by its interval, between a least and a most number of rounds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.analysis.estimate import FEWEST_ROUNDS, relative_half_width, t_quantile

_WEIGHT = 2.0
# The standard deviation that four rounds show over the true one, in the middle of each third of its distribution.
_SHOWN = (0.586, 0.888, 1.30)


@dataclass(frozen=True)
class RelativeWidth:
    """Stop once the 95 % interval's half-width is within `target` of the estimate. It sees spread, never direction."""

    target: float
    least: int
    most: int

    def wants_more(self, medians: Sequence[float]) -> bool:
        """Whether one more round is wanted after rounds with these medians."""
        if len(medians) < self.least:
            return True
        return len(medians) < self.most and self.need(medians) > 1.0

    def need(self, medians: Sequence[float]) -> float:
        """How many times the target the half-width is; infinite where there is none yet."""
        width = relative_half_width(medians)
        return float("inf") if width is None else width / self.target

    def lacking(self, medians: Sequence[float]) -> int:
        """How many more rounds make an interval, where there is to be one; else one, to make it narrower."""
        return max(1, min(self.least, FEWEST_ROUNDS) - len(medians))

    def expected(self, medians: Sequence[float], spread: float) -> tuple[int, ...]:
        """How many rounds this may come to in all, in three cases that are as likely as each other.

        Few rounds tell little of by how much rounds differ, so that a usual relative standard deviation of `spread`
        counts as two more of them. It is not what four rounds will show either, which decides.
        """
        if not self.wants_more(medians):
            return (len(medians),)
        freedom = max(0, len(medians) - 1)
        deviation = math.sqrt((freedom * spread_of(medians) ** 2 + _WEIGHT * spread**2) / (freedom + _WEIGHT))
        unknown = _WEIGHT / (freedom + _WEIGHT)
        return tuple(self._rounds(len(medians), deviation * shown**unknown) for shown in _SHOWN)

    def _rounds(self, done: int, deviation: float) -> int:
        rounds = max(self.least, done + 1)
        while rounds < self.most and not self._enough(rounds, deviation):
            rounds += 1
        return rounds

    def _enough(self, rounds: int, deviation: float) -> bool:
        return rounds >= FEWEST_ROUNDS and t_quantile(rounds - 1) * deviation / math.sqrt(rounds) <= self.target


def spread_of(medians: Sequence[float]) -> float:
    """The standard deviation of log medians; 0 of fewer than two, or where one is not positive."""
    if len(medians) < 2 or not all(0 < m < math.inf for m in medians):
        return 0.0
    # Note: statistics.stdev is exact, and so slow that a forecast over many jobs would take longer than some of them.
    logs = [math.log(m) for m in medians]
    mean = statistics.fmean(logs)
    return math.sqrt(statistics.fmean((x - mean) ** 2 for x in logs) * len(logs) / (len(logs) - 1))
