"""A report for a terminal: all of it in words, none of its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from benchsuite.report.escape import plain
from benchsuite.report.part import Part
from benchsuite.report.table import Column, Table, lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

_STYLES = {
    "wrong": "bold red", "failed": "red", "skipped": "dim",
    "supported": "green", "not supported": "red", "cannot tell": "yellow",
}  # fmt: skip
_RULES = {1: "━", 2: "─"}
_GAP = 2
_BEST = "★"


def show(parts: Sequence[Part], console: Console) -> None:
    """Write the parts as they stand, without pictures and what is folded."""
    for part in parts:
        _part(part, console, 1)


def _part(part: Part, console: Console, level: int) -> None:
    if part.folded:
        return
    _heading(part.heading, console, level)
    if part.facts:
        console.print(_grid(part.facts))
    for text in part.paragraphs:
        console.print(_text(text, "dim" if part.tables else ""))
    if part.facts or part.paragraphs:
        console.print()
    for table in part.tables:
        _table(table, console)
    for below in part.parts:
        _part(below, console, level + 1)


def _heading(heading: str, console: Console, level: int) -> None:
    from rich.rule import Rule

    # A rule would cut what does not fit beside it.
    if level in _RULES and len(heading) < console.width - 2:
        console.print(Rule(_text(heading, "bold"), characters=_RULES[level], align="left", style="dim"))
    else:
        console.print(_text(heading, "bold"))


def _grid(facts: Sequence[tuple[str, str]]) -> RichTable:
    from rich.table import Table as RichTable

    grid = RichTable.grid(padding=(0, _GAP, 0, 0))
    grid.add_column(no_wrap=max(len(name) for name, _ in facts) <= 20)
    grid.add_column(overflow="fold")
    for name, text in facts:
        grid.add_row(_text(name, "dim"), _text(text, _STYLES.get(text, "")))
    return grid


def _table(table: Table, console: Console) -> None:
    if table.title:
        title = _text(table.title, "bold")
        if table.common:
            title.append(f"  {plain(table.common)}", "dim")
        console.print(title, soft_wrap=False)
    harmless = [replace(c, head=plain(c.head), cells=tuple(map(plain, c.cells))) for c in table.columns]
    columns = _fitting(harmless, console.width)
    if _wanted(columns) <= console.width:
        console.print(_block(columns, table.starts), no_wrap=True, overflow="ignore", crop=False)
    else:
        console.print(_folded(columns, table.starts))
    console.print()


def _fitting(columns: Sequence[Column], width: int) -> Sequence[Column]:
    """Leave out spare columns until the line is no wider than the terminal."""
    while (spare := max(c.spare for c in columns)) > 0 and _wanted(columns) > width:
        columns = [c for c in columns if c.spare < spare]
    return columns


def _wanted(columns: Sequence[Column]) -> int:
    return sum(map(_width, columns)) + _GAP * (len(columns) - 1)


def _width(column: Column) -> int:
    return max(cell_len(text) for text in (column.head, *column.cells))


def _block(columns: Sequence[Column], starts: Sequence[int]) -> Text:
    """The lines of a table that fits: what rich would draw, in a tenth of the time."""
    from rich.text import Text

    widths = [_width(c) for c in columns]
    text = Text(_line([c.head for c in columns], columns, widths), "dim")
    for cells in lines(columns, starts):
        text.append("\n" + _line(cells, columns, widths), _style(cells))
    return text


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padded = (
        " " * (width - cell_len(cell)) + cell if column.right else cell + " " * (width - cell_len(cell))
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    return (" " * _GAP).join(padded).rstrip()


def _style(cells: Sequence[str]) -> str:
    if any(cell.startswith(_BEST) for cell in cells):
        return "bold"
    return next((_STYLES[cell] for cell in cells if cell in _STYLES), "")


def _folded(columns: Sequence[Column], starts: Sequence[int]) -> RichTable:
    """A table that does not fit: long cells take several lines."""
    from rich.table import Table as RichTable

    drawn = RichTable(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    for column in columns:
        drawn.add_column(_text(column.head), justify="right" if column.right else "left", overflow="fold")
    for cells in lines(columns, starts):
        drawn.add_row(*(_text(cell) for cell in cells), style=_style(cells))
    return drawn


def _text(text: str, style: str = "") -> Text:
    # A Text is never read as markup, whatever brackets a stored string holds.
    from rich.text import Text

    return Text(plain(text), style)
