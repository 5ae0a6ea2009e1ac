"""Tables as text cells, the same for a terminal and for Markdown."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchsuite import units
from benchsuite.analysis import BASELINE, Ceiling, Estimate, data_sheet, part_of_sheet
from benchsuite.records import AxisValue
from benchsuite.report.sheet import Row, Sheet, reading_order

_PARTS = ("python", "import", "build", "load", "first")  # of a cold start

MARKS = {"best": "★", "first": "☆", "level": "≈", "": ""}

_RANKS = {
    "best": "★ fastest of its run, case and precision",
    "level": "≈ not told apart from it",
    "first": "☆ fastest so far, but without an interval",
}


@dataclass(frozen=True)
class Column:
    """A heading and its cells. Where a line is too narrow, the columns with the highest `spare` are left out first."""

    head: str
    cells: tuple[str, ...]
    right: bool = True
    spare: int = 0


@dataclass(frozen=True)
class Table:
    """A title, what all rows have in common, and columns of equal length. `starts` are the rows that begin a group."""

    title: str
    common: str
    columns: tuple[Column, ...]
    starts: tuple[int, ...] = ()

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The cells, row by row."""
        return list(zip(*(c.cells for c in self.columns), strict=True))


def workload_tables(sheets: Sequence[Sheet]) -> list[Table]:
    """One table a workload, of the jobs that have results, runs side by side."""
    families: dict[str, list[Row]] = {}
    for row in sorted((r for s in sheets for r in s.rows), key=reading_order):
        if row.summary.estimates:
            families.setdefault(row.summary.job.case.workload, []).append(row)
    return [_workload_table(name, rows, len(sheets) > 1) for name, rows in families.items()]


def ceiling_table(sheets: Sequence[Sheet]) -> Table | None:
    """Ceilings that each machine was measured to have; None where no run measured it."""
    rows = [(sheet, kind, c) for sheet in sheets for (kind, _), c in sheet.ceilings.best.items()]
    if not rows:
        return None
    found = [c for *_, c in rows]
    columns = [
        Column("run", tuple(sheet.label for sheet, *_ in rows), right=False),
        Column("device", tuple(kind for _, kind, _ in rows), right=False),
        Column("measured by", tuple(c.name for c in found), right=False),
        Column("ceiling", tuple(map(_ceiling, found))),
        Column("±", tuple(units.margin(c.rate.relative_half_width) for c in found)),
        Column("of data sheet", tuple(_of_data_sheet(*row) for row in rows), spare=1),
        Column("at", tuple(_where(c) for c in found), right=False, spare=2),
    ]
    kept = tuple(c for c in columns[len(sheets) == 1 :] if any(c.cells))
    return Table("Ceilings", "the most this machine was measured to reach", kept)


def _ceiling(found: Ceiling) -> str:
    """A rate, or of launching the time that one takes."""
    if found.resource != "launch":
        return units.rate(found.rate.value, found.resource, _digits(found.rate))
    return units.seconds(1 / found.rate.value, _digits(found.rate))


def _where(found: Ceiling) -> str:
    """The case and backend that reached it: of a search over sizes and backends, which."""
    numbers = [f"{axis}={v}" for axis, v in found.job.case.axes.items() if isinstance(v, int)]
    return " ".join([*numbers, found.job.backend])


def _of_data_sheet(sheet: Sheet, kind: str, found: Ceiling) -> str:
    printed = data_sheet(sheet.stored.run.environment.accelerators, kind)
    part = part_of_sheet(found, printed) if printed else None
    return "" if part is None else units.percent(part)


def _workload_table(name: str, rows: Sequence[Row], several: bool) -> Table:
    cases = [row.summary.job.case for row in rows]
    starts = tuple(i for i, case in enumerate(cases) if i == 0 or case.id != cases[i - 1].id)
    common, varied = _split_axes([case.axes for case in cases])
    columns = [
        Column(axis, tuple(str(case.axes.get(axis, "")) if i in starts else "" for i, case in enumerate(cases)))
        for axis in varied
    ]
    if several:
        columns.append(Column("run", tuple(row.run for row in rows), right=False))
    columns.append(Column("backend", tuple(row.summary.job.backend for row in rows), right=False))
    for column, phrase in ((_precisions(rows), "{}"), (_threads(rows), "{} threads")):
        if len(set(column.cells)) == 1:
            common.append(phrase.format(column.cells[0]).replace("1 threads", "1 thread"))
        else:
            columns.append(column)
    columns += [c for c in _results(rows) if any(c.cells)]
    return Table(name, ", ".join(common), tuple(columns), starts)


