"""What a lower precision costs in error and gains in speed, by workload."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite import units
from benchsuite.analysis import Estimate, ratio
from benchsuite.report.charts import axes, words
from benchsuite.report.charts.model import Chart, Curve, Place, Plane, Rule
from benchsuite.report.escape import short
from benchsuite.report.sheet import Row, Sheet, reading_order

_FULL = "fp32"
_LEAST_ERROR, _MOST_ERROR = 1e-9, 1e3
_PLANES = 6
_READ = (
    "Relative error against the reference of verification, and how many times as fast as fp32 on the same backend: up"
    " is faster, left is more exact. The name of a precision stands at its fastest."
)


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """A plane a workload that was measured in fp32 and in another precision, six on a chart."""
    rows = sorted((row for sheet in sheets for row in sheet.rows), key=reading_order)
    full = {_key(row): row for row in rows if row.summary.job.precision == _FULL}
    gains = [(row, gain) for row in rows if (gain := _gain(row, full.get(_key(row)))) is not None]
    if not gains:
        return []
    workloads: dict[str, list[tuple[Row, Estimate]]] = {}
    for row, gain in gains:
        workloads.setdefault(row.summary.job.case.workload, []).append((row, gain))
    planes = [_plane(workload, members, len(sheets)) for workload, members in workloads.items()]
    caption = f"{_READ}{_best(gains)}{words.letters(sheets)}"
    return words.paged("precision", "Precision: error and speed", caption, planes, _PLANES)


def _key(row: Row) -> tuple[str, str, str, int]:
    job = row.summary.job
    return row.run, job.case.id, job.backend, job.threads


def _gain(row: Row, full: Row | None) -> Estimate | None:
    """Speed over the same job in fp32; None for fp32 itself, and where an error or either time is missing."""
    check, pace = row.summary.check, row.summary.pace
    if full is None or full is row or full.summary.pace is None or pace is None:
        return None
    if check is None or not 0 <= check.error < _MOST_ERROR:
        return None
    found = ratio(full.summary.pace, pace)
    return found if words.drawable(found) else None


def _plane(workload: str, members: Sequence[tuple[Row, Estimate]], runs: int) -> Plane:
    by_backend: dict[tuple[str, str], list[tuple[Row, Estimate]]] = {}
    for row, gain in members:
        by_backend.setdefault((row.run, row.summary.job.backend), []).append((row, gain))
    fastest = {row.summary.job.precision: row for row, _ in sorted(members, key=lambda pair: pair[1].value)}
    curves = [_curve(found, {id(row) for row in fastest.values()}, runs) for found in by_backend.values()]
    x = axes.errors("relative error, logarithmic", [_error(row) for row, _ in members], _LEAST_ERROR)
    speeds = [1.0, *(v for _, gain in members for v in words.ends(gain))]
    y = axes.logarithmic(f"times as fast as {_FULL}, logarithmic", speeds, axes.one_times_digit, least=4.0)
    equal = Rule(_FULL, ((x.low, 1.0), (x.high, 1.0)), dashed=True)
    return Plane(short(workload), x, y, tuple(curves), (equal,))


def _curve(members: Sequence[tuple[Row, Estimate]], marked: set[int], runs: int) -> Curve:
    first = members[0][0]
    label = short(f"{f'{first.run}: ' if runs > 1 else ''}{first.summary.job.backend}")
    places = sorted((_place(row, gain, id(row) in marked) for row, gain in members), key=lambda place: place.x)
    return Curve(
        label, words.backend_family(first.summary.job), words.on_cpu(first.summary.job), tuple(places), joined=False
    )


def _place(row: Row, gain: Estimate, marked: bool) -> Place:
    job, check = row.summary.job, row.summary.check
    assert check is not None
    precision = short(job.precision, 12)
    case, speed = short(job.case.id, words.LONGEST_CASE), words.told(gain, units.times)
    text = f"{case} {precision}: {speed}, error {check.error:.1e}"
    return Place(_error(row), gain, text, precision if marked else "")


def _error(row: Row) -> float:
    assert row.summary.check is not None
    return max(_LEAST_ERROR, row.summary.check.error)


def _best(gains: Sequence[tuple[Row, Estimate]]) -> str:
    row, gain = max(gains, key=lambda pair: pair[1].value)
    job = row.summary.job
    told = words.told(gain, units.times)
    return words.sentence(f"The largest gain is {told}: {job.case.workload} in {job.precision} on {job.backend}.")
