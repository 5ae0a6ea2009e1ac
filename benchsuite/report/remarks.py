"""Remarks: what is in doubt and what is missing, alike things told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.analysis import Doubt
from benchsuite.report.sheet import Row, Sheet

NO_CEILINGS = "No ceilings were measured: add matmul and memory-read to the run to see shares."
_ORDER = ("wrong", "failed", "skipped")


@dataclass(frozen=True)
class DoubtRemark:
    """A validity code over all jobs that were tried: how many carry it, and the worst of them."""

    code: str
    jobs: int
    of: int
    worst: Doubt
    where: str


@dataclass(frozen=True)
class Missing:
    """Jobs of one run without a result for one reason; `who` is the job where it is alone, else the backend."""

    status: str
    who: str
    reason: str
    jobs: int


def doubts(sheets: Sequence[Sheet]) -> list[DoubtRemark]:
    """One remark a code, the most widespread first."""
    rows = [row for sheet in sheets for row in sheet.rows if row.summary.status != "skipped"]
    found: dict[str, list[tuple[Doubt, Row]]] = {}
    for row in rows:
        for doubt in row.summary.doubts:
            found.setdefault(doubt.code, []).append((doubt, row))
    remarks = [_doubt(code, pairs, len(rows), len(sheets) > 1) for code, pairs in found.items()]
    return sorted(remarks, key=lambda r: (-r.jobs, r.code))


def missing(sheets: Sequence[Sheet]) -> list[Missing]:
    """Jobs without a result and why: wrong first, then failed, then skipped."""
    found: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in (row for sheet in sheets for row in sheet.rows if row.summary.status != "ok"):
        s = row.summary
        found.setdefault((s.status, row.run, s.job.backend, s.reason), []).append(row)
    remarks = [
        Missing(status, _who(rows, len(sheets) > 1), reason, len(rows))
        for (status, _, _, reason), rows in found.items()
    ]
    return sorted(remarks, key=lambda r: _ORDER.index(r.status))


def _doubt(code: str, pairs: Sequence[tuple[Doubt, Row]], of: int, several: bool) -> DoubtRemark:
    worst, row = max(pairs, key=lambda pair: abs(pair[0].value - pair[0].limit))
    return DoubtRemark(code, len(pairs), of, worst, _name(row.summary.job.id, row, several))


def _who(rows: Sequence[Row], several: bool) -> str:
    job = rows[0].summary.job
    return _name(job.id if len(rows) == 1 else job.backend, rows[0], several)


def _name(text: str, row: Row, several: bool) -> str:
    return f"{row.run}: {text}" if several else text
