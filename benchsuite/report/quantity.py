"""Quantities in words: a value in a base unit, scaled, with its interval."""

from __future__ import annotations

from benchsuite import units
from benchsuite.analysis import Estimate
from benchsuite.report.table import digits

_ENERGY = ((1e3, "kJ"), (1.0, "J"), (1e-3, "mJ"), (1e-6, "µJ"), (1e-9, "nJ"))


def quantity(value: float, unit: str, count: int = 3) -> str:
    """`1.23 ms`, `4.00 GiB`, `1.2 k tokens/s`, `512 tokens`; the unit `1` is left out."""
    if unit == "s":
        return units.seconds(value, count)
    if unit == "B":
        return units.size(value)
    if unit == "J":
        return joules(value, count)
    if unit == "1":
        return units.significant(value, count)
    if unit.endswith("/s"):
        return units.rate(value, unit.removesuffix("/s"), count)
    return f"{units.significant(value, count)} {unit}"


def with_interval(item: Estimate, unit: str) -> str:
    """The value and the ends of its interval: `1.23 ms, 95 % interval 1.20 ms to 1.26 ms`."""
    count = digits(item)
    text = quantity(item.value, unit, count)
    if item.low is None or item.high is None:
        return f"{text}, no interval"
    if item.low == item.high:
        return text
    return f"{text}, 95 % interval {quantity(item.low, unit, count)} to {quantity(item.high, unit, count)}"


def with_margin(item: Estimate, unit: str) -> str:
    """The value and half of its interval: `1.23 ms ±1.2 %`; both ends where that is no share of it."""
    half = item.relative_half_width
    if half is None or half == 0:
        return with_interval(item, unit)
    return f"{quantity(item.value, unit, digits(item))} {units.margin(half)}"


def joules(value: float, count: int = 3) -> str:
    """Energy in the unit that suits it: `1.23 mJ`."""
    for scale, name in _ENERGY:
        if abs(value) >= scale * 0.9995:
            return f"{units.significant(value / scale, count)} {name}"
    return f"{units.significant(value / 1e-9, count)} nJ"
