"""Crossover: from which size on one place to compute beats another, and after how many runs preparing pays off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from benchsuite.analysis.crossing import Crossing, Height, Outcome, crossing
from benchsuite.analysis.estimate import Estimate, ratio
from benchsuite.analysis.limits import Ceilings, device_kind
from benchsuite.analysis.scaling import Point, Sweep, latency, sweeps
from benchsuite.analysis.summary import Summary
from benchsuite.analysis.transfer import combined, moving

Transfer = Literal["included", "not known"]


@dataclass(frozen=True)
class BreakEven:
    """Where the second of two series becomes the faster one, for good as far as was measured.

    `from` has a place `at` with its interval; `always` and `never` hold at each of `places`, surely. With `cannot tell`
    there may still be a place without an interval, and `surely_from` is the first point from which on it is surely
    faster.
    """

    outcome: Outcome
    at: Estimate | None
    surely_from: int | None
    places: tuple[int, ...]


@dataclass(frozen=True)
class Overtaking:
    """The fastest of the CPU's backends against the fastest of an accelerator's, at each value of an axis.

    `transfer` says whether the accelerator's times include moving inputs there and outputs back; launching is part of
    them in any case.
    """

    axis: str
    kind: str
    cpu: tuple[Point, ...]
    accelerator: tuple[Point, ...]
    transfer: Transfer
    break_even: BreakEven


@dataclass(frozen=True)
class PayOff:
    """After how many runs a backend that prepares at length has cost less than one that does not.

    `after` has the number with its interval; `at once` is from the first run on, `never` where its runs are surely not
    faster. `runs` may stand with `cannot tell` too, where runs seem to be faster but are not surely.
    """

    outcome: Literal["after", "at once", "never", "cannot tell"]
    runs: Estimate | None = None


def break_even(a: Sequence[Point], b: Sequence[Point]) -> BreakEven | None:
    """Where `b` becomes faster than `a`, which are in the order of n; None where they have no n in common.

    The logarithm of the ratio of times is interpolated on log n. The interval is analytic: Welch's at each point
    (`ratio`) and between two points as `crossing` says.
    """
    there = {p.n: p.time for p in b}
    both = [(p.n, ratio(p.time, there[p.n])) for p in a if p.n in there]
    gains = [(n, gain) for n, gain in both if gain is not None]
    if not gains:
        return None
    found = crossing([Height(math.log(n), math.log(g.value), g.relative_half_width) for n, g in gains])
    rounds, samples = min(g.rounds for _, g in gains), sum(g.samples for _, g in gains)
    surely = None if found.surely_from is None else round(math.exp(found.surely_from))
    return BreakEven(found.outcome, _place(found, rounds, samples), surely, tuple(n for n, _ in gains))


def _place(found: Crossing, rounds: int, samples: int) -> Estimate | None:
    if found.at is None:
        return None
    low, high = (None if x is None else math.exp(x) for x in (found.low, found.high))
    return Estimate(math.exp(found.at), low, high, rounds, samples)


def overtakings(summaries: Iterable[Summary], limits: Ceilings, fewest: int = 2) -> tuple[Overtaking, ...]:
    """Every swept axis that the CPU and an accelerator have `fewest` values of in common, in one precision."""
    groups: dict[tuple[object, ...], list[Sweep]] = {}
    for sweep in sweeps(summaries, latency, fewest):
        groups.setdefault(_shared(sweep), []).append(sweep)
    found = []
    for members in groups.values():
        kinds = dict.fromkeys(device_kind(sweep.job) for sweep in members)
        cpu = _fastest([p for s in members if device_kind(s.job) == "cpu" for p in s.points])
        for kind in (k for k in kinds if k != "cpu"):
            there, transfer = _with_transfer([s for s in members if device_kind(s.job) == kind], limits)
            place = break_even(cpu, there)
            if place is not None and len(place.places) >= fewest:
                found.append(Overtaking(members[0].axis, kind, cpu, there, transfer, place))
    return tuple(found)


def _shared(sweep: Sweep) -> tuple[object, ...]:
    job = sweep.job
    others = tuple(item for item in job.case.axes.items() if item[0] != sweep.axis)
    return (sweep.axis, job.case.workload, others, job.precision)


def _fastest(points: Iterable[Point]) -> tuple[Point, ...]:
    best: dict[int, Point] = {}
    for point in points:
        if point.n not in best or point.time.value < best[point.n].time.value:
            best[point.n] = point
    return tuple(best[n] for n in sorted(best))


def _with_transfer(members: Sequence[Sweep], limits: Ceilings) -> tuple[tuple[Point, ...], Transfer]:
    """The fastest points of an accelerator, each with the time to move what it needs where that is known of all."""
    points = _fastest(p for sweep in members for p in sweep.points)
    extra = [moving(p.job, limits) for p in points]
    known = [x for x in extra if x is not None]
    if len(known) < len(points):
        return points, "not known"
    moved = (Point(p.n, p.job, combined(p.time, x, 1)) for p, x in zip(points, known, strict=True))
    return tuple(moved), "included"


def pay_off(plain: Summary, prepared: Summary) -> PayOff | None:
    """Runs after which the longer preparation of `prepared` is won back; None where times of either are missing.

    Preparation is that of an empty cache, so that it was timed once or a few times: unless there are rounds enough, the
    interval is of the gain of a run alone (`combined`).
    """
    a, b, costs = latency(plain), latency(prepared), _preparation(prepared)
    if a is None or b is None or costs is None:
        return None
    before = plain.estimates.get("time/prepare")
    extra = costs if before is None else combined(costs, before, -1)
    gain = combined(a, b, -1)
    if gain.low is None or gain.high is None:
        return PayOff("cannot tell", _runs(extra, gain))
    if gain.high <= 0:
        return PayOff("never")
    if gain.low <= 0:
        return PayOff("cannot tell", _runs(extra, gain))
    runs = _runs(extra, gain)
    return PayOff("at once") if runs is None else PayOff("after", runs)


def _preparation(summary: Summary) -> Estimate | None:
    return summary.prepared.get("cold")


def _runs(extra: Estimate, gain: Estimate) -> Estimate | None:
    if extra.value <= 0 or gain.value <= 0:
        return None
    found = ratio(extra, gain)
    if found is None or found.low is not None or gain.low is None or gain.low <= 0:
        return found
    return gain.per(extra.value)
