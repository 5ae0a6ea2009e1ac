import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from benchsuite.measure.joining import TELEMETRY_LIMITS, clock_of, join
from benchsuite.measure.telemetry import Reading
from benchsuite.records import Measurement, Record
from tests import fakes

BEGAN, WALL = 100.0, 10.0
POWER, SLOWDOWN, SOFT_HEAT, HARD_HEAT, BRAKE = 0x4, 0x8, 0x20, 0x40, 0x80


def record(**changes: Any) -> Record:
    """Ten samples of 1 s, one after another from 100 s on."""
    counters = {"measure/began_seconds": BEGAN, "measure/wall_seconds": WALL}
    samples = Measurement.of("time/latency", (0.5,) * 10, 2, at=tuple(map(float, range(10))), tainted=(9,))
    job = fakes.job("matmul", size=1)
    return dataclasses.replace(Record(job, 0, "ok", measurements=(samples,), counters=counters), **changes)


def readings(count: int = 10, **fields: Any) -> list[Reading]:
    """One in the middle of each sample, each field a value or one value a reading."""

    def value(name: str, i: int) -> Any:
        return fields[name][i] if isinstance(fields[name], list) else fields[name]

    return [Reading(BEGAN + i + 0.5, **{name: value(name, i) for name in fields}) for i in range(count)]


def codes(seen: Sequence[Reading], expected: float | None = None) -> list[str]:
    return [doubt.code for doubt in join(record(), seen, expected).validity]


def test_without_readings_a_record_is_as_it_was() -> None:
    assert join(record(), [], 2e9) == record()


def test_quiet_readings_become_counters_and_raise_no_doubt() -> None:
    seen = readings(clock_hertz=2e9, memory_clock_hertz=1e9, celsius=[50.0] * 9 + [70.0], watts=300.0)
    joined = join(record(), seen, 2e9)
    assert joined.validity == ()
    assert joined.measurements == record().measurements
    assert {name: v for name, v in joined.counters.items() if name.startswith("telemetry")} == {
        "telemetry/readings": 10.0,
        "telemetry/clock_hertz": 2e9,
        "telemetry/lowest_clock_hertz": 2e9,
        "telemetry/memory_clock_hertz": 1e9,
        "telemetry/celsius": 50.0,
        "telemetry/highest_celsius": 70.0,
        "telemetry/watts": 300.0,
        "telemetry/foreign_processes": 0,
    }
    assert clock_of(joined) == 2e9


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        (SOFT_HEAT, ["heat"]),
        (HARD_HEAT | SLOWDOWN, ["heat"]),
        (SLOWDOWN, ["heat"]),
        (POWER, ["power limit"]),
        (BRAKE | SLOWDOWN, ["power limit"]),
        (POWER | SOFT_HEAT, ["heat", "power limit"]),
        (0x1, []),  # idle
        (0x2, []),  # clocks that somebody set
    ],
)
def test_a_lowered_clock_is_doubted_with_its_cause(reasons: int, words: list[str]) -> None:
    doubts = join(record(), readings(reasons=reasons), None).validity
    assert [doubt.code for doubt in doubts] == ["clock-throttled"] * len(words)
    assert all(word in doubt.advice and doubt.value == 1.0 for word, doubt in zip(words, doubts, strict=True))


@pytest.mark.parametrize(("count", "doubted"), [(1, []), (2, ["clock-throttled"])])
def test_a_passing_dip_is_not_doubted(count: int, doubted: list[str]) -> None:
    seen = [Reading(BEGAN + i / 4, reasons=POWER if i < count else 0) for i in range(30)]
    assert codes(seen) == doubted


@pytest.mark.parametrize(("clock", "doubted"), [(1.7e9, ["low-clock"]), (1.85e9, []), (None, [])])
def test_a_clock_below_what_is_expected_is_doubted(clock: float | None, doubted: list[str]) -> None:
    assert codes(readings(clock_hertz=clock), 2e9) == doubted
    assert codes(readings(clock_hertz=clock), None) == []


@pytest.mark.parametrize(("foreign", "doubted"), [(0, []), (2, ["foreign-gpu-process"])])
def test_foreign_processes_are_doubted_whenever_they_came(foreign: int, doubted: list[str]) -> None:
    (before,) = [Reading(BEGAN - 5, foreign=foreign)]
    assert codes([before]) == doubted


def test_only_what_was_seen_while_measuring_counts() -> None:
    outside = [Reading(at, 1e9, reasons=POWER) for at in (BEGAN - 1, BEGAN + WALL + 1)]
    joined = join(record(), outside, 2e9)
    assert joined.validity == ()
    assert joined.counters["telemetry/readings"] == 0


def test_a_worker_that_never_measured_only_has_neighbours() -> None:
    died = record(counters={}, measurements=(), status="failed")
    joined = join(died, readings(clock_hertz=1e9, reasons=POWER, foreign=1), 2e9)
    assert [doubt.code for doubt in joined.validity] == ["foreign-gpu-process"]


def test_samples_under_a_lowered_clock_are_tainted_beside_the_others() -> None:
    reasons = [0, 0, POWER, SOFT_HEAT, 0, 0, 0, 0, 0, 0]
    (samples,) = join(record(), readings(reasons=reasons), None).measurements
    assert samples.tainted == (2, 3, 9)
    (samples,) = join(record(), readings(clock_hertz=[2e9] * 5 + [1e9] + [2e9] * 4), 2e9).measurements
    assert samples.tainted == (5, 9)


def test_a_reading_speaks_for_the_moment_before_and_after_it() -> None:
    (samples,) = join(record(), [Reading(BEGAN + 3.04, reasons=POWER)], None).measurements
    assert samples.tainted == (2, 3, 9)


def test_how_long_a_sample_took_does_not_taint_it() -> None:
    slow = Measurement.of("time/latency", (0.5, 500.0), 2, at=(0.0, 1.0))
    joined = join(record(measurements=(slow,)), readings(clock_hertz=2e9), 2e9)
    assert joined.measurements == (slow,)


def test_samples_without_their_times_are_left_alone() -> None:
    plain = Measurement.of("time/latency", (0.5,) * 10, 2)
    joined = join(record(measurements=(plain,)), readings(reasons=POWER), None)
    assert joined.measurements == (plain,)


def test_every_code_has_a_limit_and_its_reason() -> None:
    everything = join(record(), readings(clock_hertz=1e9, reasons=POWER | SOFT_HEAT, foreign=1), 2e9)
    assert {doubt.code for doubt in everything.validity} == set(TELEMETRY_LIMITS)
    assert all(doubt.limit == TELEMETRY_LIMITS[doubt.code][0] and doubt.advice for doubt in everything.validity)
