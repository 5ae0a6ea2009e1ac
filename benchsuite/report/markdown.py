"""A report as GitHub-flavoured Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchsuite.report.escape import markdown
from benchsuite.report.machine import facts
from benchsuite.report.remarks import NO_CEILINGS, doubts, missing
from benchsuite.report.sheet import Sheet
from benchsuite.report.table import Column, Table, ceiling_table, legend, workload_tables


def document(sheets: Sequence[Sheet], pictures: Sequence[str] = ()) -> str:
    """Lay out machines, ceilings, pictures, one table a workload, doubts, and what is missing."""
    parts = ["# Report"]
    for sheet in sheets:
        parts.append(f"## Run {sheet.label}" if len(sheets) > 1 else "## Machine")
        parts.append("\n".join(f"- {name}: {markdown(text)}" for name, text in facts(sheet)))
    ceilings, tables = ceiling_table(sheets), workload_tables(sheets)
    parts += _table(ceilings) if ceilings else [NO_CEILINGS]
    for table in tables:
        parts += _table(table)
    if tables:
        parts.append(legend(sheets))
    parts += [*_doubts(sheets), *_missing(sheets)]
    parts += [f"![{name.removesuffix('.png')}]({name})" for name in pictures]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> list[str]:
    return [f"## {markdown(table.title)}", *([markdown(table.common)] if table.common else []), _pipes(table.columns)]


def _pipes(columns: Sequence[Column]) -> str:
    lines = [_line(markdown(c.head) for c in columns), _line("---:" if c.right else ":---" for c in columns)]
    lines += [_line(map(markdown, cells)) for cells in zip(*(c.cells for c in columns), strict=True)]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _doubts(sheets: Sequence[Sheet]) -> list[str]:
    found = doubts(sheets)
    columns = [
        Column("code", tuple(r.code for r in found), right=False),
        Column("jobs", tuple(f"{r.jobs} of {r.of}" for r in found)),
        Column("worst", tuple(f"{r.worst.value:.3g}" for r in found)),
        Column("limit", tuple(f"{r.worst.limit:.3g}" for r in found)),
        Column("in", tuple(r.where for r in found), right=False),
        Column("advice", tuple(r.worst.advice for r in found), right=False),
    ]
    return ["## In doubt", _pipes(columns)] if found else []


def _missing(sheets: Sequence[Sheet]) -> list[str]:
    found = missing(sheets)
    columns = [
        Column("status", tuple(r.status for r in found), right=False),
        Column("who", tuple(r.who for r in found), right=False),
        Column("jobs", tuple(str(r.jobs) for r in found)),
        Column("reason", tuple(r.reason for r in found), right=False),
    ]
    return ["## Without a result", _pipes(columns)] if found else []
