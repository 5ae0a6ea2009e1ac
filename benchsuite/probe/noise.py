"""A noise probe: how steady this machine is right now, seen by timing the same short work over and over."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchsuite import units
from benchsuite.procfs import ROOT, ProcessorTime, pressure_seconds, processor_time

_FEWEST_SAMPLES = 10
_BLOCKS = 10
_CHUNK = bytes(2**16)
# A median absolute deviation times this is a standard deviation, if the deviations are normal.
_TO_DEVIATION = 1.4826


@dataclass(frozen=True)
class Noise:
    """What the probe saw; ratios. A share is of the time of all usable processors, None where the system has no count.

    `pressure_share` is of the probe's time: while some task of the machine waited for a processor.

    `variation` is standard deviation by mean of single samples, `spread` the same without being moved by outliers,
    `drift` that of the medians of consecutive blocks: what more samples in one run do not average out.
    """

    samples: int
    variation: float
    spread: float
    drift: float
    steal_share: float | None = None
    foreign_share: float | None = None
    pressure_share: float | None = None

    @property
    def expected(self) -> float:
        """Half the width that nineteen of twenty short runs should fall in, if nothing varies but what was seen."""
        return 2 * self.drift


def noise(
    seconds: float = 1.0,
    *,
    clock: Callable[[], float] = time.perf_counter,
    cpu_clock: Callable[[], float] = time.process_time,
    spin: Callable[[], object] | None = None,
    root: Path = ROOT,
) -> Noise:
    """Time `spin` for about `seconds`, by default a hash of about 2 ms on one processor."""
    cpus = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    work = _spin if spin is None else spin
    work()  # The first call alone would pay for a clock that is still low.
    before, own, waited = processor_time(root, cpus), cpu_clock(), pressure_seconds(root, "cpu")
    samples = _samples(seconds, clock, work)
    own, after, waited_after = cpu_clock() - own, processor_time(root, cpus), pressure_seconds(root, "cpu")
    steal, foreign = _shares(before, after, own)
    pressed = None if waited is None or waited_after is None else (waited_after - waited) / sum(samples)
    return dataclasses.replace(
        summary(samples), steal_share=steal, foreign_share=foreign, pressure_share=pressed and max(0.0, pressed)
    )


def summary(samples: list[float]) -> Noise:
    """The noise of at least two samples in the order they were taken."""
    middle = statistics.median(samples)
    absolute = statistics.median(abs(sample - middle) for sample in samples)
    size = max(1, len(samples) // _BLOCKS)
    blocks = [statistics.median(samples[i : i + size]) for i in range(0, len(samples) - size + 1, size)]
    return Noise(
        samples=len(samples),
        variation=statistics.stdev(samples) / statistics.fmean(samples),
        spread=_TO_DEVIATION * absolute / middle,
        drift=statistics.stdev(blocks) / middle,
    )


def sentence(seen: Noise) -> str:
    """One plain sentence on what can be seen on this machine now."""
    # Nothing is said of less than half a percent, which a second of one thread's time cannot tell.
    width = max(seen.expected, 0.005)
    words = (
        f"expect at least about ±{units.percent(width)} between runs: "
        f"a {units.percent(width / 2)} change cannot be seen here without `benchsuite duet`"
    )
    causes = []
    if seen.steal_share is not None and seen.steal_share > 0.02:
        causes.append(f"the hypervisor took {units.percent(seen.steal_share)} of the processors' time")
    if seen.foreign_share is not None and seen.foreign_share > 0.05:
        causes.append(f"other processes used {units.percent(seen.foreign_share)} of the processors' time")
    if seen.pressure_share is not None and seen.pressure_share > 0.1:
        causes.append(f"tasks waited for a processor {units.percent(min(1.0, seen.pressure_share))} of the time")
    return f"{words} ({', '.join(causes)})" if causes else words


def _samples(seconds: float, clock: Callable[[], float], work: Callable[[], object]) -> list[float]:
    samples: list[float] = []
    start = now = clock()
    while now - start < seconds or len(samples) < _FEWEST_SAMPLES:
        work()
        earlier, now = now, clock()
        samples.append(now - earlier)
    return samples


def _shares(before: ProcessorTime | None, after: ProcessorTime | None, own: float) -> tuple[float | None, float | None]:
    """Stolen and foreign time by all the processors' time between two readings."""
    if before is None or after is None:
        return None, None
    busy, steal = after.busy - before.busy, after.steal - before.steal
    total = busy + steal + after.idle - before.idle
    if total <= 0:
        return None, None
    return max(0.0, steal / total), max(0.0, (busy - own) / total)


def _spin() -> None:
    digest = hashlib.sha256()
    for _ in range(32):
        digest.update(_CHUNK)
