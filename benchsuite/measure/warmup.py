"""Warm-up by evidence: run until two windows of samples agree, and say so where they never do.

Two windows of ten samples lie side by side. They agree where their medians differ, and where their common slope (the
median of the slopes between all pairs: Theil 1950, Sen 1968) drifts over a window, by no more than 0.5 % or the sum of
the medians' standard errors, whichever is larger. Agreement twice in a row, a window apart, is evidence.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WINDOW = 10
_CLOSE = 0.005
_TWICE = 2


@dataclass(frozen=True)
class WarmUp:
    """How it ended: samples spent, whether evidence was found, and the last difference between windows (relative)."""

    samples: tuple[float, ...]
    steady: bool
    difference: float

    @property
    def judged(self) -> bool:
        """Whether there was time for two windows at all."""
        return len(self.samples) >= 2 * WINDOW


def warm_up(take: Callable[[], float], now: Callable[[], float], seconds: float, least: int = 1) -> WarmUp:
    """Call `take`, which returns seconds per iteration, until steady; give up after `seconds` and `least` samples."""
    samples: list[float] = []
    start, agreed, difference = now(), 0, float("inf")
    while len(samples) < least or now() - start < seconds:
        samples.append(take())
        if len(samples) < 2 * WINDOW or (len(samples) - 2 * WINDOW) % WINDOW:
            continue
        difference, agree = _agreement(samples[-2 * WINDOW : -WINDOW], samples[-WINDOW:])
        agreed = agreed + 1 if agree else 0
        if agreed == _TWICE:
            return WarmUp(tuple(samples), True, difference)
    return WarmUp(tuple(samples), False, difference)


def _agreement(earlier: Sequence[float], later: Sequence[float]) -> tuple[float, bool]:
    before, after = statistics.median(earlier), statistics.median(later)
    difference = abs(after - before) / before if before else float("inf")
    error = _standard_error(earlier, before) + _standard_error(later, after)
    drift = abs(theil_sen((*earlier, *later))) * WINDOW / before if before else float("inf")
    # A drift is held against the same scatter as the medians: on a noisy machine 0.5 % of slope alone is never seen.
    limit = max(_CLOSE, error / before if before else 0.0)
    return difference, difference <= limit and drift <= limit


def _standard_error(window: Sequence[float], median: float) -> float:
    """Of the median, from the median absolute deviation: 1.4826 to a standard deviation, 1.2533 to that of a median."""
    deviation = statistics.median(abs(x - median) for x in window)
    return 1.4826 * 1.2533 * deviation / math.sqrt(len(window))


def theil_sen(samples: Sequence[float]) -> float:
    """The median of the slopes between all pairs, per sample."""
    count = len(samples)
    slopes = [(samples[j] - samples[i]) / (j - i) for i in range(count) for j in range(i + 1, count)]
    return statistics.median(slopes)
