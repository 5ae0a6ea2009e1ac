"""Tables as a page shows them: rows that can be sorted and filtered, because each says all that it is about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.report.escape import plain
from benchsuite.report.table import Column, Table

_STATES = {
    "ok": "good", "supported": "good", "wrong": "bad", "failed": "bad", "not supported": "bad", "skipped": "mute",
    "cannot tell": "mute",
}  # fmt: skip
_STATE_NAMES = ("status", "answer", "verdict")
_WIDE = 44
_LONG = 160


@dataclass(frozen=True)
class Head:
    """A column's heading; `header` is the column that names the row."""

    text: str
    right: bool
    header: bool


@dataclass(frozen=True)
class Cell:
    """A text, and the number behind it where there is one.

    `again` is what the row above also says, `state` a class of its colour, `look` one of its place, `long` what is
    better folded.
    """

    text: str
    header: bool
    look: str = ""
    value: str = ""
    again: bool = False
    state: str = ""
    long: bool = False


@dataclass(frozen=True)
class Line:
    """A row. `starts` is whether it begins a group; workload and backend are empty where it is not of one job."""

    cells: tuple[Cell, ...]
    starts: bool
    workload: str
    backend: str


@dataclass(frozen=True)
class Grid:
    """A table with an id and a label, both unique on the page."""

    id: str
    label: str
    title: str
    common: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]


def grid(table: Table, id: str, number: str) -> Grid:
    """Lay out a table; the cells of a column that is shown once are in every row, marked as said before."""
    named = _naming(table.columns)
    heads = tuple(Head(c.head, c.right, i == named) for i, c in enumerate(table.columns))
    columns = [_cells(column, heads[i], set(table.starts)) for i, column in enumerate(table.columns)]
    backends = next((c.cells for c in table.columns if c.head == "backend"), None)
    workloads = next((c.cells for c in table.columns if c.head == "workload"), None)
    lines = []
    for i, cells in enumerate(zip(*columns, strict=True)):
        backend = plain(backends[i]) if backends else ""
        workload = plain(workloads[i]) if workloads else plain(table.title) if backends else ""
        lines.append(Line(cells, i in table.starts, workload, backend))
    label = ", ".join(filter(None, (f"Table {number}", table.title, table.common)))
    return Grid(id, label, table.title, table.common, heads, tuple(lines))


def state(name: str, text: str) -> str:
    """The class of the colour of an answer or a status; empty for anything else."""
    return _STATES.get(text, "") if name in _STATE_NAMES else ""


def _naming(columns: Sequence[Column]) -> int:
    """The column that says what a row is of."""
    heads = [column.head for column in columns]
    return next((heads.index(name) for name in ("workload", "backend") if name in heads), 0)


def _cells(column: Column, head: Head, starts: set[int]) -> list[Cell]:
    prose = any(len(text) > _WIDE for text in column.cells)
    return [
        Cell(
            text,
            head.header,
            "" if column.right else "prose" if prose else "words",
            _number(column.values[i], text) if column.values else "",
            again=column.once and i not in starts,
            state=state(column.head, text),
            long=not column.right and len(text) > _LONG,
        )
        for i, text in enumerate(column.cells)
    ]


def _number(value: float | None, text: str) -> str:
    """The number behind a text, left out where the text is that number."""
    if value is None or not math.isfinite(value) or text == f"{value:.0f}":
        return ""
    return f"{value:.6g}"
