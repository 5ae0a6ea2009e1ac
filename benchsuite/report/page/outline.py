"""A page before it is written: sections with tables and charts laid out, each with an id of its own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchsuite.report.charts.model import Chart, Dots
from benchsuite.report.escape import plain
from benchsuite.report.page.figure import Figure, figure
from benchsuite.report.page.grid import Grid, grid, state
from benchsuite.report.part import Part
from benchsuite.report.table import Table

_DEEPEST = 6


@dataclass(frozen=True)
class Picker:
    """Charts of one family of workloads of which one is shown at a time; often it is one alone."""

    id: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Fact:
    """A name and what is so named; `state` is a class of its colour, mostly none."""

    name: str
    text: str
    state: str


@dataclass(frozen=True)
class Section:
    """A heading of a level (2 to 6) with what stands under it."""

    id: str
    level: int
    heading: str
    folded: bool
    facts: tuple[Fact, ...]
    paragraphs: tuple[str, ...]
    grids: tuple[Grid, ...]
    pickers: tuple[Picker, ...]
    sections: tuple[Section, ...]


def outline(parts: Sequence[Part]) -> tuple[Section, ...]:
    """Lay out parts, headings from the second level on; the first is the page's own."""
    return _sections(parts, 2, itertools.count(1))


def _sections(parts: Sequence[Part], level: int, numbers: Iterator[int]) -> tuple[Section, ...]:
    return tuple(_section(part, level, numbers) for part in parts)


def _section(part: Part, level: int, numbers: Iterator[int]) -> Section:
    return Section(
        _id(part.heading, numbers),
        level,
        part.heading,
        part.folded,
        tuple(Fact(name, text, state(name, text)) for name, text in part.facts),
        part.paragraphs,
        tuple(_grid(table, next(numbers)) for table in part.tables),
        tuple(_picker(charts, numbers) for charts in _together(part.charts)),
        _sections(part.parts, min(level + 1, _DEEPEST), numbers),
    )


def _together(charts: Sequence[Chart]) -> list[list[Chart]]:
    """Charts of backends side by side for one family are shown one at a time, every other for itself."""
    found: dict[object, list[Chart]] = {}
    for number, chart in enumerate(charts):
        side_by_side = chart.family and all(isinstance(panel, Dots) for panel in chart.panels)
        found.setdefault(chart.family if side_by_side else number, []).append(chart)
    return list(found.values())


def _picker(charts: Sequence[Chart], numbers: Iterator[int]) -> Picker:
    return Picker(_id("pick", numbers), tuple(figure(chart, _id(chart.name, numbers)) for chart in charts))


def _grid(table: Table, number: int) -> Grid:
    return grid(table, f"table-{number}", str(number))


def _id(text: str, numbers: Iterator[int]) -> str:
    """Words of the text and a number: unique, and fit for an anchor whatever the text holds."""
    words = re.sub(r"[^a-z0-9]+", "-", plain(text).lower()).strip("-")[:40]
    return f"{words or 'part'}-{next(numbers)}"
