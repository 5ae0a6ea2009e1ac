"""A chart as a figure of a page: what to draw, a legend whose entries are switches, and the same data as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchsuite.report.charts.model import Chart, Dots, Plane
from benchsuite.report.escape import plain
from benchsuite.report.page import dots, palette, plane, vega
from benchsuite.report.page.alternative import lines_drawn, tables
from benchsuite.report.page.grid import Grid, grid
from benchsuite.report.page.series import Series, of_panel, series
from benchsuite.report.page.vega import Json

if TYPE_CHECKING:
    from markupsafe import Markup

# What ends an element of HTML, or a line of JavaScript; all of it can be written as an escape within a string of JSON.
_ESCAPES = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


@dataclass(frozen=True)
class Entry:
    """An entry of the legend: the place of its series, its words, and how its mark looks."""

    series: int
    text: str
    style: int
    outline: str
    hollow: bool


@dataclass(frozen=True)
class Figure:
    """`panels` are names of what is drawn, one a panel; `specifications` is JSON of what each adds to `drawings`."""

    id: str
    name: str
    title: str
    caption: str
    kind: str
    panels: tuple[str, ...]
    specifications: Markup
    legend: tuple[Entry, ...]
    notes: tuple[str, ...]
    grids: tuple[Grid, ...]
    drawn: tuple[str, ...]


def figure(chart: Chart, id: str) -> Figure:
    """Lay out a chart."""
    found = series(chart)
    number = id.rpartition("-")[2]
    names = tuple(panel.title if isinstance(panel, Plane) else panel.axis.heading for panel in chart.panels)
    return Figure(
        id,
        chart.name,
        chart.title,
        chart.caption,
        "dots" if isinstance(chart.panels[0], Dots) else "plane",
        names,
        _json([_panel(panel, [found.index(s) for s in of_panel(panel, chart)], len(found)) for panel in chart.panels]),
        tuple(_entry(i, each) for i, each in enumerate(found)),
        _notes(chart),
        tuple(grid(table, f"{id}-data-{i}", f"{number}.{i}") for i, table in enumerate(tables(chart), start=1)),
        tuple(lines_drawn(chart)),
    )


def drawings() -> Markup:
    """What all panels of each kind share, as JSON."""
    return _json({"dots": vega.drawing(dots.layers()), "plane": vega.drawing(plane.layers())})


def _panel(panel: Dots | Plane, found: Sequence[int], count: int) -> Json:
    return dots.panel(panel, found, count) if isinstance(panel, Dots) else plane.panel(panel, found, count)


def _notes(chart: Chart) -> tuple[str, ...]:
    """What else the legend explains."""
    points = [dot for panel in chart.panels if isinstance(panel, Dots) for dot in panel.dots]
    places = [p for panel in chart.panels if isinstance(panel, Plane) for curve in panel.curves for p in curve.places]
    found = [dot.estimate for dot in points] + [each.y for each in places]
    notes = ["interval"] if any(e.low is not None for e in found) else []
    return (*notes, "best") if any(dot.best for dot in points) else tuple(notes)


def _entry(at: int, each: Series) -> Entry:
    style = palette.index(each.family)
    return Entry(at, plain(each.label), style, palette.outline(style), each.on_cpu)


def _json(data: object) -> Markup:
    from markupsafe import Markup

    # What is not ASCII is escaped by json itself, half surrogates included.
    return Markup(json.dumps(data, allow_nan=False, separators=(",", ":")).translate(_ESCAPES))  # noqa: S704 (see _ESCAPES)
