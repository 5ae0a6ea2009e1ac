from collections.abc import Iterable

import pytest

from benchsuite.backends.fake import FakeClock
from benchsuite.measure.warmup import WINDOW, WarmUp, theil_sen, warm_up
from tests.series import drifting, spiky, steady, two_modes

FEWEST = 3 * WINDOW


def warmed(series: Iterable[float], seconds: float = 1e6, least: int = 1) -> WarmUp:
    """The warm-up over `series`, each sample of which takes as long as it says."""
    clock, samples = FakeClock(), iter(series)

    def take() -> float:
        sample = next(samples)
        clock.advance(sample)
        return sample

    return warm_up(take, lambda: clock.read() / 1e9, seconds, least)


def test_a_steady_series_takes_two_agreements() -> None:
    found = warmed(steady(200))
    assert found.steady
    assert len(found.samples) == FEWEST
    assert found.difference < 0.005


def test_an_equal_series_is_steady() -> None:
    assert warmed([1.0] * 200).steady


def test_a_start_that_settles_is_waited_out() -> None:
    found = warmed([*drifting(60, level=2.0, slope=-0.008), *steady(200)])
    assert found.steady
    assert len(found.samples) >= 60 + FEWEST - WINDOW


@pytest.mark.parametrize("slope", [0.01, -0.004])
def test_a_drift_is_never_steady(slope: float) -> None:
    found = warmed(drifting(200, slope=slope), seconds=100.0)
    assert not found.steady
    assert found.judged


def test_a_slow_drift_within_half_a_percent_a_window_passes() -> None:
    assert warmed(drifting(200, slope=0.0001, noise=0.0)).steady


def test_modes_that_change_with_every_window_are_never_steady() -> None:
    assert not warmed(two_modes(200, stay=WINDOW), seconds=150.0).steady


def test_modes_that_stay_are_steady_within_one() -> None:
    found = warmed(two_modes(400, stay=100))
    assert found.steady
    assert len(found.samples) == FEWEST


def test_spikes_do_not_hide_a_steady_level() -> None:
    found = warmed(spiky(400), seconds=400.0)
    assert found.steady
    assert found.difference < 0.005


def test_noise_widens_what_counts_as_agreement() -> None:
    assert sum(warmed(steady(400, noise=0.05, seed=seed), seconds=300.0).steady for seed in range(20)) >= 18


def test_time_ends_it_unjudged() -> None:
    found = warmed(steady(200), seconds=5.5)
    assert len(found.samples) == 6
    assert not found.steady
    assert not found.judged


def test_a_least_is_taken_whatever_the_time() -> None:
    assert len(warmed(steady(200), seconds=0.0, least=3).samples) == 3


def test_a_clock_that_stands_at_zero_seconds_is_no_evidence() -> None:
    found = warmed([*[0.0] * 40, *[1.0] * 10], seconds=5.0)
    assert not found.steady


def test_the_slope_is_that_of_most_pairs() -> None:
    line = [3.0 + 0.5 * i for i in range(20)]
    assert theil_sen(line) == pytest.approx(0.5)
    line[4] = 1e6
    assert theil_sen(line) == pytest.approx(0.5, rel=0.1)
