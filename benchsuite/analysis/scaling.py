"""Scaling: how time grows along a swept axis, as the exponent of a power law."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchsuite.analysis.crossing import Crossing, Height, crossing
from benchsuite.analysis.estimate import Estimate, ratio, t_quantile
from benchsuite.analysis.summary import Summary
from benchsuite.records import Job

FEWEST_POINTS = 3
_LARGEST = 10**12
_SECONDS = 1e-12, 1e9


@dataclass(frozen=True)
class Point:
    """One job of a sweep: its place on the axis and its time."""

    n: int
    job: Job
    time: Estimate


@dataclass(frozen=True)
class Sweep:
    """Jobs that differ in one axis of numbers alone, in the order of that axis."""

    axis: str
    points: tuple[Point, ...]

    @property
    def job(self) -> Job:
        """The first of them: what they share is all but its place on the axis."""
        return self.points[0].job


@dataclass(frozen=True)
class Step:
    """The exponent between two neighbours on the axis."""

    low: int
    high: int
    exponent: Estimate


def latency(summary: Summary) -> Estimate | None:
    """Seconds of an iteration that is waited for, else of one back to back; None where that is no time."""
    found = summary.estimates.get("time/latency") or summary.estimates.get("time/throughput")
    return found if found is not None and is_time(found) else None


def is_time(item: Estimate) -> bool:
    """Whether a value and its interval are times that something can take: from a picosecond to 30 years."""
    ends = item.value if item.low is None else item.low, item.value if item.high is None else item.high
    return (item.low is None) == (item.high is None) and _SECONDS[0] <= ends[0] <= item.value <= ends[1] <= _SECONDS[1]


def sweeps(
    summaries: Iterable[Summary],
    pick: Callable[[Summary], Estimate | None] = latency,
    fewest: int = FEWEST_POINTS,
) -> tuple[Sweep, ...]:
    """Every sweep over `fewest` values or more among `summaries`, in the order in which their first jobs appear.

    A job may belong to several. Values from 1 on count, since a logarithm is to be taken of them.
    """
    found: dict[tuple[object, ...], dict[int, Point]] = {}
    for summary in summaries:
        job, time = summary.job, pick(summary)
        if time is None:
            continue
        for axis, value in job.case.axes.items():
            if isinstance(value, int) and 1 <= value <= _LARGEST:
                found.setdefault(_key(job, axis), {})[value] = Point(value, job, time)
    return tuple(
        Sweep(str(key[0]), tuple(points[n] for n in sorted(points)))
        for key, points in found.items()
        if len(points) >= fewest
    )


def _key(job: Job, axis: str) -> tuple[object, ...]:
    others = tuple(item for item in job.case.axes.items() if item[0] != axis)
    return (axis, job.case.workload, others, job.backend, job.precision, job.threads)


def exponent(points: Sequence[Point]) -> Estimate | None:
    """The exponent p of time = c n^p, by least squares on logarithms; None below three points or two values of n.

    Points have equal weights. Four rounds tell a point's own error to a factor of two at best, and how far times lie
    from any power law (caches, tiles) is most of the error: weights would let the point that repeats best decide
    where the line lies. The interval is the wider of two: Student's t on the residuals, which hold misfit and noise
    alike but may be small by chance where they are few, and what the points' own errors come to.
    """
    xs, ys = [math.log(p.n) for p in points], [math.log(p.time.value) for p in points]
    if len(points) < FEWEST_POINTS or len(set(xs)) < 2:
        return None
    slope, intercept = statistics.linear_regression(xs, ys)
    middle = statistics.fmean(xs)
    square = math.fsum((x - middle) ** 2 for x in xs)
    freedom = len(points) - 2
    misfit = math.fsum((y - intercept - slope * x) ** 2 for x, y in zip(xs, ys, strict=True)) / freedom
    half = t_quantile(freedom) * math.sqrt(misfit / square)
    own = _own_half_width([((x - middle) / square, p.time) for x, p in zip(xs, points, strict=True)])
    half = max(half, own or 0.0)
    rounds, samples = min(p.time.rounds for p in points), sum(p.time.samples for p in points)
    return Estimate(slope, slope - half, slope + half, rounds, samples)


def _own_half_width(terms: Sequence[tuple[float, Estimate]]) -> float | None:
    """Of a weighted sum of logarithms of independent times, by Satterthwaite's degrees of freedom (1946)."""
    variance, fourth = 0.0, 0.0
    for weight, time in terms:
        half = time.relative_half_width
        if half is None or time.rounds < 2:
            return None
        part = (weight * half / t_quantile(time.rounds - 1)) ** 2
        variance += part
        fourth += part**2 / (time.rounds - 1)
    return t_quantile(variance**2 / fourth) * math.sqrt(variance) if fourth > 0 else 0.0


def steps(points: Sequence[Point]) -> tuple[Step, ...]:
    """The exponent between each two neighbours, with the interval of the ratio of their times."""
    return tuple(
        Step(a.n, b.n, scaled) for a, b in pairwise(points) if a.n < b.n and (scaled := between(a, b)) is not None
    )


def between(a: Point, b: Point) -> Estimate | None:
    """The exponent from one point to another at a greater n, with the interval of the ratio of their times."""
    found, distance = ratio(b.time, a.time), math.log(b.n / a.n)
    if found is None:
        return None
    value, low, high = (None if x is None else math.log(x) / distance for x in (found.value, found.low, found.high))
    assert value is not None
    return Estimate(value, low, high, found.rounds, found.samples)


def reaching(points: Sequence[Point], size: float) -> Crossing:
    """From which n on time grows with an exponent of `size` or more; `at` and its interval are values of n.

    The exponent between two neighbours stands at their geometric mean. For time = b n + c n^2 it is 1.5 just where
    both terms are equal, so that there the square overtakes.

    Note: a fit of a + b n + c n^2 would take for a square what is the misfit of one constant rate to four to seven
    points, small ones slower for reasons of their own.
    """
    found = crossing([_height(step, size) for step in steps(points)])
    at, low, high, surely = (
        None if x is None else math.exp(x) for x in (found.at, found.low, found.high, found.surely_from)
    )
    return Crossing(found.outcome, at, low, high, surely)


def _height(step: Step, size: float) -> Height:
    return Height((math.log(step.low) + math.log(step.high)) / 2, step.exponent.value - size, step.exponent.half_width)
