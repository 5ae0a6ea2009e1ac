"""Reports of stored runs: for a terminal, as Markdown, as CSV, as pictures, as data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchsuite.report import csv, frame, markdown, text
from benchsuite.report.escape import plain
from benchsuite.report.machine import facts
from benchsuite.report.sheet import Row, Sheet, sheets
from benchsuite.store import Stored

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["as_data", "show", "write"]


def show(stored: Sequence[Stored], console: Console) -> None:
    """Write a report of one or several runs, side by side, to a terminal."""
    text.show(sheets(stored), console)


def write(stored: Sequence[Stored], folder: Path) -> list[Path]:
    """Write report.md, report.csv and the pictures that have data into `folder`; return what was written."""
    from benchsuite.report import plots

    found = sheets(stored)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = plots.write(found, folder)
    documents = {"report.md": markdown.document(found, [p.name for p in pictures]), "report.csv": csv.document(found)}
    for name, content in documents.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [*(folder / name for name in documents), *pictures]


def as_data(stored: Sequence[Stored]) -> dict[str, Any]:
    """Plain data fit for JSON: runs with their ceilings, and one entry a job and a run; None is what is not known."""
    found = sheets(stored)
    doubts = [_doubts(row) for sheet in found for row in sheet.rows]
    jobs = [{**_finite(cells), "doubts": d} for cells, d in zip(frame.rows(found), doubts, strict=True)]
    return {"runs": [_run(s) for s in found], "jobs": jobs}


def _run(sheet: Sheet) -> dict[str, Any]:
    run, limits = sheet.stored.run, sheet.ceilings
    reached = [
        {"device": kind, "measured_by": c.name, "resource": c.resource, "per_s": c.rate.value, "job": c.job.id}
        for (kind, _), c in limits.best.items()
    ]
    return {
        "run": sheet.label,
        "file": plain(str(sheet.stored.path)),
        "started": run.started,
        "fingerprint": run.environment.fingerprint,
        "facts": [[name, plain(line)] for name, line in facts(sheet)],
        "ceilings": reached,
    }


def _doubts(row: Row) -> list[dict[str, Any]]:
    return [_finite(dataclasses.asdict(doubt)) for doubt in row.summary.doubts]


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    # JSON knows neither NaN nor infinity.
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
