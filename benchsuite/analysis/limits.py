"""Limits: what this machine was measured to reach, and how near to it a job came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from benchsuite.analysis.estimate import Estimate, ratio
from benchsuite.analysis.summary import Summary
from benchsuite.records import Job, Work

Resource = Literal["FLOP", "B", "launch"]
Key = TypeVar("Key")

FLOPS_WORKLOAD = "matmul"
MEMORY_WORKLOADS = ("memory-copy", "memory-read")
LAUNCH_WORKLOAD = "launch"
OWN_WORKLOADS = ("transfer-to-device", "transfer-from-device", "disk-read")
"""Ceilings of a path that other jobs do not take: theirs is a share of themselves."""


@dataclass(frozen=True)
class Ceiling:
    """The most of a resource per second that one job of the run reached, and how much of it that job used in a time."""

    name: str
    resource: Resource
    job: Job
    amount: float
    time: Estimate

    @property
    def rate(self) -> Estimate:
        """FLOP/s, B/s or launches/s."""
        return self.time.per(self.amount)

    def share(self, amount: float, time: Estimate) -> Estimate | None:
        """Part of this ceiling that using `amount` in `time` reaches; both intervals count."""
        found = ratio(self.time, time)
        if found is None:
            return None
        scale = amount / self.amount
        low, high = (None if x is None else x * scale for x in (found.low, found.high))
        return Estimate(found.value * scale, low, high, found.rounds, found.samples)


@dataclass(frozen=True)
class Ceilings:
    """The ceilings of one run: `best` is the fastest job of each (device kind, name), in the order of reading.

    What limits other jobs is chosen from it: FLOP/s by device kind and precision, B/s of memory by device kind, be it
    copied or read, and launches/s by device kind.
    """

    best: Mapping[tuple[str, str], Ceiling] = field(default_factory=dict)
    flops: Mapping[tuple[str, str], Ceiling] = field(default_factory=dict)
    bytes: Mapping[str, Ceiling] = field(default_factory=dict)
    launches: Mapping[str, Ceiling] = field(default_factory=dict)


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
    """What the run's own ceiling workloads reached, the fastest of their sizes and backends."""
    every = sorted(filter(None, map(_ceiling, summaries)), key=_reading_order)
    return Ceilings(
        _fastest(every, lambda c: (device_kind(c.job), c.name)),
        _fastest((c for c in every if c.resource == "FLOP"), lambda c: (device_kind(c.job), c.job.precision)),
        _fastest((c for c in every if c.name in MEMORY_WORKLOADS), lambda c: device_kind(c.job)),
        _fastest((c for c in every if c.resource == "launch"), lambda c: device_kind(c.job)),
    )


def _fastest(found: Iterable[Ceiling], key: Callable[[Ceiling], Key]) -> dict[Key, Ceiling]:
    best: dict[Key, Ceiling] = {}
    for ceiling in found:
        known = best.setdefault(key(ceiling), ceiling)
        if ceiling.rate.value > known.rate.value:
            best[key(ceiling)] = ceiling
    return best


def _ceiling(summary: Summary) -> Ceiling | None:
    """The job as a ceiling; None where it is none, or used nothing."""
    job, work, pace = summary.job, summary.work, summary.pace
    name = _ceiling_name(job)
    if name is None or work is None or pace is None:
        return None
    resource: Resource = "B"
    amount = work.moved(job.precision)
    if job.case.workload == FLOPS_WORKLOAD:
        resource, amount = "FLOP", work.flops
    elif job.case.workload == LAUNCH_WORKLOAD:
        resource, amount = "launch", work.launches
    return Ceiling(name, resource, job, amount, pace) if amount > 0 and pace.value > 0 else None


def _ceiling_name(job: Job) -> str | None:
    workload = job.case.workload
    if workload == FLOPS_WORKLOAD:
        return f"{workload} {job.precision}"
    if workload in OWN_WORKLOADS:
        return " ".join([workload, *(value for value in job.case.axes.values() if isinstance(value, str))])
    return workload if workload in (*MEMORY_WORKLOADS, LAUNCH_WORKLOAD) else None


def _reading_order(ceiling: Ceiling) -> tuple[object, ...]:
    """Host before device; of each arithmetic, memory, launching, then the rest."""
    kind, families = device_kind(ceiling.job), (FLOPS_WORKLOAD, *MEMORY_WORKLOADS, LAUNCH_WORKLOAD, *OWN_WORKLOADS)
    return kind != "cpu", kind, families.index(ceiling.job.case.workload), ceiling.name


def share(summary: Summary, limits: Ceilings) -> Share | None:
    """How near the job came to what its work allows; None without work, a time, or a ceiling for all that it does.

    The attainable time is the longest of FLOPs / ceiling, bytes / ceiling (Williams et al., 2009: the roofline), and
    launches x launch latency where that was measured.
    """
    if summary.work is None or summary.pace is None:
        return None
    needed = _needed(summary, summary.work, limits)
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


def _needed(summary: Summary, work: Work, limits: Ceilings) -> list[tuple[Ceiling | None, float]]:
    job, kind = summary.job, device_kind(summary.job)
    moved = work.moved(job.precision)
    if job.case.workload in (LAUNCH_WORKLOAD, *OWN_WORKLOADS):
        own = _ceiling(summary)
        return [(limits.best.get((kind, own.name)), own.amount)] if own else []
    needed: list[tuple[Ceiling | None, float]] = []
    if work.flops > 0:
        needed.append((limits.flops.get((kind, job.precision)), work.flops))
    if moved > 0:
        needed.append((limits.bytes.get(kind), moved))
    # A launch is microseconds where most jobs are milliseconds: where it was not measured, the others still tell.
    launch = limits.launches.get(kind)
    if work.launches > 0 and needed and launch is not None:
        needed.append((launch, work.launches))
    return needed
