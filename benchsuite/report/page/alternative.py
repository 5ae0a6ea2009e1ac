"""The data of a chart as a table: its text alternative."""

from __future__ import annotations

from collections.abc import Iterator

from benchsuite import units
from benchsuite.analysis import Estimate
from benchsuite.report.charts.model import Axis, Chart, Dots, Plane
from benchsuite.report.table import Column, Table


def tables(chart: Chart) -> list[Table]:
    """One table a panel, one row a value, in the order of drawing."""
    return [_dots(chart, panel) if isinstance(panel, Dots) else _plane(chart, panel) for panel in chart.panels]


def interval(found: Estimate) -> str:
    """The ends of an interval beside its value: `−1.2 % to +1.3 %`; a dash where there is none."""
    if found.low is None or found.high is None or found.value <= 0:
        return "–"
    return f"{_beside(found.low / found.value - 1)} to {_beside(found.high / found.value - 1)}"


def certainty(found: Estimate) -> str:
    """The interval and what it rests on; empty where there is none."""
    return "" if found.low is None else f"{interval(found)}, {found.rounds} rounds"


def place(axis: Axis, value: float) -> str:
    """A value of an axis in words: as its tick has it, else with four digits."""
    return next((text for tick, text in axis.ticks if tick == value), units.significant(value, 4))


def lines_drawn(chart: Chart) -> Iterator[str]:
    """What the lines and bands say that are drawn beside the data."""
    for panel in chart.panels:
        if isinstance(panel, Plane):
            rules, bands = [rule.text for rule in panel.rules], [band.text for band in panel.bands]
            yield from (f"{panel.title}: {text}" if panel.title else text for text in rules + bands if text)


def _beside(part: float) -> str:
    return f"{'−' if part < 0 else '+'}{units.percent(abs(part))}"


def _dots(chart: Chart, panel: Dots) -> Table:
    columns = [
        Column("case", tuple(dot.case for dot in panel.dots), right=False),
        Column("backend", tuple(dot.label for dot in panel.dots), right=False),
        Column("value", tuple(dot.text for dot in panel.dots), values=tuple(d.estimate.value for d in panel.dots)),
        *_certainty([dot.estimate for dot in panel.dots]),
    ]
    return Table(chart.title, panel.axis.heading, tuple(columns))


def _plane(chart: Chart, panel: Plane) -> Table:
    found = [(curve.label, each) for curve in panel.curves for each in curve.places]
    columns = [
        Column("line", tuple(label for label, _ in found), right=False),
        Column(panel.x.heading, tuple(place(panel.x, e.x) for _, e in found), values=tuple(e.x for _, e in found)),
        Column(panel.y.heading, tuple(e.text for _, e in found), values=tuple(e.y.value for _, e in found)),
        *_certainty([each.y for _, each in found]),
        Column("marked", tuple(each.mark for _, each in found), right=False),
    ]
    return Table(chart.title, panel.title, tuple(c for c in columns if any(c.cells)))


def _certainty(found: list[Estimate]) -> list[Column]:
    """Intervals and rounds, where any value has an interval."""
    if all(e.low is None for e in found):
        return []
    return [
        Column("95 % interval", tuple(map(interval, found))),
        Column("rounds", tuple(str(e.rounds) for e in found), values=tuple(float(e.rounds) for e in found)),
    ]
