"""Doubts about a measurement, from its counters alone: never from whether its times look good."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Mapping, Sequence

from benchsuite.records import Measurement, Validity

LIMITS: dict[str, tuple[float, str]] = {
    "steal": (0.02, "a neighbour that takes more than the 2 % by which a harness may err"),
    "cpu-contended": (0.05, "the spread between runs of a quiet virtual machine: less drowns in it"),
    "oversubscribed": (1.0, "threads for each processor: beyond one they take turns"),
    "quota-throttled": (
        0.0,
        "a throttled period stops every thread for tens of milliseconds, far longer than a sample",
    ),
    "clock-throttled": (0.0, "one event is a clock that fell while timing"),
    "swap": (2**20, "B: less is a daemon's page or two; more is working memory that went to disk"),
    "memory-pressure": (0.01, "of the wall time in which a task waited for memory; a healthy machine has none"),
    "interrupted": (0.3, "of the samples, tainted by counters: above it the median itself is at risk"),
    "timer-coarse": (1000.0, "timer steps a sample: below it reading the clock errs by more than 0.1 %"),
}
"""The limit of every code, and why it is where it is."""

# Kernels account processor time in ticks, so that a difference errs by about two ticks on each processor.
_TICKS_OF_ERROR = 2
_SHORT_SAMPLE_SECONDS = 0.010


def doubts(
    counters: Mapping[str, float],
    wall_seconds: float,
    threads: int,
    usable_cpus: float,
    *,
    measurements: Sequence[Measurement] = (),
    timer_seconds: float | None = None,
) -> tuple[Validity, ...]:
    """What may be wrong with a measurement that took `wall_seconds` on `threads`; most serious first.

    `usable_cpus` is the smaller of affinity and quota. `timer_seconds` is the step of the host clock, asked of the
    system if not given. What the counters lack raises no doubt.
    """
    if wall_seconds <= 0:
        return ()
    step = time.get_clock_info("perf_counter").resolution if timer_seconds is None else timer_seconds
    found = (
        _oversubscribed(threads, usable_cpus),
        _quota(counters),
        _steal(counters),
        _contended(counters, wall_seconds, threads, usable_cpus),
        _clock(counters),
        _swap(counters),
        _memory(counters, wall_seconds),
        _interrupted(measurements),
        _timer(measurements, step),
    )
    return tuple(doubt for doubt in found if doubt is not None)


def _over(code: str, value: float, advice: str, limit: float | None = None) -> Validity | None:
    limit = LIMITS[code][0] if limit is None else limit
    return Validity(code, value, limit, advice) if value > limit else None


def _oversubscribed(threads: int, usable_cpus: float) -> Validity | None:
    if usable_cpus <= 0:
        return None
    advice = (
        f"{threads} threads share {usable_cpus:g} usable processors: ask for fewer threads or allow more processors."
    )
    return _over("oversubscribed", threads / usable_cpus, advice)


def _quota(counters: Mapping[str, float]) -> Validity | None:
    seconds = counters.get("quota/throttled_seconds", 0.0)
    advice = (
        f"The CPU quota held this group back for {seconds:.3g} s: raise the quota, or use fewer threads than it allows."
    )
    return _over("quota-throttled", counters.get("quota/throttled_periods", 0.0), advice)


def _steal(counters: Mapping[str, float]) -> Validity | None:
    names = ("machine/steal_seconds", "machine/busy_seconds", "machine/idle_seconds")
    if any(name not in counters for name in names):
        return None
    stolen, total = counters[names[0]], sum(counters[name] for name in names)
    if total <= 0:
        return None
    advice = (
        "The hypervisor gave this machine's processors to others: run again later, or compare interleaved runs only."
    )
    return _over("steal", stolen / total, advice, _at_least_ticks("steal", total, cpus=1))


def _contended(counters: Mapping[str, float], wall: float, threads: int, usable_cpus: float) -> Validity | None:
    """The best evidence at hand: our threads waited; foreign time must have displaced us; some task waited.

    More threads than processors wait for each other, which is another doubt; then waiting says nothing of others.
    """
    if threads > usable_cpus:
        return None
    advice = "Other processes ran on the same processors: stop them, or give this one processors of its own."
    waited = counters.get("process/wait_seconds")
    if waited is not None:
        # A thread that sleeps until a device is done hardly runs; then the wall clock is what the wait lengthens.
        ready = waited + counters.get("process/user_seconds", 0.0) + counters.get("process/system_seconds", 0.0)
        return _over("cpu-contended", waited / max(wall, ready), advice)
    ours = wall * threads
    displaced = _displaced_seconds(counters, ours)
    if displaced is not None:
        limit = _at_least_ticks("cpu-contended", ours, cpus=usable_cpus)
        return _over("cpu-contended", displaced / ours, advice, limit)
    return _over("cpu-contended", counters.get("pressure/cpu_seconds", 0.0) / wall, advice)


def _displaced_seconds(counters: Mapping[str, float], ours: float) -> float | None:
    """Foreign processor time beyond what our threads left free on the processors that this process may use."""
    names = ("machine/busy_seconds", "machine/idle_seconds", "process/user_seconds", "process/system_seconds")
    if any(name not in counters for name in names):
        return None
    busy, idle, user, system = (counters[name] for name in names)
    foreign = max(0.0, busy - user - system)
    return max(0.0, foreign - max(0.0, busy + idle - ours))


def _at_least_ticks(code: str, seconds: float, cpus: float) -> float:
    """The limit of `code`, or the error of tick accounting over `seconds` where that is greater."""
    return max(LIMITS[code][0], _TICKS_OF_ERROR * cpus / os.sysconf("SC_CLK_TCK") / seconds)


def _clock(counters: Mapping[str, float]) -> Validity | None:
    advice = "A processor lowered its clock because of heat or power: let it cool, improve cooling, or lower the load."
    return _over("clock-throttled", counters.get("clock/throttle_events", 0.0), advice)


def _swap(counters: Mapping[str, float]) -> Validity | None:
    moved = counters.get("swap/in_bytes", 0.0) + counters.get("swap/out_bytes", 0.0)
    return _over("swap", moved, "Memory went to or came from disk while timing: free memory or choose a smaller case.")


def _memory(counters: Mapping[str, float], wall: float) -> Validity | None:
    advice = "Tasks waited for memory while timing: free memory or choose a smaller case."
    return _over("memory-pressure", counters.get("pressure/memory_seconds", 0.0) / wall, advice)


def _interrupted(measurements: Sequence[Measurement]) -> Validity | None:
    """The measurement with the greatest share of tainted samples: the scheduler or the hypervisor took a processor.

    Only samples shorter than a few scheduler ticks are judged: in a longer one some switch is normal and averages out,
    and being kept waiting there is what `cpu-contended` sees.
    """
    shares = [
        len(m.tainted) / len(m.samples)
        for m in measurements
        if m.tainted and statistics.median(m.samples) * m.iterations < _SHORT_SAMPLE_SECONDS
    ]
    advice = "Something else took the processor in many samples: stop other processes or ask for fewer threads."
    return _over("interrupted", max(shares, default=0.0), advice)


def _timer(measurements: Sequence[Measurement], step: float) -> Validity | None:
    """The shortest sample of the host clock; devices time themselves with a clock of their own."""
    timed = [m for m in measurements if m.samples and m.metric.startswith("time/") and m.metric != "time/device"]
    steps = min((min(m.samples) * m.iterations / step for m in timed), default=float("inf"))
    limit = LIMITS["timer-coarse"][0]
    if steps >= limit:
        return None
    return Validity(
        "timer-coarse", steps, limit, "The shortest sample is too short for this clock: do more iterations a sample."
    )
