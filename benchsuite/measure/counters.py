"""Counters of machine and process before and after a measurement; none of them knows what was measured."""

from __future__ import annotations

import functools
import itertools
import mmap
import os
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchsuite.procfs import ROOT, cgroups, number, pressure_seconds, processor_time, table, text, to_number

try:
    import resource
except ImportError:  # Windows counts neither switches nor faults

    def _process() -> dict[str, float]:
        user, system, *_ = os.times()
        return {"process/user_seconds": user, "process/system_seconds": system}
else:

    def _process() -> dict[str, float]:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "process/user_seconds": usage.ru_utime,
            "process/system_seconds": usage.ru_stime,
            "process/voluntary_switches": float(usage.ru_nvcsw),
            "process/involuntary_switches": float(usage.ru_nivcsw),
            "process/minor_faults": float(usage.ru_minflt),
            "process/major_faults": float(usage.ru_majflt),
        }


GAUGES = frozenset({"load/one_minute", "load/runnable", "clock/lowest_hertz", "clock/median_hertz"})
"""Counters that are a state and no running total; a difference holds their later value."""

# On a machine of hundreds of processors reading all their files would take longer than the millisecond allowed;
# throttling and clocks are shared by packages and domains, so that a few processors spread evenly tell.
_MOST_CPUS = 8
_MOST_THREADS = 64


@dataclass(frozen=True)
class Counters:
    """A snapshot in base units; a counter that the system does not have is absent.

    `machine/` counts the processors that this process may use, `process/` this process without its children,
    `pressure/` the time in which some task of the machine waited, `quota/` every enclosing control group.
    `process/wait_seconds` is time that this process's threads were ready to run and did not.
    """

    values: Mapping[str, float]

    @classmethod
    def read(cls, root: Path = ROOT, cpus: Iterable[int] | None = None) -> Counters:
        """The counters now, of `cpus` or of all processors that this process may use; takes less than a millisecond."""
        used = tuple(sorted(_affinity() if cpus is None else cpus))
        return cls(
            _machine(root, used)
            | _process()
            | _waiting(root)
            | _pressure(root)
            | _quota(root)
            | _swap(root)
            | _load(root)
            | _clock(root, _spread(used))
        )


def difference(before: Counters, after: Counters) -> dict[str, float]:
    """What passed between two snapshots, for `Record.counters`: totals that grew, and the later value of each gauge."""
    passed = {}
    for name, value in after.values.items():
        if name in GAUGES:
            passed[name] = value
        elif name in before.values:
            # A thread that ended, or a total that the kernel corrected, must not count backwards.
            passed[name] = max(0.0, value - before.values[name])
    return passed


def _affinity() -> Iterable[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()


def _spread(cpus: tuple[int, ...]) -> tuple[int, ...]:
    step = max(1, -(-len(cpus) // _MOST_CPUS))
    return cpus[::step]


def _machine(root: Path, cpus: tuple[int, ...]) -> dict[str, float]:
    passed = processor_time(root, cpus)
    if passed is None:
        return {}
    return {
        "machine/busy_seconds": passed.busy,
        "machine/idle_seconds": passed.idle,
        "machine/steal_seconds": passed.steal,
    }


def _waiting(root: Path) -> dict[str, float]:
    """From the second number of schedstat: nanoseconds on a run queue, summed over threads."""
    tasks = root / "proc/self/task"
    try:
        threads = list(itertools.islice(tasks.iterdir(), _MOST_THREADS))
    except OSError:
        return {}
    nanoseconds = []
    for thread in threads:
        words = (text(thread / "schedstat") or "").split()
        value = to_number(words[1]) if len(words) == 3 else None
        if value is not None:
            nanoseconds.append(value)
    return {"process/wait_seconds": sum(nanoseconds) * 1e-9} if nanoseconds else {}


def _pressure(root: Path) -> dict[str, float]:
    found = {name: pressure_seconds(root, name) for name in ("cpu", "memory", "io")}
    return {f"pressure/{name}_seconds": seconds for name, seconds in found.items() if seconds is not None}


def _quota(root: Path) -> dict[str, float]:
    # The outermost group of version 2 can have no quota, and its file says nothing of one.
    found = [stat for folder in _cpu_groups(root) if (stat := table(folder / "cpu.stat"))]
    if not found:
        return {}
    # Version 2 counts microseconds, version 1 nanoseconds.
    seconds = (stat.get("throttled_usec", 0) * 1e-6 + stat.get("throttled_time", 0) * 1e-9 for stat in found)
    return {
        "quota/throttled_periods": sum(stat.get("nr_throttled", 0) for stat in found),
        "quota/throttled_seconds": sum(seconds),
    }


@functools.cache
def _cpu_groups(root: Path) -> tuple[Path, ...]:
    return cgroups(root, "cpu")


def _swap(root: Path) -> dict[str, float]:
    pages, page = table(root / "proc/vmstat"), mmap.PAGESIZE
    names = {"pswpin": "swap/in_bytes", "pswpout": "swap/out_bytes"}
    return {counter: pages[name] * page for name, counter in names.items() if name in pages}


def _load(root: Path) -> dict[str, float]:
    words = (text(root / "proc/loadavg") or "").split()
    if len(words) < 4:
        return {}
    values = {"load/one_minute": to_number(words[0]), "load/runnable": to_number(words[3].partition("/")[0])}
    return {name: value for name, value in values.items() if value is not None}


def _clock(root: Path, cpus: tuple[int, ...]) -> dict[str, float]:
    values = {}
    folders = [root / f"sys/devices/system/cpu/cpu{cpu}" for cpu in cpus]
    kilohertz = [speed for folder in folders if (speed := number(folder / "cpufreq/scaling_cur_freq"))]
    if kilohertz:
        values["clock/lowest_hertz"] = min(kilohertz) * 1e3
        values["clock/median_hertz"] = statistics.median(kilohertz) * 1e3
    files = (folder / f"thermal_throttle/{part}_throttle_count" for folder in folders for part in ("core", "package"))
    events = [count for file in files if (count := number(file)) is not None]
    if events:
        values["clock/throttle_events"] = sum(events)
    return values
