"""Series: what a reader can switch on and off in a chart."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.report.charts.model import Chart, Curve, Dots, Plane
from benchsuite.report.style import in_order

_MOST_CURVES = 10


@dataclass(frozen=True)
class Series:
    """A family of backends on the host or on a device; over two axes a curve, in all panels where it has the name."""

    label: str
    family: str
    on_cpu: bool


def series(chart: Chart) -> tuple[Series, ...]:
    """The series of all panels, families that are known first."""
    found = dict.fromkeys(each for panel in chart.panels for each in of_panel(panel, chart))
    order = in_order(each.family for each in found)
    return tuple(sorted(found, key=lambda each: (order.index(each.family), not each.on_cpu)))


def of_panel(panel: Dots | Plane, chart: Chart) -> list[Series]:
    """The series of each dot or curve of a panel, in order: curves by name, unless names are many or alike."""
    if isinstance(panel, Dots):
        return [_family(dot.family, dot.on_cpu) for dot in panel.dots]
    named = dict.fromkeys(_curve(curve) for other in chart.panels if isinstance(other, Plane) for curve in other.curves)
    clear = len(named) <= _MOST_CURVES and len({each.label for each in named}) == len(named)
    return [_curve(curve) if clear else _family(curve.family, curve.on_cpu) for curve in panel.curves]


def _curve(curve: Curve) -> Series:
    return Series(curve.label, curve.family, curve.on_cpu)


def _family(family: str, on_cpu: bool) -> Series:
    return Series(f"{family}, {'CPU' if on_cpu else 'accelerator'}", family, on_cpu)
