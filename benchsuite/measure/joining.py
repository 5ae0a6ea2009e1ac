"""Telemetry joined to a record: what it says of the time in which the record's samples were taken."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Iterable, Sequence

from benchsuite.measure.telemetry import PERIOD_SECONDS, Reading
from benchsuite.records import Measurement, Record, Validity

TELEMETRY_LIMITS: dict[str, tuple[float, str]] = {
    "clock-throttled": (0.05, "of the readings: less than that moves no median"),
    "low-clock": (0.9, "of the clock to be expected: what is lost below it is more than other noise"),
    "foreign-gpu-process": (0.0, "any other process may take the device for as long as it likes"),
}
"""The limit of every code, and why it is where it is."""

# Bits by which NVML says why a clock is not higher: nvml.h, nvmlClocksEventReasons.
_POWER_CAP, _SLOWDOWN, _SOFT_HEAT, _HARD_HEAT, _POWER_BRAKE = 0x4, 0x8, 0x20, 0x40, 0x80


def clock_of(record: Record) -> float | None:
    """The median clock while `record` was measured, in Hz; None where it was not joined."""
    return record.counters.get("telemetry/clock_hertz")


def join(record: Record, readings: Sequence[Reading], expected_hertz: float | None) -> Record:
    """The record with counters, doubts and tainted samples by the readings taken during its worker's life.

    `expected_hertz` is the clock that a device may be expected to keep, where that is known.
    """
    if not readings:
        return record
    began = record.counters.get("measure/began_seconds")
    wall = record.counters.get("measure/wall_seconds", 0.0)
    timed = [r for r in readings if began is not None and began <= r.at <= began + wall]
    counters = {
        **record.counters,
        **_counters(timed),
        "telemetry/foreign_processes": float(max(r.foreign for r in readings)),
    }
    doubts = (*_throttled(timed), *_low_clock(timed, expected_hertz), *_foreign(readings))
    slow = [r.at - began for r in timed if began is not None and _is_slow(r, expected_hertz)]
    return dataclasses.replace(
        record,
        counters=counters,
        validity=(*record.validity, *doubts),
        measurements=tuple(_tainted(m, slow) for m in record.measurements),
    )


def _counters(readings: Sequence[Reading]) -> dict[str, float]:
    found = {
        "clock_hertz": _known(r.clock_hertz for r in readings),
        "memory_clock_hertz": _known(r.memory_clock_hertz for r in readings),
        "celsius": _known(r.celsius for r in readings),
        "watts": _known(r.watts for r in readings),
    }
    values = {f"telemetry/{name}": statistics.median(v) for name, v in found.items() if v}
    if found["clock_hertz"]:
        values["telemetry/lowest_clock_hertz"] = min(found["clock_hertz"])
    if found["celsius"]:
        values["telemetry/highest_celsius"] = max(found["celsius"])
    return {**values, "telemetry/readings": float(len(readings))}


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _is_hot(reasons: int) -> bool:
    # Slowdown alone is how older drivers say it; beside the power brake it is that.
    return bool(reasons & (_SOFT_HEAT | _HARD_HEAT)) or (bool(reasons & _SLOWDOWN) and not reasons & _POWER_BRAKE)


def _is_starved(reasons: int) -> bool:
    return bool(reasons & (_POWER_CAP | _POWER_BRAKE))


def _throttled(readings: Sequence[Reading]) -> list[Validity]:
    if not readings:
        return []
    limit = TELEMETRY_LIMITS["clock-throttled"][0]
    causes = {
        "heat: let it cool, or improve its cooling.": _is_hot,
        "its power limit: raise that, or compare only what was measured under the same one.": _is_starved,
    }
    shares = {why: sum(is_cause(r.reasons) for r in readings) / len(readings) for why, is_cause in causes.items()}
    return [
        Validity("clock-throttled", share, limit, f"The accelerator lowered its clock for {why}")
        for why, share in shares.items()
        if share > limit
    ]


def _low_clock(readings: Sequence[Reading], expected_hertz: float | None) -> list[Validity]:
    clocks = _known(r.clock_hertz for r in readings)
    if not clocks or not expected_hertz:
        return []
    share, limit = statistics.median(clocks) / expected_hertz, TELEMETRY_LIMITS["low-clock"][0]
    advice = (
        f"The clock was {statistics.median(clocks) / 1e9:.2f} GHz where {expected_hertz / 1e9:.2f} GHz were to be "
        "expected: look for a governor, power or clock setting that holds it down."
    )
    return [Validity("low-clock", share, limit, advice)] if share < limit else []


def _foreign(readings: Sequence[Reading]) -> list[Validity]:
    count, limit = max(r.foreign for r in readings), TELEMETRY_LIMITS["foreign-gpu-process"][0]
    advice = "Other processes computed on the accelerator: stop them, or choose a free one by CUDA_VISIBLE_DEVICES."
    return [Validity("foreign-gpu-process", float(count), limit, advice)] if count > limit else []


def _is_slow(reading: Reading, expected_hertz: float | None) -> bool:
    least = TELEMETRY_LIMITS["low-clock"][0] * (expected_hertz or 0.0)
    is_low = reading.clock_hertz is not None and reading.clock_hertz < least
    return is_low or _is_hot(reading.reasons) or _is_starved(reading.reasons)


def _tainted(measurement: Measurement, slow: Sequence[float]) -> Measurement:
    """With the samples marked that lie, even in part, within half a period of a reading of a lowered clock."""
    half = PERIOD_SECONDS / 2
    length = measurement.iterations
    touched = {
        i
        for i, (start, seconds) in enumerate(zip(measurement.at, measurement.samples, strict=False))
        if any(start - half <= at <= start + seconds * length + half for at in slow)
    }
    if not touched:
        return measurement
    return dataclasses.replace(measurement, tainted=tuple(sorted({*measurement.tainted, *touched})))
