"""Axes that fit what they have to hold, with a unit in every tick."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from benchsuite import units
from benchsuite.report.charts import ticks
from benchsuite.report.charts.model import Axis

_TIME = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
_FARTHEST_POWER = 40
_NARROWEST_LETTERS = 31


def logarithmic(
    heading: str, values: Iterable[float], show: Callable[[float], str], least: float = 10.0, most: int = 10
) -> Axis:
    """An axis over positive values that spans a factor of `least` or more, with at most `most` ticks.

    So a few per cent do not look like a gulf, and there are two ticks or more.
    """
    ends = list(values)
    low, high = min(ends), max(ends)
    margin = max(1.25, (least * low / high) ** 0.5)
    low, high = low / margin, high * margin
    return Axis(heading, low, high, tuple((v, show(v)) for v in ticks.logarithmic(low, high, most)))


def swept(heading: str, values: Iterable[int]) -> Axis:
    """A logarithmic axis with ticks at the values of a swept axis of a workload, or some of them."""
    found = sorted({float(v) for v in values if v > 0})
    # Closer than this, the numbers would run into each other in the narrowest plane.
    most = max(2, int(_NARROWEST_LETTERS / (1 + max(len(f"{v:.0f}") for v in found))))
    width = (found[-1] / found[0]) ** (1 / (most - 1)) * (1 - 1e-9)
    apart: list[float] = []
    for value in reversed(found):
        if not apart or apart[-1] / value >= width:
            apart.append(value)
    margin = max(1.15, (found[-1] / found[0]) ** 0.06)
    shown = tuple((v, f"{v:.0f}") for v in reversed(apart))
    return Axis(heading, found[0] / margin, found[-1] * margin, shown)


def from_zero(heading: str, values: Iterable[float], show: Callable[[float], str]) -> Axis:
    """A linear axis that begins at zero."""
    high = 1.05 * max(values)
    return Axis(heading, 0.0, high, tuple((v, show(v)) for v in ticks.linear(0.0, high, 9)), logarithmic=False)


def times(heading: str, values: Iterable[float]) -> Axis:
    """Seconds, on a linear axis that need not begin at zero, or a logarithmic one where they differ tenfold."""
    ends = list(values)
    low, high = min(ends), max(ends)
    if high >= 10 * low:
        return logarithmic(heading, ends, one_second_digit)
    pad = 0.06 * (high - low) or 0.05 * high
    low, high = max(0.0, low - pad), high + pad
    unit = units.seconds(high).split()[-1]
    scale = _TIME[unit]
    step = ticks.spacing(low / scale, high / scale, 6)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    shown = tuple((v * scale, f"{v:.{decimals}f} {unit}") for v in ticks.linear(low / scale, high / scale, 6))
    return Axis(heading, low, high, shown, logarithmic=False)


def sizes(heading: str, values: Iterable[float]) -> Axis:
    """Bytes, on a linear axis from zero, with round ticks in one binary unit."""
    high = 1.08 * max(values)
    power = min(_FARTHEST_POWER, max(0, 10 * math.floor(math.log2(max(high, 1.0)) / 10)))
    unit = {0: "B", 10: "KiB", 20: "MiB", 30: "GiB", 40: "TiB"}[power]
    scale = 2.0**power
    shown = tuple((v * scale, f"{v:g} {unit}") for v in ticks.linear(0.0, high / scale, 6))
    return Axis(heading, 0.0, high, shown, logarithmic=False)


def one_second_digit(value: float) -> str:
    """A tick in seconds: `20 µs`."""
    return units.seconds(value, 1)


def one_digit(value: float) -> str:
    """A tick with an SI prefix: `20 k`."""
    return units.scaled(value, 1)


def one_times_digit(value: float) -> str:
    """A tick of a ratio: `20×`."""
    return units.times(value, 1)


def errors(heading: str, values: Iterable[float], floor: float) -> Axis:
    """Relative errors at decades, two of them or more; what is at `floor` was smaller than anyone asks, or none."""
    ends = list(values)
    margin = max(3.0, (100 * min(ends) / max(ends)) ** 0.5)
    low, high = min(ends) / margin, max(ends) * margin
    shown = [(v, _decade(v)) for v in ticks.decades(low, high, 6)]
    return Axis(heading, low, high, tuple((v, f"≤{text}" if v <= floor else text) for v, text in shown))


def _decade(value: float) -> str:
    return f"{value:g}".replace("e-0", "e-")
