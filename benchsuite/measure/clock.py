"""The clocks that a measurement reads; passed in, so that tests bring their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows has no rusage

    def _involuntary() -> int:
        return 0
else:

    def _involuntary() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


@dataclass(frozen=True)
class Clock:
    """Wall and process CPU time in nanoseconds, and the process's involuntary context switches so far."""

    wall: Callable[[], int] = time.perf_counter_ns
    cpu: Callable[[], int] = time.process_time_ns
    involuntary: Callable[[], int] = _involuntary


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
