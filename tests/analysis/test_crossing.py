"""Where a curve rises through zero: every pattern of signs, and the ends of the interval worked by hand."""

import math

import pytest

from benchsuite.analysis.crossing import Crossing, Height, crossing


def heights(*ys: float, half: float | None = 0.5) -> list[Height]:
    return [Height(float(x), y, half) for x, y in enumerate(ys)]


@pytest.mark.parametrize(
    ("ys", "outcome", "at", "surely_from"),
    [
        ([-1, 1], "from", 0.5, 1.0),
        ([-3, -1, 3], "from", 1.25, 2.0),
        ([1, 2], "always", None, 0.0),
        ([-1, -2], "never", None, None),
        ([-1, 0.2, 1], "from", 5 / 6, 2.0),
        ([-1, 0.2, -0.2, 1], "from", 2 + 1 / 6, 3.0),
        ([0.2, 1, 2], "cannot tell", None, 1.0),
        ([-1, -0.2], "cannot tell", None, None),
        ([-1, 1, -1], "cannot tell", None, None),
        ([1, -1], "cannot tell", None, None),
        ([-1, 1, -1, 1], "cannot tell", 2.5, 3.0),
        ([1], "always", None, 0.0),
        ([0.1], "cannot tell", None, None),
    ],
)
def test_what_the_signs_say(ys: list[float], outcome: str, at: float | None, surely_from: float | None) -> None:
    found = crossing(heights(*ys))
    assert found.outcome == outcome
    assert found.at == (None if at is None else pytest.approx(at))
    assert found.surely_from == surely_from


def test_nothing_says_nothing() -> None:
    assert crossing([]) == Crossing("cannot tell")


def test_the_interval_is_where_the_line_may_be_zero() -> None:
    found = crossing(heights(-1, 1))
    # Zero at w where (2 w - 1)^2 = 0.25 ((1 - w)^2 + w^2), which is 14 w^2 - 14 w + 3 = 0.
    ends = [(14 - math.sqrt(14**2 - 4 * 14 * 3)) / 28, (14 + math.sqrt(14**2 - 4 * 14 * 3)) / 28]
    assert [found.low, found.high] == pytest.approx(ends)


def test_points_that_cannot_be_told_widen_it() -> None:
    found = crossing(heights(-1, 0.1, 1))
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 1 < found.high < 2


def test_without_intervals_there_is_a_place_and_no_verdict() -> None:
    assert crossing(heights(-1, 1, half=None)) == Crossing("cannot tell", 0.5)
    mixed = [Height(0, -1, 0.1), Height(1, 0.5, None), Height(2, 1, 0.1)]
    assert crossing(mixed).outcome == "cannot tell"
