"""Verdicts for a terminal: numbers in columns, then the job and why, folded into what is left of the line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from benchsuite.report.escape import plain
from benchsuite.report.ranking import Group, Section, groups, summary
from benchsuite.report.table import Column
from benchsuite.report.verdict_table import LEGEND, columns

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {
    "wrong": "bold red", "failed": "red", "removed": "red", "slower": "red", "faster": "green",
    "unclear": "yellow", "ungateable": "yellow", "incomparable": "yellow", "added": "dim", "mean": "bold",
}  # fmt: skip
_GAP = "  "
_ROOMY, _LEAST_FOLDED, _LONGEST_NAME = 110, 8, 16
# Styling takes tens of microseconds a line; who has more of them does not read them one by one.
_MOST_STYLED = 2000


def show(sections: Sequence[Section], console: Console, by: str | None = None) -> None:
    """Write each section: title, lines, verdicts worst first, in groups where asked for, and a summary."""
    for section in sections:
        _write(_hanging("", plain(section.title), console.width), "bold", console)
        names = [plain(name)[:_LONGEST_NAME] for name, _ in section.lines]
        width = max(map(len, names), default=0)
        for name, (_, text) in zip(names, section.lines, strict=True):
            _write(_hanging(f"{name:{width}}{_GAP}", plain(text), console.width), "", console)
        console.print()
        if section.verdicts:
            for group in groups(section.verdicts, by):
                _group(group, console)
            _write(textwrap.wrap(LEGEND, console.width), "dim", console)
        _write(textwrap.wrap(summary(section.verdicts), console.width), "bold", console)
        console.print()


def _group(group: Group, console: Console) -> None:
    if group.name:
        _write(_hanging("", plain(group.name), console.width), "bold", console)
    *numbers, jobs, reasons = columns(group, brief=console.width < _ROOMY)
    numbers = [c for c in numbers if any(c.cells)]
    widths = [max(map(len, (c.head, *c.cells))) for c in numbers]
    left = console.width - sum(widths) - len(_GAP) * len(widths)
    _write([_line([c.head for c in numbers], numbers, widths) + jobs.head], "dim", console)
    block: list[str] = []
    style = None
    for row, (job, reason) in enumerate(zip(jobs.cells, reasons.cells, strict=True)):
        outcome = numbers[0].cells[row]
        if outcome != style:
            _write(block, _STYLES.get(style or "", ""), console)
            block, style = [], outcome
        head = _line([c.cells[row] for c in numbers], numbers, widths)
        block += _folded(head, [job, reason] if reason else [job], left)
    _write(block, _STYLES.get(style or "", ""), console)
    console.print()


def _line(cells: Sequence[str], numbers: Sequence[Column], widths: Sequence[int]) -> str:
    return "".join(
        [
            (cell.rjust(width) if column.right else cell.ljust(width)) + _GAP
            for cell, column, width in zip(cells, numbers, widths, strict=True)
        ]
    )


def _folded(head: str, texts: Sequence[str], width: int) -> Iterator[str]:
    for text in texts:
        for part in _parts(text, max(_LEAST_FOLDED, width)):
            yield head + part
            head = " " * len(head)


def _parts(text: str, width: int) -> list[str]:
    """The text in lines, broken after what parts a job's id or a sentence."""
    if not text.isascii():
        from rich.cells import chop_cells

        return chop_cells(text, width)
    parts = []
    while len(text) > width:
        cut = max(text.rfind(mark, width // 2, width) for mark in " ,@/") + 1 or width
        parts.append(text[:cut])
        text = text[cut:].lstrip(" ")
    return [*parts, text]


def _hanging(head: str, text: str, width: int) -> list[str]:
    return list(_folded(head, [text], width - len(head)))


def _write(lines: Sequence[str], style: str, console: Console) -> None:
    from rich.text import Text

    if not lines:
        return
    block = "\n".join(map(str.rstrip, lines))
    if len(lines) > _MOST_STYLED:
        console.file.write(f"{block}\n")
    else:
        # A Text is never read as markup, whatever brackets a stored string holds.
        console.print(Text(block, style), no_wrap=True, overflow="ignore", crop=False)
