import math
import random
import statistics

import pytest

from benchsuite.runner.stopping import RelativeWidth, spread_of
from tests.series import drifting, steady

RULE = RelativeWidth(target=0.02, least=4, most=8)


def rounds_wanted(medians: list[float], rule: RelativeWidth = RULE) -> int:
    """How many of `medians` the rule asks for."""
    taken: list[float] = []
    while rule.wants_more(taken):
        taken.append(medians[len(taken)])
    return len(taken)


def test_a_steady_job_stops_at_the_least() -> None:
    assert rounds_wanted(steady(8, noise=0.001)) == 4


def test_a_noisy_job_goes_on_to_the_most() -> None:
    assert rounds_wanted(steady(8, noise=0.2)) == 8


def test_a_job_stops_as_soon_as_it_is_narrow_enough() -> None:
    assert rounds_wanted([1.0, 1.03, 0.99, 1.0, *[1.005] * 4]) == 5


def test_direction_does_not_matter() -> None:
    medians = drifting(8, slope=0.02, noise=0.0)
    assert rounds_wanted(medians) == rounds_wanted([1 / m for m in medians])


def test_a_fixed_number_of_rounds() -> None:
    rule = RelativeWidth(0.02, 2, 2)
    assert rounds_wanted(steady(8, noise=0.5), rule) == rounds_wanted(steady(8, noise=0.0), rule) == 2


def test_need_is_in_targets() -> None:
    assert RULE.need([1.0]) == math.inf
    assert RULE.need([1.0] * 4) == 0.0
    noisy = steady(6, noise=0.1)
    assert RULE.need(noisy) == pytest.approx(2 * RelativeWidth(0.04, 4, 8).need(noisy))


@pytest.mark.parametrize(("rounds", "lacking"), [(0, 4), (1, 3), (3, 1), (4, 1), (7, 1)])
def test_rounds_that_lack_for_an_interval(rounds: int, lacking: int) -> None:
    assert RULE.lacking([1.0] * rounds) == lacking
    assert RelativeWidth(0.02, 100, 100).lacking([1.0] * rounds) == lacking
    assert RelativeWidth(0.02, 1, 1).lacking([1.0] * rounds) == 1


@pytest.mark.parametrize("spread", [0.005, 0.01, 0.015, 0.02, 0.03, 0.06])
@pytest.mark.parametrize("most", [8, 20])
def test_as_many_rounds_are_expected_as_there_are_in_the_mean(spread: float, most: int) -> None:
    rule = RelativeWidth(0.02, 4, most)
    draw = random.Random(0)
    series = [[math.exp(draw.gauss(0, spread)) for _ in range(most)] for _ in range(100)]
    wanted = statistics.fmean(rounds_wanted(medians, rule) for medians in series)
    assert statistics.fmean(rule.expected([], spread)) == pytest.approx(wanted, rel=0.15)


def test_rounds_expected_are_of_what_was_seen_and_of_what_is_usual() -> None:
    alike, unlike = [1.0, 1.0, 1.0], [1.0, 1.1, 1.0]
    assert sum(RULE.expected(alike, 0.02)) < sum(RULE.expected([1.0], 0.02))
    assert RULE.expected(unlike, 0.001) == (RULE.most,) * 3


def test_a_job_that_is_done_expects_no_more_and_one_that_is_not_at_least_one() -> None:
    assert RULE.expected([1.0] * 4, 0.5) == (4,)
    assert min(RULE.expected([1.0, 1.03, 0.99, 1.0], 0.0)) == 5
    assert RULE.expected([1.0, 1.5] * 4, 0.5) == (8,)


def test_spread_is_that_of_logarithms() -> None:
    assert spread_of([1.0]) == spread_of([]) == spread_of([1.0, 0.0]) == 0.0
    assert spread_of([1.0, math.e]) == pytest.approx(math.sqrt(0.5))
