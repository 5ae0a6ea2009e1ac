"""The clocks that a measurement reads; passed in, so that tests bring their own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchsuite.procfs import ROOT, text

try:
    import resource
except ImportError:  # Windows has no rusage

    def _involuntary() -> int:
        return 0
else:

    def _involuntary() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


# Reading /proc/stat takes the kernel longer the more processors there are: some 25 µs for two of them.
_MOST_CPUS = 64


def stolen_ticks(root: Path = ROOT) -> Callable[[], int]:
    """A function that says how many ticks the hypervisor took from this machine since it was last called.

    It is always 0 where there is no hypervisor, and where looking would take long.
    """
    if "hypervisor" not in (text(root / "proc/cpuinfo") or "") or (os.cpu_count() or 1) > _MOST_CPUS:
        return lambda: 0
    try:
        descriptor = os.open(root / "proc/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return lambda: 0

    def total() -> int:
        # cpu user nice system idle iowait irq softirq steal; guest columns may follow.
        words = os.pread(descriptor, 256, 0).split(maxsplit=9)
        return int(words[8]) if len(words) > 8 and words[8].isdigit() else 0

    last = total()

    def since() -> int:
        nonlocal last
        before, last = last, total()
        return last - before

    return since


@dataclass(frozen=True)
class Clock:
    """Wall and process CPU nanoseconds, involuntary context switches so far, and ticks stolen since last asked."""

    wall: Callable[[], int] = time.perf_counter_ns
    cpu: Callable[[], int] = time.process_time_ns
    involuntary: Callable[[], int] = _involuntary
    stolen: Callable[[], int] = field(default_factory=stolen_ticks)


def resolution(clock: Clock, reads: int = 1000) -> float:
    """Seconds: the smallest step that the wall clock was seen to make."""
    steps = []
    last = clock.wall()
    for _ in range(reads):
        now = clock.wall()
        if now > last:
            steps.append(now - last)
        last = now
    return min(steps, default=1) / 1e9
