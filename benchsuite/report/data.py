"""A report as plain data, fit for JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from benchsuite.analysis import Estimate
from benchsuite.analysis.findings import findings
from benchsuite.analysis.findings.finding import Finding
from benchsuite.report import frame
from benchsuite.report.escape import plain
from benchsuite.report.machine import facts
from benchsuite.report.reproduce import command_line
from benchsuite.report.sheet import Row, Sheet, sheets
from benchsuite.store import Stored


def as_data(stored: Sequence[Stored]) -> dict[str, Any]:
    """Runs with their ceilings and findings, and one entry a job and a run; None is what is not known."""
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
        "command": plain(command_line(run.settings)),
        "facts": [[name, plain(line)] for name, line in facts(sheet)],
        "ceilings": reached,
        "findings": [_finding(f) for f in findings([row.summary for row in sheet.rows], limits)],
    }


def _finding(found: Finding) -> dict[str, Any]:
    numbers = [{"what": plain(n.what), "unit": plain(n.unit), **_interval(n.value)} for n in found.numbers]
    words = {"name": found.name, "claim": found.claim, "answer": found.answer, "reason": found.reason}
    return {**{k: plain(v) for k, v in words.items()}, "numbers": numbers, "jobs": list(map(plain, found.jobs))}


def _interval(value: Estimate) -> dict[str, Any]:
    return _finite({"value": value.value, "low": value.low, "high": value.high})


def _doubts(row: Row) -> list[dict[str, Any]]:
    return [_finite(dataclasses.asdict(doubt)) for doubt in row.summary.doubts]


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    # JSON knows neither NaN nor infinity.
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
