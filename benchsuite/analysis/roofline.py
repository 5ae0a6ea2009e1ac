"""Roofline: what a job computes for each byte it moves, at which rate, and under which roof (Williams et al. 2009)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from benchsuite.analysis.estimate import Estimate, ratio
from benchsuite.analysis.limits import Ceiling, Ceilings, device_kind
from benchsuite.analysis.summary import Summary


@dataclass(frozen=True)
class Roof:
    """The two ceilings over a device's jobs of one precision: FLOP/s, and B/s times intensity."""

    kind: str
    precision: str
    flops: Ceiling
    bytes: Ceiling

    @property
    def ridge(self) -> Estimate | None:
        """FLOP/B at which both are equal: below it memory binds, above it arithmetic."""
        seconds = ratio(self.bytes.time, self.flops.time)
        return None if seconds is None else _times(seconds, self.flops.amount / self.bytes.amount)

    def at(self, intensity: float) -> float:
        """FLOP/s that can be reached at an intensity in FLOP/B."""
        return min(self.flops.rate.value, self.bytes.rate.value * intensity)


@dataclass(frozen=True)
class Placed:
    """A job on the plane: FLOP/B, counted, and FLOP/s, measured."""

    summary: Summary
    kind: str
    precision: str
    intensity: float
    rate: Estimate


def roofs(limits: Ceilings) -> tuple[Roof, ...]:
    """The roof of every device and precision of which arithmetic and memory were measured."""
    return tuple(
        Roof(kind, precision, flops, limits.bytes[kind])
        for (kind, precision), flops in limits.flops.items()
        if kind in limits.bytes
    )


def placed(summary: Summary) -> Placed | None:
    """The job's place; None where it has no time, or its operations or bytes were not counted."""
    job, work, pace = summary.job, summary.work, summary.pace
    if work is None or pace is None or not 0 < pace.value < math.inf:
        return None
    moved = work.moved(job.precision)
    if not (0 < work.flops < math.inf and 0 < moved < math.inf):
        return None
    return Placed(summary, device_kind(job), job.precision, work.flops / moved, pace.per(work.flops))


def places(summaries: Iterable[Summary]) -> tuple[Placed, ...]:
    """Those of `summaries` that have a place, in their order."""
    return tuple(filter(None, map(placed, summaries)))


def _times(item: Estimate, by: float) -> Estimate:
    low, high = (None if x is None else x * by for x in (item.low, item.high))
    return Estimate(item.value * by, low, high, item.rounds, item.samples)
