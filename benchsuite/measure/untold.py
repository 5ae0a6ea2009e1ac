"""Codes that nothing on a machine can tell of: where a counter is absent, silence is no sign of health."""

from __future__ import annotations

from collections.abc import Container

_DISPLACED = ("machine/busy_seconds", "machine/idle_seconds", "process/user_seconds", "process/system_seconds")
_STOLEN = ("machine/steal_seconds", "machine/busy_seconds", "machine/idle_seconds")

_TOLD_BY: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "cpu-contended": (
        "run queues (/proc/self/task/*/schedstat), processor time (/proc/stat) or pressure (/proc/pressure/cpu)",
        (("process/wait_seconds",), _DISPLACED, ("pressure/cpu_seconds",)),
    ),
    "steal": ("processor time (/proc/stat)", (_STOLEN,)),
    "quota-throttled": ("control groups (/sys/fs/cgroup)", (("quota/throttled_periods",),)),
    "clock-throttled": (
        "throttling events (thermal_throttle in /sys/devices/system/cpu), on accelerators the driver's library",
        (("clock/throttle_events",), ("telemetry/watts",)),
    ),
    "low-clock": (
        "clocks (cpufreq in /sys/devices/system/cpu), on accelerators the driver's library",
        (("clock/median_hertz",), ("telemetry/clock_hertz",)),
    ),
    "swap": ("paging (/proc/vmstat)", (("swap/in_bytes", "swap/out_bytes"),)),
    "memory-pressure": ("pressure (/proc/pressure/memory)", (("pressure/memory_seconds",),)),
    "interrupted": ("context switches (getrusage)", (("process/involuntary_switches",),)),
}
"""What tells each code: in words, and as counters, of which any one group will do."""


def untold(counters: Container[str]) -> dict[str, str]:
    """Every code that none of the `counters` so named can raise, with what would have told it and is not there."""
    return {
        code: words
        for code, (words, groups) in _TOLD_BY.items()
        if not any(all(name in counters for name in group) for group in groups)
    }
