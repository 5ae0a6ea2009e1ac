"""Verdicts as Markdown, as CSV, as data, and all of them in files; for a terminal see `verdict_text`."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchsuite.records import Verdict
from benchsuite.report.escape import cell, markdown
from benchsuite.report.place import own
from benchsuite.report.ranking import (
    GROUPINGS,
    Section,
    backend,
    counts,
    geometric_mean,
    groups,
    precision,
    summary,
    workload,
    worst_first,
)
from benchsuite.report.table import Column
from benchsuite.report.verdict_table import LEGEND, clean, columns

_FIELDS = (
    "comparison", "job", "workload", "backend", "precision", "metric", "outcome", "ratio", "low", "high", "smallest",
    "unit", "base", "candidate", "base_rounds", "candidate_rounds", "reason",
)  # fmt: skip


def write(sections: Sequence[Section], folder: Path, by: str | None = None, data: Any = None) -> list[Path]:
    """Write verdict.md, verdict.csv, verdict.json and the pictures that have data; return what was written.

    `data` is what the JSON holds, where that is more than the sections.
    """
    from benchsuite.report import ratios

    folder.mkdir(parents=True, exist_ok=True)
    pictures = ratios.write(sections, folder)
    documents = {
        "verdict.md": document(sections, by, [picture.name for picture in pictures]),
        "verdict.csv": table(sections),
        "verdict.json": json.dumps(as_data(sections) if data is None else data, indent=1) + "\n",
    }
    for name, content in documents.items():
        own(folder / name).write_text(content, encoding="utf-8")
    return [*(folder / name for name in documents), *pictures]


def document(sections: Sequence[Section], by: str | None = None, pictures: Sequence[str] = ()) -> str:
    """GitHub-flavoured Markdown."""
    parts = ["# Verdicts"]
    for section in sections:
        parts.append(f"## {markdown(section.title)}")
        parts.append("\n".join(f"- {markdown(name)}: {markdown(text)}" for name, text in section.lines))
        parts.append(f"**{markdown(summary(section.verdicts))}**")
        for group in groups(section.verdicts, by) if section.verdicts else ():
            parts += [f"### {markdown(group.name)}"] if group.name else []
            parts.append(_pipes(columns(group)))
    parts += [LEGEND, *(f"![{name.removesuffix('.png')}]({name})" for name in pictures)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _pipes(found: Sequence[Column]) -> str:
    kept = [c for c in found if any(c.cells)]
    lines = [_pipe(c.head for c in kept), _pipe("---:" if c.right else ":---" for c in kept)]
    lines += [_pipe(map(markdown, cells)) for cells in zip(*(c.cells for c in kept), strict=True)]
    return "\n".join(lines)


def _pipe(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def table(sections: Sequence[Section]) -> str:
    """Comma-separated values in base units, one line a verdict, worst first, safe to open in a spreadsheet."""
    stream = io.StringIO()
    lines = csv.DictWriter(stream, _FIELDS, lineterminator="\n")
    lines.writeheader()
    for section in sections:
        for verdict in worst_first(section.verdicts):
            cells = {"comparison": section.title, **_cells(verdict)}
            lines.writerow({name: _cell(item) for name, item in cells.items()})
    return stream.getvalue()


def _cell(item: object) -> object:
    if isinstance(item, str):
        return cell(item)
    return f"{item:.9g}" if isinstance(item, float) else item


def as_data(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Plain data fit for JSON; None is what is not known."""
    return [_section(section) for section in sections]


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": clean(section.title),
        "lines": [[clean(name), clean(text)] for name, text in section.lines],
        "summary": summary(section.verdicts),
        "counts": counts(section.verdicts),
        "geometric_mean": geometric_mean(section.verdicts),
        "groups": {by: _means(section, by) for by in GROUPINGS},
        **section.extra,
        "verdicts": [_cells(verdict) for verdict in worst_first(section.verdicts)],
    }


def _means(section: Section, by: str) -> list[dict[str, Any]]:
    return [
        {by: clean(group.name), "jobs": len(group.verdicts), "geometric_mean": group.mean}
        for group in groups(section.verdicts, by)
    ]


def _cells(verdict: Verdict) -> dict[str, Any]:
    """A verdict with the parts of its job; JSON knows neither NaN nor infinity."""
    parts = {"workload": workload(verdict.job), "backend": backend(verdict.job), "precision": precision(verdict.job)}
    cells = {**dataclasses.asdict(verdict), **parts}
    return {name: _plain(item) for name, item in cells.items()}


def _plain(item: Any) -> Any:
    if isinstance(item, float):
        return item if math.isfinite(item) else None
    return clean(item) if isinstance(item, str) else item
