"""Rules for one pair of processes that took turns; sample i of x and of y are of one alternation."""

from __future__ import annotations

import math

from tests.bench.gate_score.rules import NONE, Array, Call, signed

_TANGO_SCORE = 2.6
_TANGO_LEAST = 0.005
_TACHOMETER_FIRST = 50


def tango(x: Array, y: Array) -> Call:
    """tango: the mean difference is 2.6 standard errors from zero and more than 0.5 % of the base."""
    d = y - x
    mean, error = float(d.mean()), float(d.std(ddof=1)) / math.sqrt(len(d))
    large = abs(mean / float(x.mean())) > _TANGO_LEAST
    evidence = mean / error if large and error else NONE
    return Call(signed(abs(mean) >= _TANGO_SCORE * error and large, mean), evidence=evidence)


def tachometer(x: Array, y: Array) -> Call:
    """tachometer: after 50 rounds, and after each further one, the 95 % interval of the change in means leaves out 0.

    It stops when the interval leaves out zero, so the interval that it reports is one that it chose by looking.
    """
    looks = range(min(_TACHOMETER_FIRST, len(x)), len(x) + 1)
    intervals = [_relative_interval(x[:count], y[:count]) for count in looks]
    evidence = max((high + low) / (high - low) if high > low else NONE for low, high in intervals)
    low, high = next(((low, high) for low, high in intervals if low > 0 or high < 0), intervals[-1])
    return Call(signed(low > 0 or high < 0, low), 1 + low, 1 + high, evidence=evidence)


def _relative_interval(x: Array, y: Array) -> tuple[float, float]:
    """Of mean(y) / mean(x) - 1, by the delta method and Student's t on the smaller side's freedom."""
    from scipy.special import stdtrit

    a, b = x.mean(), y.mean()
    variance = y.var(ddof=1) / len(y) / a**2 + x.var(ddof=1) / len(x) * b**2 / a**4
    half = float(stdtrit(min(len(x), len(y)) - 1, 0.975)) * math.sqrt(variance)
    change = float(b / a - 1)
    return change - half, change + half
