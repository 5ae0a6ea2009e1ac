"""A report for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchsuite.report.escape import plain
from benchsuite.report.machine import facts
from benchsuite.report.remarks import NO_CEILINGS, doubts, missing
from benchsuite.report.sheet import Sheet
from benchsuite.report.table import Column, Table, ceiling_table, legend, workload_tables

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

_STATUS_STYLE = {"wrong": "bold red", "failed": "red", "skipped": "dim"}


def show(sheets: Sequence[Sheet], console: Console) -> None:
    """Write machines, ceilings, one table a workload, doubts, and what is missing."""
    for sheet in sheets:
        _facts(sheet, console, len(sheets) > 1)
    _ceilings(sheets, console)
    tables = workload_tables(sheets)
    for table in tables:
        _table(table, console)
    if tables:
        _paragraph(legend(sheets), console)
    _doubts(sheets, console)
    _missing(sheets, console)


def _facts(sheet: Sheet, console: Console, several: bool) -> None:
    grid = _grid()
    if several:
        grid.add_row(_text("run", "dim"), _text(sheet.label, "bold"))
    for name, text in facts(sheet):
        grid.add_row(_text(name, "dim"), _text(text))
    console.print(grid)
    console.print()


def _ceilings(sheets: Sequence[Sheet], console: Console) -> None:
    table = ceiling_table(sheets)
    if table is None:
        _paragraph(NO_CEILINGS, console)
    else:
        _table(table, console)


def _table(table: Table, console: Console) -> None:
    title = _text(table.title, "bold")
    if table.common:
        title.append(f"  {plain(table.common)}", "dim")
    console.print(title, soft_wrap=False)
    console.print(_fitting(table, console))
    console.print()


def _fitting(table: Table, console: Console) -> RichTable:
    """Leave out spare columns until the table is no wider than the console."""
    from rich.measure import Measurement

    columns = list(table.columns)
    while True:
        drawn = _drawn(columns)
        wanted = Measurement.get(console, console.options.update(max_width=10_000), drawn).maximum
        spare = max(c.spare for c in columns)
        if wanted <= console.width or spare == 0:
            return drawn
        columns = [c for c in columns if c.spare < spare]


def _drawn(columns: Sequence[Column]) -> RichTable:
    from rich.table import Table as RichTable

    drawn = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        drawn.add_column(_text(column.head), justify="right" if column.right else "left", overflow="fold")
    for cells in zip(*(c.cells for c in columns), strict=True):
        best = "★" in cells
        drawn.add_row(*(_text(cell, "bold" if best else "") for cell in cells))
    return drawn


def _doubts(sheets: Sequence[Sheet], console: Console) -> None:
    found = doubts(sheets)
    if not found:
        return
    from rich.padding import Padding

    console.print(_text("In doubt", "bold"))
    for remark in found:
        line = _text(remark.code, "yellow")
        jobs = f"{remark.jobs} of {remark.of} jobs" if remark.of > 1 else "1 job"
        line.append(f"  {jobs}, worst {remark.worst.value:.3g} (limit {remark.worst.limit:.3g}) in", "default")
        console.print(line)
        for text in (remark.where, remark.worst.advice):
            console.print(Padding(_text(text), (0, 0, 0, 2)))
    console.print()


def _missing(sheets: Sequence[Sheet], console: Console) -> None:
    found = missing(sheets)
    if not found:
        return
    console.print(_text("Without a result", "bold"))
    grid = _grid()
    for remark in found:
        count = f" ({remark.jobs} jobs)" if remark.jobs > 1 else ""
        grid.add_row(_text(remark.status, _STATUS_STYLE[remark.status]), _text(f"{remark.who}: {remark.reason}{count}"))
    console.print(grid)
    console.print()


def _paragraph(text: str, console: Console) -> None:
    console.print(_text(text, "dim"))
    console.print()


def _grid() -> RichTable:
    from rich.table import Table as RichTable

    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _text(text: str, style: str = "") -> Text:
    # A Text is never read as markup, whatever brackets a stored string holds.
    from rich.text import Text

    return Text(plain(text), style)
