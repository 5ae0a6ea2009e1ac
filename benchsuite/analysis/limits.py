"""Limits: what this machine was measured to reach, and how near to it a job came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from benchsuite.analysis.estimate import Estimate, ratio
from benchsuite.analysis.summary import Summary
from benchsuite.records import Job, Work

FLOPS_WORKLOAD = "matmul"
BYTES_WORKLOAD = "memory-copy"


@dataclass(frozen=True)
class Ceiling:
    """The most of something per second that one job of the run reached, and what that job did in which time."""

    name: str
    job: Job
    amount: float
    time: Estimate

    @property
    def rate(self) -> Estimate:
        """FLOP/s or B/s."""
        return self.time.per(self.amount)

    def share(self, amount: float, time: Estimate) -> Estimate | None:
        """Part of this ceiling that doing `amount` in `time` reaches; both intervals count."""
        found = ratio(self.time, time)
        if found is None:
            return None
        scale = amount / self.amount
        low, high = (None if x is None else x * scale for x in (found.low, found.high))
        return Estimate(found.value * scale, low, high, found.rounds, found.samples)


@dataclass(frozen=True)
class Ceilings:
    """The ceilings of one run: FLOP/s by device kind and precision, B/s by device kind."""

    flops: Mapping[tuple[str, str], Ceiling] = field(default_factory=dict)
    bytes: Mapping[str, Ceiling] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """Attainable over measured time, as it is: above 1 where caches or the ceiling itself beat the estimate."""

    value: Estimate
    limiter: str
    attainable: float


def device_kind(job: Job) -> str:
    """Last part of the backend's name: `cpu`, `cuda`, ..."""
    return job.backend.rpartition("-")[2]


def ceilings(summaries: Iterable[Summary]) -> Ceilings:
    """Best `matmul` per device kind and precision, and best `memory-copy` per device kind in any precision."""
    flops: dict[tuple[str, str], Ceiling] = {}
    copies: dict[str, Ceiling] = {}
    for s in summaries:
        if s.pace is None or s.work is None:
            continue
        kind = device_kind(s.job)
        if s.job.case.workload == FLOPS_WORKLOAD and s.work.flops > 0:
            name = f"{FLOPS_WORKLOAD} {s.job.precision}"
            key = (kind, s.job.precision)
            flops[key] = _best(flops.get(key), Ceiling(name, s.job, s.work.flops, s.pace))
        elif s.job.case.workload == BYTES_WORKLOAD and s.work.bytes > 0:
            copies[kind] = _best(copies.get(kind), Ceiling(BYTES_WORKLOAD, s.job, s.work.bytes, s.pace))
    return Ceilings(flops, copies)


def share(summary: Summary, limits: Ceilings) -> Share | None:
    """How near the job came to what its work allows; None without work, a time, or a ceiling for all that it does.

    The attainable time is the longer of FLOPs / ceiling and bytes / ceiling (Williams et al., 2009: the roofline).
    """
    if summary.work is None or summary.pace is None:
        return None
    needed = _needed(summary.job, summary.work, limits)
    if not needed or any(ceiling is None for ceiling, _ in needed):
        return None
    known = [(ceiling, amount) for ceiling, amount in needed if ceiling is not None]
    limiter, amount = max(known, key=lambda pair: pair[1] / pair[0].rate.value)
    attainable = amount / limiter.rate.value
    if limiter.job.id == summary.job.id:
        value = Estimate(1.0, 1.0, 1.0, summary.pace.rounds, summary.pace.samples)
        return Share(value, limiter.name, attainable)
    found = limiter.share(amount, summary.pace)
    return None if found is None else Share(found, limiter.name, attainable)


def _needed(job: Job, work: Work, limits: Ceilings) -> list[tuple[Ceiling | None, float]]:
    kind = device_kind(job)
    needed = []
    if work.flops > 0:
        needed.append((limits.flops.get((kind, job.precision)), work.flops))
    if (moved := work.moved(job.precision)) > 0:
        needed.append((limits.bytes.get(kind), moved))
    return needed


def _best(known: Ceiling | None, found: Ceiling) -> Ceiling:
    return found if known is None or found.rate.value > known.rate.value else known
