"""Tables of jobs: one a workload, of all that has a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from benchsuite import units
from benchsuite.analysis import BASELINE, Estimate
from benchsuite.records import AxisValue
from benchsuite.report.families import family
from benchsuite.report.quantity import joules
from benchsuite.report.sheet import Row
from benchsuite.report.table import Column, Table, digits, of_estimates, of_margins

MARKS = {"best": "★", "first": "☆", "level": "≈", "": ""}
DOUBTED = "!"
UNDOUBTED = "too-few-rounds"
"""The one doubt that is not marked: the interval that is not there says it."""

_PARTS = ("python", "import", "build", "load", "first")  # of a cold start
_RANKS = {
    "best": "★ fastest of its run, case and precision",
    "level": "≈ not told apart from it",
    "first": "☆ fastest so far, but without an interval",
}


def job_tables(rows: Sequence[Row], several: bool) -> list[Table]:
    """One table a workload, of the jobs among `rows`, in the order of reading, that have results."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.summary.estimates:
            found.setdefault(row.summary.job.case.workload, []).append(row)
    return [_job_table(name, members, several) for name, members in found.items()]


def _job_table(name: str, rows: Sequence[Row], several: bool) -> Table:
    cases = [row.summary.job.case for row in rows]
    starts = tuple(i for i, case in enumerate(cases) if i == 0 or case.id != cases[i - 1].id)
    common, varied = _split_axes([case.axes for case in cases])
    columns = [_axis(name, [case.axes.get(name) for case in cases]) for name in varied]
    if several:
        columns.append(Column("run", tuple(row.run for row in rows), right=False))
    columns.append(Column("backend", tuple(row.summary.job.backend for row in rows), right=False))
    for column, phrase in ((_precisions(rows), "{}"), (_threads(rows), "{} threads")):
        if len(set(column.cells)) == 1:
            common.append(phrase.format(column.cells[0]).replace("1 threads", "1 thread"))
        else:
            columns.append(column)
    columns += [c for c in _results(rows) if any(c.cells)]
    return Table(name, ", ".join(common), tuple(columns), starts, family(name).name)


def _split_axes(points: Sequence[Mapping[str, AxisValue]]) -> tuple[list[str], list[str]]:
    """`axis=value` of the axes that never change, and the names of those that do."""
    names = dict.fromkeys(axis for point in points for axis in point)
    varied = [axis for axis in names if len({point.get(axis) for point in points}) > 1]
    return [f"{axis}={points[0][axis]}" for axis in names if axis not in varied], varied


def varied_axes(rows: Iterable[Row]) -> dict[str, list[str]]:
    """The axes of each workload that tell its cases apart."""
    points: dict[str, list[Mapping[str, AxisValue]]] = {}
    for row in rows:
        points.setdefault(row.summary.job.case.workload, []).append(row.summary.job.case.axes)
    return {workload: _split_axes(found)[1] for workload, found in points.items()}


def point(row: Row, varied: Mapping[str, Sequence[str]]) -> str:
    """Where the case of a row lies on the axes that tell it apart: `batch=8, seq=512`."""
    case = row.summary.job.case
    return ", ".join(f"{axis}={case.axes[axis]}" for axis in varied[case.workload] if axis in case.axes)


def _axis(name: str, found: Sequence[AxisValue | None]) -> Column:
    values = tuple(float(value) if isinstance(value, int) else None for value in found)
    cells = tuple("" if value is None else str(value) for value in found)
    return Column(name, cells, values=values if any(v is not None for v in values) else (), once=True)


def _precisions(rows: Sequence[Row]) -> Column:
    return Column("prec", tuple(row.summary.job.precision for row in rows), right=False)


def _threads(rows: Sequence[Row]) -> Column:
    found = [row.summary.job.threads for row in rows]
    return Column("threads", tuple(map(str, found)), values=tuple(map(float, found)))


