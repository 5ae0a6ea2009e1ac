"""Base units to text and back: seconds, bytes, rates, shares."""

from __future__ import annotations

import math
import re

from benchsuite.errors import UsageError

_SI = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_TIME = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_BINARY = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B"))
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_SECONDS = {"ms": 1e-3, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}


def digits(value: float, half_width: float | None) -> int:
    """Significant digits of `value` that an interval of +-`half_width` supports: 2 to 5, 3 without one."""
    if half_width is None or not math.isfinite(half_width) or half_width <= 0 or value == 0:
        return 3
    return min(5, max(2, math.ceil(math.log10(abs(value) / half_width)) + 1))


def significant(value: float, count: int = 3) -> str:
    """`value` with `count` significant digits: 0.0123, 1.50, 1230; an exponent only beyond 1e15 either way."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if not 1e-15 < abs(value) < 1e15:
        return f"{value:.{count - 1}e}"
    rounded = float(f"{value:.{count - 1}e}")
    decimals = max(0, count - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:.{decimals}f}"


def seconds(value: float, count: int = 3) -> str:
    """Duration in the unit that suits it: `1.23 ms`."""
    for scale, name in _TIME:
        if abs(value) >= scale * 0.9995:
            return f"{significant(value / scale, count)} {name}"
    return f"{significant(value / 1e-9, count)} ns"


def size(value: float) -> str:
    """Bytes in binary units: `1.50 GiB`."""
    for scale, name in _BINARY:
        if abs(value) >= scale:
            return f"{significant(value / scale)} {name}"
    return f"{value:g} B"


def rate(value: float, unit: str, count: int = 3) -> str:
    """Rate with an SI prefix: `1.23 GFLOP/s`, `512 tokens/s`."""
    prefixed = unit in ("FLOP", "B")
    for scale, prefix in _SI:
        if abs(value) >= scale * 0.9995:
            space = "" if prefixed or not prefix else " "
            return f"{significant(value / scale, count)} {prefix}{space}{unit}/s"
    return f"{significant(value, count)} {unit}/s"


def percent(value: float, count: int = 2) -> str:
    """Ratio of 1.0 as `100 %`."""
    return f"{significant(100 * value, max(count, 3 if abs(value) >= 1 else count))} %"


def scaled(value: float, count: int = 3) -> str:
    """Scaled with an SI prefix and no unit: `1.23 k`."""
    for scale, prefix in _SI:
        if abs(value) >= scale * 0.9995:
            return f"{significant(value / scale, count)} {prefix}".rstrip()
    return significant(value, count)


def times(value: float, count: int = 3) -> str:
    """Ratio as a factor: `1.23×`."""
    return f"{significant(value, count)}×"


def margin(relative_half_width: float | None) -> str:
    """Half of an interval as a share of its value: `±1.2 %`; a dash where there is no interval."""
    return "–" if relative_half_width is None else f"±{percent(relative_half_width)}"


def parse_duration(text: str) -> float:
    """Seconds of `90`, `90s`, `10m`, `1.5h`. Raises UsageError for anything else or for zero."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise UsageError(f"{text!r} is not a duration: write a positive number and s, m or h, such as 10m")
    return float(match[1]) * _SECONDS[match[2] or ""]
