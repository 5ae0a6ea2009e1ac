import os
from collections.abc import Sequence

import pytest

from benchsuite.measure.doubts import LIMITS, doubts
from benchsuite.records import Measurement

QUIET = {
    "machine/busy_seconds": 10.0,
    "machine/idle_seconds": 10.0,
    "machine/steal_seconds": 0.0,
    "process/user_seconds": 9.0,
    "process/system_seconds": 1.0,
    "process/wait_seconds": 0.01,
    "pressure/cpu_seconds": 0.0,
    "pressure/memory_seconds": 0.0,
    "quota/throttled_periods": 0.0,
    "quota/throttled_seconds": 0.0,
    "swap/in_bytes": 0.0,
    "swap/out_bytes": 0.0,
    "clock/throttle_events": 0.0,
}


def codes(counters: dict[str, float], threads: int = 1, usable: float = 2, wall: float = 10.0) -> list[str]:
    return [doubt.code for doubt in doubts(counters, wall, threads, usable)]


def without(*names: str, **changes: float) -> dict[str, float]:
    kept = {name: value for name, value in QUIET.items() if name not in names}
    return kept | {name.replace("__", "/"): value for name, value in changes.items()}


def test_a_quiet_measurement_raises_no_doubt() -> None:
    assert codes(QUIET) == []


def test_no_counters_raise_no_doubt() -> None:
    assert codes({}) == []
    assert doubts(QUIET, 0.0, 9, 1) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"machine__steal_seconds": 1.0}, "steal"),
        ({"process__wait_seconds": 1.0}, "cpu-contended"),
        ({"quota__throttled_periods": 1.0}, "quota-throttled"),
        ({"clock__throttle_events": 1.0}, "clock-throttled"),
        ({"swap__in_bytes": 2.0**20, "swap__out_bytes": 1.0}, "swap"),
        ({"pressure__memory_seconds": 0.2}, "memory-pressure"),
    ],
)
def test_each_counter_raises_its_doubt(change: dict[str, float], code: str) -> None:
    (doubt,) = doubts(without(**change), 10.0, 1, 2)
    assert doubt.code == code
    assert doubt.value > doubt.limit
    assert doubt.advice.endswith(".")


def test_every_code_has_a_limit_and_its_reason() -> None:
    everything = {
        **without(machine__steal_seconds=9, quota__throttled_periods=1, clock__throttle_events=1),
        **{"process/wait_seconds": 5.0, "swap/in_bytes": 1e9, "pressure/memory_seconds": 9.0},
    }
    broken = [Measurement.of("time/latency", (1e-9,), tainted=(0,))]
    both = doubts(everything, 10.0, 1, 2, measurements=broken) + doubts({}, 1.0, 3, 2)
    assert {doubt.code for doubt in both} == set(LIMITS)
    assert all(reason for _, reason in LIMITS.values())


def test_more_threads_than_quota_is_oversubscribed_not_contended() -> None:
    assert codes(without(process__wait_seconds=5.0), threads=2, usable=1.5) == ["oversubscribed"]


def test_waiting_is_by_the_time_threads_were_ready() -> None:
    busy = {"process__user_seconds": 40.0, "process__wait_seconds": 1.0}
    assert codes(without(**busy), threads=4, usable=4) == []
    idle = {"process__user_seconds": 0.1, "process__wait_seconds": 0.1}
    assert codes(without(**idle)) == []


def test_foreign_time_that_fits_beside_us_contends_nothing() -> None:
    beside = without("process/wait_seconds", machine__busy_seconds=20.0, machine__idle_seconds=0.0)
    assert codes(beside, threads=1) == []


def test_foreign_time_that_displaced_us_contends() -> None:
    displaced = without("process/wait_seconds", machine__busy_seconds=20.0, machine__idle_seconds=0.0)
    (doubt,) = doubts(displaced, 10.0, 2, 2)
    assert doubt.code == "cpu-contended"
    assert doubt.value == pytest.approx(0.5)


def test_pressure_is_the_last_resort() -> None:
    assert codes({"pressure/cpu_seconds": 2.0}) == ["cpu-contended"]


def test_a_few_ticks_are_no_steal() -> None:
    ticks = 2 / os.sysconf("SC_CLK_TCK")
    short = {"machine/busy_seconds": 0.1, "machine/idle_seconds": 0.1, "machine/steal_seconds": ticks}
    assert codes(short, wall=0.1) == []


def timed(samples: Sequence[float], metric: str = "time/latency", iterations: int = 1) -> list[Measurement]:
    return [Measurement.of(metric, tuple(samples), iterations)]


@pytest.mark.parametrize(
    ("measurements", "coarse"),
    [
        (timed([0.5, 2.0]), True),
        (timed([1.5, 2.0]), False),
        (timed([0.5, 2.0], iterations=4), False),
        (timed([0.5], "time/device"), False),
        (timed([0.5], "memory/host_peak"), False),
        (timed([]), False),
    ],
)
def test_a_sample_needs_a_thousand_steps_of_the_clock(measurements: list[Measurement], coarse: bool) -> None:
    found = doubts({}, 1.0, 1, 2, measurements=measurements, timer_seconds=1e-3)
    assert [doubt.code for doubt in found] == (["timer-coarse"] if coarse else [])


def test_long_samples_are_not_doubted_for_being_interrupted() -> None:
    samples = Measurement.of("time/latency", (1.0,) * 4, tainted=(0, 1, 2, 3))
    assert not doubts({}, 1.0, 1, 2, measurements=[samples], timer_seconds=1e-9)


@pytest.mark.parametrize(("tainted", "doubted"), [((0, 3), True), ((0,), False), ((), False)])
def test_many_tainted_samples_are_doubted(tainted: tuple[int, ...], doubted: bool) -> None:
    samples = Measurement.of("time/latency", (2e-6,) * 4, 1000, tainted=tainted)
    found = doubts({}, 1.0, 1, 2, measurements=[samples], timer_seconds=1e-9)
    assert [doubt.code for doubt in found] == (["interrupted"] if doubted else [])
