"""What clocks, heat, power and neighbours do while a worker measures: read by the parent, ten times a second.

Only what is there to be read is read. Of an accelerator that is NVIDIA's library (NVML); of processors the frequency
files of Linux. Where there is neither no thread is started.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from benchsuite.nvml import Nvml
from benchsuite.procfs import ROOT, number

PERIOD_SECONDS = 0.1
# More processors than this would take longer to read than it is worth: clocks are shared by packages and domains.
_MOST_CPUS = 16


@dataclass(frozen=True)
class Reading:
    """The state of one device at a moment, `at` seconds of the monotonic clock; None where the driver does not say.

    `reasons` are the bits in which NVML says why a clock is not higher. `foreign` counts processes on the accelerator
    that are not ours.
    """

    at: float
    clock_hertz: float | None = None
    memory_clock_hertz: float | None = None
    celsius: float | None = None
    watts: float | None = None
    reasons: int = 0
    foreign: int = 0


Source = Callable[[], Reading]


def accelerator(
    nvml: Nvml,
    handle: Any,
    now: Callable[[], float] = time.perf_counter,
    is_ours: Callable[[int], bool] | None = None,
) -> Source:
    """Readings of one accelerator. To be made while none of our workers uses it."""
    ours = _Descendants() if is_ours is None else is_ours
    before = _processes(nvml, handle)

    def read() -> Reading:
        milliwatts = nvml("nvmlDeviceGetPowerUsage", handle)
        return Reading(
            now(),
            _clock(nvml, handle, "NVML_CLOCK_SM"),
            _clock(nvml, handle, "NVML_CLOCK_MEM"),
            _celsius(nvml, handle),
            None if milliwatts is None else milliwatts * 1e-3,
            _reasons(nvml, handle),
            _foreign(_processes(nvml, handle), before, ours),
        )

    return read


def processors(
    threads: int, root: Path = ROOT, cpus: Sequence[int] = (), now: Callable[[], float] = time.perf_counter
) -> Source | None:
    """Readings of the clock that `threads` busy processors have at least; None where the system does not tell it."""
    usable = sorted(cpus or (os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()))
    spread = usable[:: max(1, -(-len(usable) // _MOST_CPUS))]
    files = [root / f"sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_cur_freq" for cpu in spread]
    files = [file for file in files if number(file)]
    if not files:
        return None
    # Processors that nobody uses keep a low clock, so that only as many as there are threads, the fastest, tell.
    busy = min(len(files), max(1, math.ceil(len(files) * threads / len(usable))))

    def read() -> Reading:
        kilohertz = sorted((speed for file in files if (speed := number(file))), reverse=True)
        return Reading(now(), kilohertz[min(busy, len(kilohertz)) - 1] * 1e3 if kilohertz else None)

    return read


class Watch:
    """Readings of a source from entering to leaving, by a thread that sleeps in between; of no source, none."""

    def __init__(self, source: Source | None, period: float = PERIOD_SECONDS) -> None:
        self.readings: list[Reading] = []
        self._source, self._period = source, period
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Watch:
        if self._source is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._source is not None:
            self._thread.join()

    def _read(self) -> None:
        assert self._source is not None
        while not self._ended.wait(self._period):
            self.readings.append(self._source())


class _Descendants:
    """Whether a process is this one or comes from it; each is looked up once."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def __call__(self, pid: int) -> bool:
        if pid not in self._known:
            try:
                family = [pid, *(parent.pid for parent in psutil.Process(pid).parents())]
            except psutil.Error:
                family = []
            self._known[pid] = os.getpid() in family
        return self._known[pid]


def _processes(nvml: Nvml, handle: Any) -> frozenset[int]:
    return frozenset(process.pid for process in nvml("nvmlDeviceGetComputeRunningProcesses", handle) or ())


def _foreign(now: frozenset[int], before: frozenset[int], is_ours: Callable[[int], bool]) -> int:
    """How many of the processes are not ours.

    In a container the driver may count processes by the host's numbers, by which we find none of ours. Then those that
    were there before our worker are foreign, and of those that came one is ours.
    """
    ours = sum(map(is_ours, now))
    return len(now) - ours if ours else len(now & before) + max(0, len(now - before) - 1)


def _clock(nvml: Nvml, handle: Any, kind: str) -> float | None:
    number_of_kind = nvml.constant(kind)
    megahertz = None if number_of_kind is None else nvml("nvmlDeviceGetClockInfo", handle, number_of_kind)
    return None if megahertz is None else megahertz * 1e6


def _celsius(nvml: Nvml, handle: Any) -> float | None:
    sensor = nvml.constant("NVML_TEMPERATURE_GPU")
    return None if sensor is None else nvml("nvmlDeviceGetTemperature", handle, sensor)


def _reasons(nvml: Nvml, handle: Any) -> int:
    # Drivers before 535 know the same bits by the older name only.
    for function in ("nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"):
        if (bits := nvml(function, handle)) is not None:
            return int(bits)
    return 0
