"""Ticks and axes: round, few, within the ends."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite import units
from benchsuite.report.charts import axes, ticks


def test_one_two_five_where_there_is_room() -> None:
    assert ticks.logarithmic(0.9, 60) == (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
    assert ticks.logarithmic(1e-6, 1e-2) == (1e-6, 1e-5, 1e-4, 1e-3, 1e-2)
    assert ticks.logarithmic(1e-12, 1e12) == (1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6, 1e9, 1e12)


def test_linear_ticks_are_multiples_of_a_round_step() -> None:
    assert ticks.linear(0.0, 1.4, 9) == pytest.approx((0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4))
    assert ticks.linear(41.3, 56.0) == pytest.approx((45.0, 50.0, 55.0))
    assert ticks.linear(3.0, 3.0) == (3.0,)


@given(st.floats(1e-12, 1e12), st.floats(1.0, 1e9))
def test_ticks_lie_within_the_ends_and_are_few(low: float, factor: float) -> None:
    high = low * factor * 1.01
    for found, most in ((ticks.logarithmic(low, high), 10), (ticks.linear(low, high), 7)):
        assert len(found) <= most
        assert all(low * (1 - 1e-6) <= tick <= high * (1 + 1e-6) for tick in found)
        assert list(found) == sorted(set(found))


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=20))
def test_a_logarithmic_axis_holds_its_values_and_spans_a_decade(values: list[float]) -> None:
    axis = axes.logarithmic("x", values, units.seconds)
    assert all(axis.low < value < axis.high for value in values)
    assert axis.high / axis.low > 9.9
    assert len(axis.ticks) >= 2


def test_the_ticks_of_a_swept_axis_are_its_values() -> None:
    axis = axes.swept("seq", [128, 256, 512, 512])
    assert axis.ticks == ((128.0, "128"), (256.0, "256"), (512.0, "512"))
    crowded = axes.swept("seq", range(1, 200))
    assert 3 < len(crowded.ticks) < 8
    assert crowded.ticks[-1] == (199.0, "199")


def test_times_have_one_unit_and_as_many_decimals_as_the_step_needs() -> None:
    axis = axes.times("time", [0.8e-3, 1.3e-3])
    assert [text for _, text in axis.ticks] == ["0.8 ms", "1.0 ms", "1.2 ms"]
    assert not axis.logarithmic
    assert axes.times("time", [1e-3, 1e-2]).logarithmic
    assert axes.times("time", [2e-3, 2e-3]).low < 2e-3


def test_sizes_have_one_binary_unit() -> None:
    axis = axes.sizes("memory", [3 * 2**30, 2**20])
    assert [text for _, text in axis.ticks] == ["0 GiB", "1 GiB", "2 GiB", "3 GiB"]
    assert axis.low == 0


def test_errors_have_decades_and_a_floor() -> None:
    axis = axes.errors("error", [1e-9, 2e-3], 1e-9)
    assert axis.ticks[0] == (1e-9, "≤1e-9")
    assert math.isclose(axis.ticks[-1][0], 1e-3)
    assert len(axes.errors("error", [3e-6], 1e-9).ticks) >= 2
