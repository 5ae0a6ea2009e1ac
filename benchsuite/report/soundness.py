"""How sound the numbers are: jobs by what came of them, doubts, and what has no result."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.measure.untold import untold
from benchsuite.report.charts.model import Chart
from benchsuite.report.job_table import UNDOUBTED
from benchsuite.report.part import Part
from benchsuite.report.remarks import MISSING, DoubtRemark, Missing, doubts, missing, named
from benchsuite.report.sheet import Sheet
from benchsuite.report.table import Column, Table, of_counts


def glance(sheets: Sequence[Sheet]) -> Part:
    """How many jobs of every run came out how; each opens to its reason."""
    several = len(sheets) > 1
    facts = [(f"run {sheet.label}" if several else "jobs", _outcomes(sheet)) for sheet in sheets]
    facts += [
        (f"not told of {sheet.label}" if several else "not told", text) for sheet in sheets if (text := _untold(sheet))
    ]
    lacking, doubted = missing(sheets), doubts(sheets)
    opened = [_opened(status, [r for r in lacking if r.status == status]) for status in MISSING]
    if doubted:
        jobs = len({id(row) for remark in doubted for row, _ in remark.rows})
        opened.append(Part(f"{_jobs(jobs)} in doubt", tables=(_codes(doubted),), folded=True))
    return Part("How sound the numbers are", facts=tuple(facts), parts=tuple(part for part in opened if part.tables))


def in_doubt(sheets: Sequence[Sheet], charts: tuple[Chart, ...] = ()) -> Part:
    """Every validity code: how many jobs carry it, the worst of them, what to do, and all of them."""
    found = doubts(sheets)
    parts = tuple(_doubt(remark, len(sheets) > 1) for remark in found)
    return Part("In doubt", paragraphs=() if found else ("Nothing was found to doubt.",), charts=charts, parts=parts)


def without_result(sheets: Sequence[Sheet]) -> Part:
    """What was wrong, failed or was skipped, and why."""
    found = missing(sheets)
    if not found:
        return Part("Without a result", paragraphs=("Every job has a result.",))
    return Part("Without a result", tables=(_reasons(found),))


def _outcomes(sheet: Sheet) -> str:
    """`91 of 240 have a result (12 in doubt), 2 wrong, 147 skipped`; and jobs that the run ended before."""
    rows = sheet.rows
    counts = {status: sum(r.summary.status == status for r in rows) for status in ("ok", *MISSING)}
    unsure = sum(r.summary.status == "ok" and any(d.code != UNDOUBTED for d in r.summary.doubts) for r in rows)
    told = f"{counts['ok']} of {len(rows)} have a result"
    if counts["ok"]:
        told += f" ({unsure or 'none'} in doubt)"
    unreached = len(sheet.stored.run.unreached(sheet.stored.records))
    last = [f"{unreached} more not measured, since the run ended before their turn"] if unreached else []
    return ", ".join([told, *(f"{counts[status]} {status}" for status in MISSING if counts[status]), *last])


def _untold(sheet: Sheet) -> str:
    """The codes that nothing could have told of some measured job: to lack those is no sign of health."""
    known = {frozenset(record.counters): None for record in sheet.stored.records if record.status == "ok"}
    codes = dict.fromkeys(code for counters in known for code in untold(counters))
    return f"{', '.join(codes)}: no counter was there to tell" if codes else ""


def _opened(status: str, found: Sequence[Missing]) -> Part:
    heading = f"{_jobs(sum(remark.jobs for remark in found))} {status}"
    return Part(heading, tables=(_reasons(found),) if found else (), folded=True)


def _reasons(found: Sequence[Missing]) -> Table:
    columns = (
        Column("status", tuple(r.status for r in found), right=False),
        of_counts("jobs", [r.jobs for r in found]),
        Column("which", tuple(r.who for r in found), right=False),
        Column("reason", tuple(r.reason for r in found), right=False),
    )
    return Table("", "", columns)


def _codes(found: Sequence[DoubtRemark]) -> Table:
    columns = (
        Column("code", tuple(r.code for r in found), right=False),
        of_counts("jobs", [len(r.rows) for r in found]),
        Column("what to do", tuple(r.worst.advice for r in found), right=False),
    )
    return Table("", "", columns)


def _doubt(remark: DoubtRemark, several: bool) -> Part:
    worst = remark.worst
    facts = (
        ("worst", f"{worst.value:.3g} (limit {worst.limit:.3g}) in {remark.where}"),
        ("what to do", worst.advice),
    )
    rows = Part(_jobs(len(remark.rows)), tables=(_carriers(remark, several),), folded=True)
    return Part(f"{remark.code}: {len(remark.rows)} of {_jobs(remark.of)}", facts=facts, parts=(rows,))


def _carriers(remark: DoubtRemark, several: bool) -> Table:
    rows, found = [row for row, _ in remark.rows], [doubt for _, doubt in remark.rows]
    columns = (
        Column("job", tuple(named(row, row.summary.job.id, several) for row in rows), right=False),
        _numbers("value", [doubt.value for doubt in found]),
        _numbers("limit", [doubt.limit for doubt in found]),
        of_counts("rounds", [doubt.rounds for doubt in found]),
    )
    return Table("", "", columns)


def _numbers(head: str, found: Sequence[float]) -> Column:
    return Column(head, tuple(f"{value:.3g}" for value in found), values=tuple(found))


def _jobs(count: int) -> str:
    return f"{count} job{'s' if count != 1 else ''}"
