"""A report as GitHub-flavoured Markdown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from benchsuite.report.charts.model import Chart
from benchsuite.report.escape import markdown
from benchsuite.report.part import Part
from benchsuite.report.table import Table, lines

_DEEPEST = 6


def document(parts: Sequence[Part], title: str, pictures: Collection[str] = ()) -> str:
    """Lay the parts out; of `pictures`, names of files, each chart takes its own. What is folded is left out."""
    blocks = [f"# {markdown(title)}"]
    for part in parts:
        blocks += _part(part, 2, pictures)
    return "\n\n".join(blocks) + "\n"


def _part(part: Part, level: int, pictures: Collection[str]) -> Iterator[str]:
    if part.folded:
        return
    yield _heading(part.heading, level)
    if part.facts:
        yield "\n".join(f"- {markdown(name)}: {markdown(text)}" for name, text in part.facts)
    yield from map(markdown, part.paragraphs)
    for table in part.tables:
        yield from _table(table, level + 1)
    for chart in part.charts:
        yield from _picture(chart, pictures)
    for below in part.parts:
        yield from _part(below, level + 1, pictures)


def _heading(text: str, level: int) -> str:
    return f"{'#' * min(level, _DEEPEST)} {markdown(text)}"


def _table(table: Table, level: int) -> Iterator[str]:
    if table.title:
        yield _heading(table.title, level)
    if table.common:
        yield markdown(table.common)
    rows = [_line(markdown(c.head) for c in table.columns), _line("---:" if c.right else ":---" for c in table.columns)]
    rows += [_line(map(markdown, cells)) for cells in lines(table.columns, table.starts)]
    yield "\n".join(rows)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _picture(chart: Chart, pictures: Collection[str]) -> Iterator[str]:
    file = next((name for name in (f"{chart.name}.png", f"{chart.name}.svg") if name in pictures), None)
    if file is not None:
        yield f"![{markdown(chart.title)}]({file})"
        yield markdown(chart.caption)
