import random
from collections.abc import Callable

import pytest

from benchsuite.measure.shape import FEWEST_SAMPLES, SHAPE_LIMITS, drift, modes, shape_doubts
from benchsuite.records import Measurement
from tests import series

SEEDED = 4000
# Distributions that a time on a machine may have, none of which has a trend or two levels.
PLAIN: dict[str, Callable[[random.Random], float]] = {
    "normal": lambda draw: draw.gauss(1.0, 0.05),
    "uniform": lambda draw: 1 + 0.2 * draw.random(),
    "exponential": lambda draw: 1 + 0.1 * draw.expovariate(1),
    "lognormal": lambda draw: draw.lognormvariate(0, 0.3),
}


def codes(samples: list[float], metric: str = "time/latency") -> list[str]:
    return [doubt.code for doubt in shape_doubts([Measurement.of(metric, tuple(samples))])]


@pytest.mark.parametrize("name", PLAIN)
def test_one_plain_series_in_a_thousand_is_doubted(name: str) -> None:
    draw = random.Random(name)
    found = [codes([PLAIN[name](draw) for _ in range(FEWEST_SAMPLES)]) for _ in range(SEEDED)]
    # 0.1 % each is claimed; 13 of 4000 would be seen once in a thousand tries if it were so.
    assert sum("drifting" in f for f in found) < 13
    assert sum("bimodal" in f for f in found) < 13


def test_correlated_samples_rarely_seem_to_drift() -> None:
    draw, drifting = random.Random(5), 0
    for _ in range(1000):
        x, samples = 0.0, []
        for _ in range(80):
            x = 0.5 * x + draw.gauss(0, 0.05)
            samples.append(1 + x)
        drifting += "drifting" in codes(samples)
    assert drifting < 20


@pytest.mark.parametrize("slope", [-0.001, 0.001])
def test_a_drift_is_told_with_its_size(slope: float) -> None:
    samples = series.drifting(100, slope=slope, noise=0.01)
    assert codes(samples) == ["drifting"]
    assert drift(samples) == pytest.approx(100 * slope, rel=0.15)


def test_a_drift_that_is_sure_but_small_is_not_told() -> None:
    samples = series.drifting(100, slope=0.0001, noise=0.0001)
    assert drift(samples) == pytest.approx(0.01, rel=0.1)
    assert codes(samples) == []


@pytest.mark.parametrize("stay", [1, 5])
def test_two_levels_are_told_with_their_distance(stay: int) -> None:
    samples = series.two_modes(100, high=1.1, stay=stay)
    assert codes(samples) == ["bimodal"]
    assert modes(samples) == pytest.approx(0.1, rel=0.02)


def test_two_levels_that_are_one_for_all_purposes_are_not_told() -> None:
    assert codes(series.two_modes(100, high=1.015, stay=3)) == []


def test_outliers_are_no_second_level() -> None:
    assert codes(series.spiky(200, share=0.08)) == []


@pytest.mark.parametrize("count", [0, 1, FEWEST_SAMPLES - 1])
def test_few_samples_are_not_judged(count: int) -> None:
    assert codes(series.drifting(count)) == []
    assert codes(series.two_modes(count, stay=1)) == []


def test_equal_samples_and_zeros_raise_no_doubt() -> None:
    assert codes([1.0] * 100) == []
    assert codes([0.0] * 100) == []


def test_the_device_s_own_time_is_judged_where_there_is_one() -> None:
    level = Measurement.of("time/device", tuple(series.steady(100)))
    moving = Measurement.of("time/latency", tuple(series.drifting(100)))
    assert shape_doubts([moving, level]) == ()
    assert shape_doubts([moving])[0].value > SHAPE_LIMITS["drifting"][0]


def test_large_numbers_with_little_between_them_are_split_as_well() -> None:
    # Otherwise squares would lose the digits that differ.
    samples = [1e9 + (0.5e8 if i % 2 else 0.0) + i % 7 for i in range(100)]
    assert modes(samples) == pytest.approx(0.05, rel=1e-3)
