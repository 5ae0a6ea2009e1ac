"""Ticks: round values between the ends of an axis."""

from __future__ import annotations

import math

_MOST = 10
_SLACK = 1e-9


def logarithmic(low: float, high: float, most: int = _MOST) -> tuple[float, ...]:
    """At 1, 2 and 5 of each decade where these are at most `most`, else at decades."""
    found = _steps(low, high, (1, 2, 5))
    return found if len(found) <= most else decades(low, high, most)


def decades(low: float, high: float, most: int = _MOST) -> tuple[float, ...]:
    """At powers of ten, or every second, third, ... of them, so that they are at most `most`."""
    found = _steps(low, high, (1,))
    return found[:: max(1, math.ceil(len(found) / most))]


def _steps(low: float, high: float, steps: tuple[int, ...]) -> tuple[float, ...]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [float(f"{step}e{power}") for power in powers for step in steps]
    return tuple(v for v in found if low * (1 - _SLACK) <= v <= high * (1 + _SLACK))


def linear(low: float, high: float, most: int = 7) -> tuple[float, ...]:
    """At multiples of 1, 2 or 5 times a power of ten, at most `most` of them."""
    if not high > low:
        return (low,)
    step = spacing(low, high, most)
    return tuple(step * k for k in range(math.ceil(low / step - _SLACK), math.floor(high / step + _SLACK) + 1))


def spacing(low: float, high: float, most: int = 7) -> float:
    """The distance between the ticks of a linear axis."""
    least = (high - low) / (most - 1)
    decade = 10.0 ** math.floor(math.log10(least))
    return next(step * decade for step in (1, 2, 5, 10) if step * decade >= least * (1 - _SLACK))