def _results(rows: Sequence[Row]) -> list[Column]:
    unit = next((row.summary.work.unit for row in rows if row.summary.work), "items")
    latency = [_metric(row, "time/latency") for row in rows]
    return [
        Column("", tuple(map(_mark, rows)), right=False),
        of_estimates("latency", latency, units.seconds),
        of_margins(latency),
        *(_column(head, rows, f"time/{name}", units.seconds, 1) for head, name in _stages()),
        of_estimates(f"{unit}/s", [row.throughput for row in rows], units.scaled),
        _speedups(rows),
        of_estimates("share", [row.share.value if row.share else None for row in rows], units.percent, 3),
        Column("of", tuple(row.share.limiter if row.share else "" for row in rows), right=False, spare=4),
        of_estimates("FLOP/s", [row.flops for row in rows], units.scaled, 6),
        of_estimates("B/s", [None if unit == "B" else row.bytes for row in rows], units.scaled, 7),
        *(_energy(name, rows) for name in sorted({m for row in rows for m in row.summary.estimates})),
        _column("prepare", rows, "time/prepare", _short_seconds, 5),
        _column("host peak", rows, "memory/host_peak", _size, 9),
        _column("device peak", rows, "memory/device_peak", _size, 9),
        _errors(rows),
        Column("in doubt", tuple(", ".join(_codes(row)) for row in rows), right=False, spare=10),
    ]


def _stages() -> list[tuple[str, str]]:
    """Heading and metric of the parts of a generation, and of a cold start."""
    return [("prefill", "prefill"), ("per token", "per_token"), *((part, f"cold_{part}") for part in _PARTS)]


def _column(head: str, rows: Sequence[Row], metric: str, show: Callable[[float, int], str], spare: int = 0) -> Column:
    return of_estimates(head, [_metric(row, metric) for row in rows], show, spare)


def _metric(row: Row, name: str) -> Estimate | None:
    return row.summary.estimates.get(name)


def _mark(row: Row) -> str:
    return MARKS[row.rank] + (DOUBTED if _codes(row) else "")


def _codes(row: Row) -> list[str]:
    return [doubt.code for doubt in row.summary.doubts if doubt.code != UNDOUBTED]


def _speedups(rows: Sequence[Row]) -> Column:
    values = tuple(row.speedup.value.value if row.speedup else None for row in rows)
    return Column("speed-up", tuple(map(_speedup, rows)), spare=2, values=values)


def _speedup(row: Row) -> str:
    if row.speedup is None:
        return ""
    if row.speedup.over == row.summary.job:
        return "1×"
    other = "" if row.speedup.over.precision == row.summary.job.precision else "†"
    return units.times(row.speedup.value.value, min(3, digits(row.speedup.value))) + other


def _energy(metric: str, rows: Sequence[Row]) -> Column:
    """Joules of one item; no cells where `metric` is not one of energy or no items were counted."""
    head = f"{metric.removeprefix('energy/').replace('_', ' ')} energy/item"
    found = [_each(row, metric) if metric.startswith("energy/") else None for row in rows]
    return of_estimates(head, found, joules, 5)


def _each(row: Row, metric: str) -> Estimate | None:
    used, work = _metric(row, metric), row.summary.work
    if used is None or work is None or work.items <= 0:
        return None
    low, high = (None if end is None else end / work.items for end in (used.low, used.high))
    return Estimate(used.value / work.items, low, high, used.rounds, used.samples)


def _short_seconds(value: float, _count: int) -> str:
    return units.seconds(value, 2)


def _size(value: float, _count: int) -> str:
    return units.size(value)


def _errors(rows: Sequence[Row]) -> Column:
    checks = [row.summary.check for row in rows]
    cells = tuple("" if check is None else f"{check.error:.0e}" if check.error else "0" for check in checks)
    return Column("error", cells, spare=8, values=tuple(check.error if check else None for check in checks))


def legend(rows: Sequence[Row]) -> str:
    """Explain the marks that the tables of `rows` use."""
    shown = [row for row in rows if row.summary.estimates]
    parts = ["± half of the 95 % interval of latency, – none below 4 rounds"]
    ranks = {row.rank for row in shown}
    parts += [text for rank, text in _RANKS.items() if rank in ranks]
    if any(map(_codes, shown)):
        parts.append(f"{DOUBTED} in doubt, see there")
    if any(row.speedup for row in shown):
        fallback = ", † in fp32" if any(_speedup(row).endswith("†") for row in shown) else ""
        parts.append(f"speed-up over {BASELINE}{fallback}")
    if shares := [row.share.value.value for row in shown if row.share]:
        blank = ", blank where its ceiling was not measured" if len(shares) < len(shown) else ""
        over = ", over 100 % where caches help or the ceiling is too low" if max(shares) > 1.005 else ""
        parts.append(f"share of what the ceilings allow{blank}{over}")
    return "; ".join(parts) + "."
