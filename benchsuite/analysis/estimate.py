"""Estimates: a value and an interval from the medians of rounds, the only independent repeats there are."""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
FEWEST_ROUNDS = 4
POWER_QUANTILE = 0.8416  # of the normal distribution, at 80 %


@dataclass(frozen=True)
class Estimate:
    """A value in base units with its 95 % interval, None where there are too few rounds for one."""

    value: float
    low: float | None
    high: float | None
    rounds: int
    samples: int

    @property
    def relative_half_width(self) -> float | None:
        """Half the interval on the logarithmic scale, where it is symmetric: 0.01 is about +-1 %; only above 0."""
        if self.low is None or self.high is None or self.low <= 0:
            return None
        return math.log(self.high / self.low) / 2

    @property
    def half_width(self) -> float | None:
        """Half the interval in base units."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    def per(self, amount: float) -> Estimate:
        """Rate `amount / value`, for a positive value; the ends of the interval change places."""
        low = None if self.high is None else amount / self.high
        high = None if self.low is None else amount / self.low
        return Estimate(amount / self.value, low, high, self.rounds, self.samples)


def estimate(medians: Sequence[float], samples: int) -> Estimate:
    """exp(mean of log medians) of one or more rounds, with a t interval on rounds - 1 degrees of freedom.

    Where a median is zero (a peak of 0 B) the plain mean stands in, without an interval.
    """
    assert medians
    if min(medians) <= 0:
        return Estimate(math.fsum(m / len(medians) for m in medians), None, None, len(medians), samples)
    center = statistics.fmean(map(math.log, medians))
    low, high = _around(center, relative_half_width(medians))
    return Estimate(math.exp(center), low, high, len(medians), samples)


def relative_half_width(medians: Sequence[float]) -> float | None:
    """Half-width of the 95 % interval of the mean log median; None below 4 rounds or where one is not positive."""
    rounds = len(medians)
    if rounds < FEWEST_ROUNDS or not all(0 < m < math.inf for m in medians):
        return None
    logs = [math.log(m) for m in medians]
    return t_quantile(rounds - 1) * statistics.stdev(logs) / math.sqrt(rounds)


def ratio(over: Estimate, under: Estimate) -> Estimate | None:
    """`over / under` with Welch's interval on log medians (Welch, 1947); None where either is not positive.

    Rounds shared by both sides make this wider than need be, never narrower: what a round does to one job it tends to
    do to the other.
    """
    if over.value <= 0 or under.value <= 0:
        return None
    low, high = _around(math.log(over.value) - math.log(under.value), _welch(over, under))
    return Estimate(over.value / under.value, low, high, min(over.rounds, under.rounds), over.samples + under.samples)


def _around(center: float, half: float | None) -> tuple[float, float] | tuple[None, None]:
    # An end beyond e^600 comes of a damaged file, and math.exp raises soon after.
    if half is None or abs(center) + half > 600:
        return None, None
    return math.exp(center - half), math.exp(center + half)


def _welch(a: Estimate, b: Estimate) -> float | None:
    errors = [_standard_error(a), _standard_error(b)]
    if errors[0] is None or errors[1] is None:
        return None
    variance = errors[0] ** 2 + errors[1] ** 2
    if variance == 0:
        return 0.0
    freedom = variance**2 / (errors[0] ** 4 / (a.rounds - 1) + errors[1] ** 4 / (b.rounds - 1))
    return t_quantile(freedom) * math.sqrt(variance)


def _standard_error(item: Estimate) -> float | None:
    half = item.relative_half_width
    return None if half is None else half / t_quantile(item.rounds - 1)


@functools.cache
def t_quantile(freedom: float, confidence: float = CONFIDENCE) -> float:
    """Two-sided quantile of Student's t: the middle `confidence` of it lies between minus and plus this."""
    # scipy.special loads in a tenth of the time of scipy.stats, and a stopping rule asks in the middle of a run.
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + confidence) / 2))


def seen_from(freedom: float, level: float, power: float = POWER_QUANTILE) -> float:
    """Standard errors beyond its limit at which a one-sided t test at `level` sees a change four times in five.

    Or as often as a normal variable is below `power`. The noncentral t in the normal approximation of Johnson and Welch
    (1940).
    """
    critical = t_quantile(freedom, 1 - 2 * level)
    return critical * (1 - 1 / (4 * freedom)) + power * math.sqrt(1 + critical**2 / (2 * freedom))
