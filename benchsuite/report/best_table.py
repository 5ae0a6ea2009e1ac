"""Tables of what is best: of each workload, and of backends and precisions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchsuite import units
from benchsuite.analysis import BASELINE, ratio
from benchsuite.report.families import by_family
from benchsuite.report.job_table import point, varied_axes
from benchsuite.report.sheet import Row
from benchsuite.report.table import Column, Table, digits, of_counts, of_estimates, of_margins

_CEILINGS = "ceilings"


def best_table(rows: Sequence[Row], several: bool) -> Table | None:
    """The job of each workload and run that gets most done in a second; None where there is none beside ceilings."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in (row for each, members in by_family(rows).items() if each.name != _CEILINGS for row in members):
        if row.throughput:
            found.setdefault((row.summary.job.case.workload, row.run), []).append(row)
    if not found:
        return None
    best = [max(members, key=_rate) for members in found.values()]
    names, varied = [row.summary.job.case.workload for row in best], varied_axes(rows)
    columns = (
        Column("workload", tuple(names), right=False, once=True),
        *([Column("run", tuple(row.run for row in best), right=False)] if several else []),
        Column("throughput", tuple(map(_throughput, best)), values=tuple(map(_rate, best))),
        of_margins([row.throughput for row in best]),
        of_estimates("latency", [row.summary.estimates.get("time/latency") for row in best], units.seconds, 1),
        Column("backend", tuple(row.summary.job.backend for row in best), right=False),
        Column("prec", tuple(row.summary.job.precision for row in best), right=False),
        Column("at", tuple(point(row, varied) for row in best), right=False),
    )
    starts = tuple(i for i, name in enumerate(names) if i == 0 or name != names[i - 1])
    return Table("The best of each workload", "the case, backend and precision of most work a second", columns, starts)


def _rate(row: Row) -> float:
    return row.throughput.value if row.throughput else 0.0


def _throughput(row: Row) -> str:
    assert row.throughput is not None
    assert row.summary.work is not None
    return units.rate(row.throughput.value, row.summary.work.unit, digits(row.throughput))


@dataclass(frozen=True)
class _Contender:
    """A backend in a precision within a family and run: the cases it has a result of, and how it did there."""

    family: str
    run: str
    backend: str
    precision: str
    rows: tuple[Row, ...]
    wins: int
    speedups: tuple[float, ...]


def backend_table(rows: Sequence[Row], several: bool) -> Table | None:
    """How backends and precisions did over the cases of each family; None where there is nothing to choose from."""
    found = [
        c
        for each, members in by_family(rows).items()
        if each.name != _CEILINGS
        for c in _contenders(each.title, members)
    ]
    if len({(c.backend, c.precision) for c in found}) < 2:
        return None
    columns = (
        Column("family", tuple(c.family for c in found), right=False, once=True),
        *([Column("run", tuple(c.run for c in found), right=False)] if several else []),
        Column("backend", tuple(c.backend for c in found), right=False),
        Column("prec", tuple(c.precision for c in found), right=False),
        of_counts("cases", [len(c.rows) for c in found]),
        of_counts("fastest in", [c.wins for c in found]),
        _factors("mean speed-up", [_mean(c.speedups) for c in found]),
        _factors("least", [min(c.speedups, default=None) for c in found], 1),
        _factors("most", [max(c.speedups, default=None) for c in found], 1),
        _errors(found),
    )
    starts = tuple(i for i, c in enumerate(found) if i == 0 or c.family != found[i - 1].family)
    common = (
        f"geometric mean over cases of the speed-up over {BASELINE} in fp32; fastest of all backends and precisions"
    )
    return Table("Backends and precisions", common, columns, starts)


def _contenders(title: str, rows: Iterable[Row]) -> list[_Contender]:
    groups: dict[tuple[str, str, str], list[Row]] = {}
    fastest: dict[tuple[str, str], Row] = {}
    base: dict[tuple[str, str], Row] = {}
    for row in (row for row in rows if row.summary.pace is not None and row.summary.pace.value > 0):
        job, case = row.summary.job, _case(row)
        groups.setdefault((row.run, job.backend, job.precision), []).append(row)
        fastest[case] = min(fastest.get(case, row), row, key=_pace)
        if (job.backend, job.precision) == (BASELINE, "fp32"):
            base[case] = row
    return [
        _Contender(
            title,
            *key,
            rows=tuple(members),
            wins=sum(fastest[_case(row)] is row for row in members),
            speedups=tuple(_speedups(members, base)),
        )
        for key, members in groups.items()
    ]


def _case(row: Row) -> tuple[str, str]:
    return row.run, row.summary.job.case.id


def _pace(row: Row) -> float:
    return row.summary.pace.value if row.summary.pace else math.inf


def _speedups(rows: Iterable[Row], base: Mapping[tuple[str, str], Row]) -> Iterator[float]:
    """Of each row whose case has a base, on the metric that both have: back to back, else latency."""
    for row in rows:
        mine, theirs = row.summary.estimates, base[_case(row)].summary.estimates if _case(row) in base else {}
        metric = next((m for m in ("time/throughput", "time/latency") if m in mine and m in theirs), None)
        found = None if metric is None else ratio(theirs[metric], mine[metric])
        if found is not None:
            yield found.value


def _mean(values: Sequence[float]) -> float | None:
    return math.exp(math.fsum(map(math.log, values)) / len(values)) if values else None


def _factors(head: str, found: Sequence[float | None], spare: int = 0) -> Column:
    return Column(head, tuple("" if x is None else units.times(x) for x in found), spare=spare, values=tuple(found))


def _errors(found: Sequence[_Contender]) -> Column:
    worst = [max((r.summary.check.error for r in c.rows if r.summary.check), default=None) for c in found]
    cells = tuple("" if error is None else f"{error:.0e}" if error else "0" for error in worst)
    return Column("worst error", cells, spare=3, values=tuple(worst))
