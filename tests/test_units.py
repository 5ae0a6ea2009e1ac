"""Base units to text and back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite import units
from benchsuite.errors import UsageError


@pytest.mark.parametrize(
    ("value", "half_width", "expected"),
    [
        (100, None, 3),
        (100, 0, 3),
        (0, 1, 3),
        (100, math.inf, 3),
        (100, 60, 2),
        (100, 10, 2),
        (100, 1, 3),
        (100, 1e-9, 5),
    ],
)
def test_digits_are_what_the_interval_supports(value: float, half_width: float | None, expected: int) -> None:
    assert units.digits(value, half_width) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (units.significant(0.01234), "0.0123"),
        (units.significant(1.5), "1.50"),
        (units.significant(9.996), "10.0"),
        (units.significant(1234.0), "1230"),
        (units.significant(0.0), "0"),
        (units.significant(math.nan), "nan"),
        (units.significant(1.234e300), "1.23e+300"),
        (units.seconds(0.00123), "1.23 ms"),
        (units.seconds(0.00099999), "1.00 ms"),
        (units.seconds(65.4), "65.4 s"),
        (units.seconds(2e-10), "0.200 ns"),
        (units.seconds(0.0), "0 ns"),
        (units.seconds(1.23456e-5, 5), "12.346 µs"),
        (units.size(1.5 * 2**30), "1.50 GiB"),
        (units.size(12), "12.0 B"),
        (units.size(0), "0 B"),
        (units.rate(1.23e9, "FLOP"), "1.23 GFLOP/s"),
        (units.rate(512, "tokens"), "512 tokens/s"),
        (units.rate(5120, "tokens"), "5.12 k tokens/s"),
        (units.rate(0.5, "samples"), "0.500 samples/s"),
        (units.scaled(1234.0), "1.23 k"),
        (units.scaled(12.0), "12.0"),
        (units.scaled(0.012), "0.0120"),
        (units.times(1.234), "1.23×"),
        (units.percent(0.123), "12 %"),
        (units.percent(1.0), "100 %"),
        (units.margin(0.0123), "±1.2 %"),
        (units.margin(None), "–"),
    ],
)
def test_text(text: str, expected: str) -> None:
    assert text == expected


@given(st.floats(allow_subnormal=True))
def test_every_number_has_a_short_text(value: float) -> None:
    for show in (units.significant, units.seconds, units.size, units.scaled, units.times, units.percent):
        assert 1 <= len(show(value)) <= 30


@pytest.mark.parametrize(
    ("text", "expected"), [("90", 90), ("90s", 90), ("250ms", 0.25), ("10m", 600), ("1.5h", 5400), (" 2s ", 2)]
)
def test_durations(text: str, expected: float) -> None:
    assert units.parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "0", "0s", "-1s", "ten", "1 m", "1d", "nan"])
def test_what_is_no_duration_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a duration: write a positive number"):
        units.parse_duration(text)
