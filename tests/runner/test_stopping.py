import math

import pytest

from benchsuite.runner.stopping import RelativeWidth
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
