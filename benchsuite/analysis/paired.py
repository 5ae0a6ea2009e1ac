"""Replicated pairs: each value is the log-ratio of one fresh pair of processes, and the values are the only n.

Within a pair two live processes alternate short samples A B B A, so that what the machine does to one it does to the
other, and a steady drift cancels. Between pairs layouts and hash seeds are drawn anew.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.analysis.estimate import POWER_QUANTILE, seen_from, t_quantile

FEWEST_PAIRS = 4
_TRIMMED_FROM = 6
_LARGEST = 600.0


def log_ratio(base: Sequence[float], candidate: Sequence[float]) -> float:
    """The median over blocks A B B A of log(candidate / base); two samples a side and block, in order, all positive."""
    blocks = min(len(base), len(candidate)) // 2
    assert blocks, "a block is two samples on each side"
    logs = [
        (math.log(candidate[i]) + math.log(candidate[i + 1]) - math.log(base[i]) - math.log(base[i + 1])) / 2
        for i in range(0, 2 * blocks, 2)
    ]
    return statistics.median(logs)


@dataclass(frozen=True)
class Paired:
    """The middle of `count` log-ratios, its standard error, and the degrees of freedom of that."""

    center: float
    error: float
    freedom: int
    count: int

    @property
    def ratio(self) -> float:
        """Candidate over base."""
        return _exp(self.center)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Two-sided interval of the ratio."""
        half = t_quantile(self.freedom, confidence) * self.error
        return _exp(self.center - half), _exp(self.center + half)

    def lower(self, level: float) -> float:
        """The ratio that the true one is above, but for a chance of `level`."""
        return self.interval(1 - 2 * level)[0]

    def upper(self, level: float) -> float:
        """The ratio that the true one is below, but for a chance of `level`."""
        return self.interval(1 - 2 * level)[1]

    def smallest(self, level: float, tolerance: float, power: float = POWER_QUANTILE) -> float:
        """The relative change that a one-sided test at `level` against 1 + `tolerance` sees four times in five.

        Or so often as `power` says, a quantile of the normal distribution.
        """
        return _exp(math.log1p(tolerance) + seen_from(self.freedom, level, power) * self.error) - 1


def _exp(x: float) -> float:
    # What is beyond comes of a damaged file.
    return math.exp(max(-_LARGEST, min(_LARGEST, x)))


def paired(values: Sequence[float]) -> Paired | None:
    """Location of log-ratios: from six on without the lowest and the highest (Yuen 1974); None below four.

    The standard error of the trimmed mean comes from the winsorized deviations, with the freedom of what is left. A
    neighbour that disturbs one pair in ten would else widen the interval of all.
    """
    count = len(values)
    if count < FEWEST_PAIRS or not all(map(math.isfinite, values)):
        return None
    if count < _TRIMMED_FROM:
        return Paired(statistics.fmean(values), statistics.stdev(values) / math.sqrt(count), count - 1, count)
    kept = sorted(values)[1:-1]
    spread = statistics.variance([kept[0], *kept, kept[-1]]) * (count - 1)
    error = math.sqrt(spread / (len(kept) * (len(kept) - 1)))
    return Paired(statistics.fmean(kept), error, len(kept) - 1, count)
