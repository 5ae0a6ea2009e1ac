"""Estimates: what the interval is, that it covers, and that nothing stored can break it."""

import math
import random
import statistics
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchsuite.analysis import FEWEST_ROUNDS, Estimate, estimate, ratio, relative_half_width

positive = st.floats(min_value=1e-9, max_value=1e9)


def test_value_is_the_geometric_mean_of_medians() -> None:
    found = estimate([1.0, 4.0], samples=10)
    assert found.value == pytest.approx(2.0)
    assert (found.rounds, found.samples) == (2, 10)


def test_interval_is_students_t_on_log_medians() -> None:
    medians = [1.00, 1.02, 0.99, 1.01, 1.03]
    logs = [math.log(m) for m in medians]
    half = 2.7764451 * statistics.stdev(logs) / math.sqrt(5)  # t of 0.975 on 4 degrees, from a printed table
    found = estimate(medians, samples=5)
    assert found.low == pytest.approx(math.exp(statistics.fmean(logs) - half))
    assert found.high == pytest.approx(math.exp(statistics.fmean(logs) + half))
    assert found.relative_half_width == pytest.approx(half)
    assert relative_half_width(medians) == pytest.approx(half)


@pytest.mark.parametrize("medians", [[1.0], [1.0, 1.1, 0.9], [1.0, 1.0, 0.0, 1.0], [1.0, 1.0, math.nan, 1.0]])
def test_no_interval_without_four_usable_rounds(medians: list[float]) -> None:
    assert relative_half_width(medians) is None


def test_zero_is_shown_without_an_interval() -> None:
    assert estimate([0.0] * 5, samples=5) == Estimate(0.0, None, None, 5, 5)


def test_rates_swap_the_ends() -> None:
    found = Estimate(2.0, 1.0, 4.0, 5, 5).per(8.0)
    assert (found.value, found.low, found.high) == (4.0, 2.0, 8.0)


def test_ratio_is_welchs() -> None:
    # Worked by hand: equal spreads and rounds give t on 8 degrees and the error of a difference.
    medians = [1.00, 1.02, 0.99, 1.01, 1.03]
    half = 2.3060041 * math.sqrt(2 / 5) * statistics.stdev(map(math.log, medians))
    found = ratio(estimate([2 * m for m in medians], 5), estimate(medians, 5))
    assert found is not None
    assert found.value == pytest.approx(2.0)
    assert found.relative_half_width == pytest.approx(half)


def test_ratio_to_zero_is_unknown() -> None:
    assert ratio(estimate([1.0] * 4, 4), estimate([0.0] * 4, 4)) is None


@given(st.lists(positive, min_size=1, max_size=12), st.floats(min_value=1e-3, max_value=1e3))
def test_scale_and_order_do_not_matter(medians: list[float], scale: float) -> None:
    found, scaled = estimate(medians, 1), estimate([m * scale for m in reversed(medians)], 1)
    assert scaled.value == pytest.approx(found.value * scale, rel=1e-9)
    if found.low is not None and scaled.low is not None:
        assert found.low <= found.value * (1 + 1e-12)
        assert scaled.low == pytest.approx(found.low * scale, rel=1e-6)


@given(st.lists(st.floats(min_value=0, max_value=1e308), min_size=1, max_size=8))
@example([0.0, 1e308, 1e308])
def test_no_median_breaks_it(medians: list[float]) -> None:
    found = estimate(medians, 1)
    assert (found.low is None) == (found.high is None)
    if found.value > 0:
        found.per(1.0)
        ratio(found, found)


def test_intervals_cover_as_promised() -> None:
    """Rounds that differ by log-normal effects, noisier samples within them: 95 % of intervals hold the truth."""
    source, trials = random.Random(1), 3000
    held = sum(_holds(source, truth=0.01) for _ in range(trials))
    assert 0.93 <= held / trials <= 0.97


def test_pooling_samples_would_not_cover() -> None:
    """The reason for rounds: taking samples for independent repeats makes intervals that mostly miss."""
    source, trials = random.Random(2), 300
    assert sum(_holds(source, truth=0.01, pooled=True) for _ in range(trials)) / trials < 0.8


def test_more_rounds_narrow_the_interval() -> None:
    medians = [1.0, 1.02] * 16
    widths = [relative_half_width(medians[:n]) for n in (FEWEST_ROUNDS, 8, 16, 32)]
    assert all(a is not None and b is not None and a > b for a, b in pairwise(widths))


def _holds(source: random.Random, truth: float, pooled: bool = False) -> bool:
    medians: list[float] = []
    for _ in range(5):
        center = truth * math.exp(source.gauss(0, 0.03))
        samples = [center * math.exp(source.gauss(0, 0.02)) for _ in range(7)]
        medians += samples if pooled else [statistics.median(samples)]
    found = estimate(medians, 35)
    assert found.low is not None
    assert found.high is not None
    return found.low <= truth <= found.high
