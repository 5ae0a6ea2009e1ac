"""Where a measured curve rises through zero: at which place, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Outcome = Literal["from", "always", "never", "cannot tell"]
_HALVINGS = 60


@dataclass(frozen=True)
class Height:
    """A point of a curve: its place, its height, and half of the height's 95 % interval, None where there is none."""

    x: float
    y: float
    half: float | None

    @property
    def sign(self) -> int:
        """1 where it lies surely above zero, -1 where surely below, 0 where that is not to be told."""
        if self.half is None:
            return 0
        return (self.y > self.half) - (self.y < -self.half)


@dataclass(frozen=True)
class Crossing:
    """`from` has a place with a 95 % interval; `always` and `never` are for every point, surely.

    `surely_from` is the first point from which on every one lies surely above zero.
    """

    outcome: Outcome
    at: float | None = None
    low: float | None = None
    high: float | None = None
    surely_from: float | None = None


def crossing(heights: Sequence[Height]) -> Crossing:
    """Where the line through `heights`, which come in the order of x, rises through zero to stay above it.

    The interval holds every place at which the line may be zero: between two points the height is interpolated and so
    are the errors, which are independent. Where both neighbours are sure that is Fieller's interval (Fieller 1954).
    """
    signs = [h.sign for h in heights]
    surely_from = _surely_from(heights, signs)
    if signs and len(set(signs)) == 1 and signs[0]:
        return Crossing("always" if signs[0] > 0 else "never", surely_from=surely_from)
    sure = [s for s in signs if s]
    if not (sure and sure[0] < 0 < sure[-1] and sure == sorted(sure)) or any(h.half is None for h in heights):
        return Crossing("cannot tell", _passing(heights), surely_from=surely_from)
    last = max(i for i, s in enumerate(signs) if s < 0)
    first = signs.index(1)
    return Crossing(
        "from",
        _passing(heights[last : first + 1]),
        _root(heights[last], heights[last + 1], lambda y, half: y + half),
        _root(heights[first - 1], heights[first], lambda y, half: y - half),
        surely_from,
    )


def _surely_from(heights: Sequence[Height], signs: Sequence[int]) -> float | None:
    above = 0
    for sign in reversed(signs):
        if sign <= 0:
            break
        above += 1
    return heights[-above].x if above else None


def _passing(heights: Sequence[Height]) -> float | None:
    """Where the interpolated height last rises through zero, None where it never does or falls again."""
    at = None
    for left, right in pairwise(heights):
        if left.y <= 0 < right.y:
            at = left.x + (right.x - left.x) * left.y / (left.y - right.y)
        elif right.y <= 0 < left.y:
            at = None
    return at


def _root(left: Height, right: Height, edge: Callable[[float, float], float]) -> float:
    """Where an edge of the interpolated interval is zero, which it is once between its ends of different signs."""
    assert left.half is not None
    assert right.half is not None
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        y = (1 - middle) * left.y + middle * right.y
        half = math.hypot((1 - middle) * left.half, middle * right.half)
        if edge(y, half) <= 0:
            low = middle
        else:
            high = middle
    return left.x + low * (right.x - left.x)
