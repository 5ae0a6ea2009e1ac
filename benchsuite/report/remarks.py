"""Remarks: what is in doubt and what is missing, alike things told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchsuite.analysis import Doubt
from benchsuite.report.sheet import Row, Sheet

MISSING = ("wrong", "failed", "skipped")


@dataclass(frozen=True)
class DoubtRemark:
    """A validity code over the `of` jobs that were tried: the jobs that carry it, in the order of reading.

    `worst` is of the job that `where` names.
    """

    code: str
    rows: tuple[tuple[Row, Doubt], ...]
    of: int
    worst: Doubt
    where: str


@dataclass(frozen=True)
class Missing:
    """Jobs without a result for one reason; `who` names them, as closely as a line allows."""

    status: str
    who: str
    reason: str
    jobs: int


def doubts(sheets: Sequence[Sheet]) -> list[DoubtRemark]:
    """One remark a code, the most widespread first."""
    rows = [row for sheet in sheets for row in sheet.rows if row.summary.status != "skipped"]
    found: dict[str, list[tuple[Row, Doubt]]] = {}
    for row in rows:
        for doubt in row.summary.doubts:
            found.setdefault(doubt.code, []).append((row, doubt))
    remarks = [_doubt(code, pairs, len(rows), len(sheets) > 1) for code, pairs in found.items()]
    return sorted(remarks, key=lambda r: (-len(r.rows), r.code))


def missing(sheets: Sequence[Sheet]) -> list[Missing]:
    """Jobs without a result and why: wrong first, then failed, then skipped."""
    several = len(sheets) > 1
    rows = [row for sheet in sheets for row in sheet.rows if row.summary.status != "ok"]
    found = [*_broken([row for row in rows if row.summary.status != "skipped"], several)]
    found += _skipped([row for row in rows if row.summary.status == "skipped"], several)
    return sorted(found, key=lambda remark: MISSING.index(remark.status))


def named(row: Row, text: str, several: bool) -> str:
    """`text` with the run that it is of, where there are several."""
    return f"{row.run}: {text}" if several else text


def _broken(rows: Iterable[Row], several: bool) -> Iterator[Missing]:
    """One remark a run, backend and reason."""
    found: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        s = row.summary
        found.setdefault((s.status, row.run, s.job.backend, s.reason), []).append(row)
    for (status, _, backend, reason), members in found.items():
        which = members[0].summary.job.id if len(members) == 1 else backend
        yield Missing(status, named(members[0], which, several), reason, len(members))


def _skipped(rows: Iterable[Row], several: bool) -> Iterator[Missing]:
    """One remark a reason, as long as it holds for the same jobs in every run: the fewest words."""
    reasons: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        reasons.setdefault((row.summary.reason, row.run), []).append(row)
    alike: dict[tuple[str, str], list[list[Row]]] = {}
    for (reason, _), members in reasons.items():
        alike.setdefault((reason, _which(members)), []).append(members)
    for (reason, which), groups in alike.items():
        runs = f"{', '.join(members[0].run for members in groups)}: " if several else ""
        yield Missing("skipped", f"{runs}{which}", reason, sum(map(len, groups)))


def _which(rows: Sequence[Row]) -> str:
    """`matmul on torch-eager-cuda`, `12 workloads on onnxruntime-cuda, torch-eager-cuda`."""
    workloads = list(dict.fromkeys(row.summary.job.case.workload for row in rows))
    backends = dict.fromkeys(row.summary.job.backend for row in rows)
    return f"{workloads[0] if len(workloads) == 1 else f'{len(workloads)} workloads'} on {', '.join(backends)}"


def _doubt(code: str, pairs: Sequence[tuple[Row, Doubt]], of: int, several: bool) -> DoubtRemark:
    row, worst = max(pairs, key=lambda pair: abs(pair[1].value - pair[1].limit))
    return DoubtRemark(code, tuple(pairs), of, worst, named(row, row.summary.job.id, several))