def _split_axes(points: Sequence[Mapping[str, AxisValue]]) -> tuple[list[str], list[str]]:
    """`axis=value` of the axes that never change, and the names of those that do."""
    names = dict.fromkeys(axis for point in points for axis in point)
    varied = [axis for axis in names if len({point.get(axis) for point in points}) > 1]
    return [f"{axis}={points[0][axis]}" for axis in names if axis not in varied], varied


def _precisions(rows: Sequence[Row]) -> Column:
    return Column("prec", tuple(row.summary.job.precision for row in rows), right=False)


def _threads(rows: Sequence[Row]) -> Column:
    return Column("threads", tuple(str(row.summary.job.threads) for row in rows))


def _results(rows: Sequence[Row]) -> list[Column]:
    unit = next((row.summary.work.unit for row in rows if row.summary.work), "items")
    return [
        Column("", tuple(MARKS[row.rank] for row in rows), right=False),
        _column("latency", rows, lambda r: _metric(r, "time/latency"), units.seconds),
        Column("±", tuple(_margin(row) for row in rows)),
        _column("prefill", rows, lambda r: _metric(r, "time/prefill"), units.seconds, 1),
        _column("per token", rows, lambda r: _metric(r, "time/per_token"), units.seconds, 1),
        *(
            _column(part, rows, functools.partial(_metric, name=f"time/cold_{part}"), units.seconds, 1)
            for part in _PARTS
        ),
        _column(f"{unit}/s", rows, lambda r: r.throughput, units.scaled),
        Column("speed-up", tuple(_speedup(row) for row in rows), spare=2),
        _column("share", rows, lambda r: r.share.value if r.share else None, units.percent, 3),
        Column("of", tuple(row.share.limiter if row.share else "" for row in rows), right=False, spare=4),
        _column("FLOP/s", rows, lambda r: r.flops, units.scaled, 6),
        _column("B/s", rows, lambda r: None if unit == "B" else r.bytes, units.scaled, 7),
        _column("prepare", rows, lambda r: _metric(r, "time/prepare"), _short_seconds, 5),
        _column("host peak", rows, lambda r: _metric(r, "memory/host_peak"), _size, 9),
        _column("device peak", rows, lambda r: _metric(r, "memory/device_peak"), _size, 9),
        Column("error", tuple(_error(row) for row in rows), spare=8),
    ]


def _column(
    head: str,
    rows: Iterable[Row],
    pick: Callable[[Row], Estimate | None],
    show: Callable[[float, int], str],
    spare: int = 0,
) -> Column:
    found = [pick(row) for row in rows]
    return Column(head, tuple("" if e is None else show(e.value, _digits(e)) for e in found), spare=spare)


def _metric(row: Row, name: str) -> Estimate | None:
    return row.summary.estimates.get(name)


def _digits(item: Estimate) -> int:
    return units.digits(item.value, item.half_width)


def _margin(row: Row) -> str:
    latency = _metric(row, "time/latency")
    return "" if latency is None else units.margin(latency.relative_half_width)


def _speedup(row: Row) -> str:
    if row.speedup is None:
        return ""
    if row.speedup.over == row.summary.job:
        return "1×"
    other = "" if row.speedup.over.precision == row.summary.job.precision else "†"
    return units.times(row.speedup.value.value, min(3, _digits(row.speedup.value))) + other


def _short_seconds(value: float, _count: int) -> str:
    return units.seconds(value, 2)


def _size(value: float, _count: int) -> str:
    return units.size(value)


def _error(row: Row) -> str:
    check = row.summary.check
    return "" if check is None else f"{check.error:.0e}" if check.error else "0"


def legend(sheets: Sequence[Sheet]) -> str:
    """Explain the marks that the tables of `sheets` use."""
    rows = [row for sheet in sheets for row in sheet.rows if row.summary.estimates]
    parts = ["± half of the 95 % interval of latency, – none below 4 rounds"]
    ranks = {row.rank for row in rows}
    parts += [text for rank, text in _RANKS.items() if rank in ranks]
    if any(row.speedup for row in rows):
        fallback = ", † in fp32" if any(_speedup(row).endswith("†") for row in rows) else ""
        parts.append(f"speed-up over {BASELINE}{fallback}")
    if shares := [row.share.value.value for row in rows if row.share]:
        blank = ", blank where its ceiling was not measured" if len(shares) < len(rows) else ""
        over = ", over 100 % where caches help or the ceiling is too low" if max(shares) > 1.005 else ""
        parts.append(f"share of what the ceilings allow{blank}{over}")
    return "; ".join(parts) + "."
