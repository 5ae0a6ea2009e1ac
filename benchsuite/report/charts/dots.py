"""Backends side by side with their intervals: latency, throughput, speed-up and share, by family of workloads."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchsuite import units
from benchsuite.analysis import BASELINE, Estimate
from benchsuite.records import Job
from benchsuite.report.charts import axes, words
from benchsuite.report.charts.model import Axis, Chart, Dot, Dots
from benchsuite.report.escape import plain, short
from benchsuite.report.families import Family, by_family
from benchsuite.report.sheet import Row, Sheet, reading_order

_MOST_ROWS = 60
_MOST_WHOLE_RUNS = 2


@dataclass(frozen=True)
class _Kind:
    """One of the values that rows are compared by. `unit` parts rows that have no axis in common."""

    name: str
    title: str
    read: str
    pick: Callable[[Row], Estimate | None]
    show: Callable[[float, int], str]
    axis: Callable[[str, Sequence[float]], Axis]
    unit: Callable[[Row], str] = lambda _: ""
    after: Callable[[Row], str] = lambda _: ""
    reference: float | None = None


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """A chart of each value and family, several where it has more than 60 rows.

    Of more than two runs, each is shown by its fastest backend of each case and precision.
    """
    rows = sorted((r for s in sheets for r in s.rows), key=reading_order)
    if len(sheets) > _MOST_WHOLE_RUNS:
        rows = _fastest(rows)
    families = by_family(rows)
    return [
        chart
        for kind in _KINDS
        for family, members in families.items()
        for chart in _charts(kind, family, members, sheets)
    ]


def _fastest(rows: Sequence[Row]) -> list[Row]:
    best: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        if row.summary.pace is not None:
            key = (row.run, row.summary.job.case.id, row.summary.job.precision)
            best[key] = min(best.get(key, row), row, key=lambda r: r.summary.pace.value if r.summary.pace else math.inf)
    chosen = {id(row) for row in best.values()}
    return [row for row in rows if id(row) in chosen]


def _charts(kind: _Kind, family: Family, rows: Sequence[Row], sheets: Sequence[Sheet]) -> list[Chart]:
    shown = [row for row in rows if words.drawable(kind.pick(row))]
    parts = _parts(kind, shown)
    name = words.namer([row.summary.job for row in shown], len(sheets))
    caption = f"{kind.read}{_precision(shown)}{_figures(kind, shown)}{words.letters(sheets)}" if shown else ""
    found = []
    for number, part in enumerate(parts, start=1):
        of = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
        file = f"{kind.name}-{family.name}{f'-{number}' if number > 1 else ''}"
        title = f"{family.title}: {kind.title}{of}"
        found.append(
            Chart(
                file, title, caption, _panels(kind, part, name, len(sheets) <= _MOST_WHOLE_RUNS), kind.name, family.name
            )
        )
    return found


def _parts(kind: _Kind, rows: Sequence[Row]) -> list[list[Row]]:
    """Rows by unit, in as few parts as hold 60 each, of about equal length; a case stays whole unless it is longer."""
    cases: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        cases.setdefault((kind.unit(row), row.summary.job.case.id), []).append(row)
    units_first = list(dict.fromkeys(unit for unit, _ in cases))
    ordered = sorted(cases.items(), key=lambda item: units_first.index(item[0][0]))
    blocks = [members[i : i + _MOST_ROWS] for _, members in ordered for i in range(0, len(members), _MOST_ROWS)]
    enough = math.ceil(len(rows) / max(1, math.ceil(len(rows) / _MOST_ROWS)))
    parts: list[list[Row]] = []
    for block in blocks:
        if parts and len(parts[-1]) < enough and len(parts[-1]) + len(block) <= _MOST_ROWS:
            parts[-1] += block
        else:
            parts.append(list(block))
    return parts


def _panels(kind: _Kind, rows: Sequence[Row], name: Callable[[str, Job], str], whole: bool) -> tuple[Dots, ...]:
    by_unit: dict[str, list[Row]] = {}
    for row in rows:
        by_unit.setdefault(kind.unit(row), []).append(row)
    return tuple(_panel(kind, unit, members, name, whole) for unit, members in by_unit.items())


def _panel(kind: _Kind, unit: str, rows: Sequence[Row], name: Callable[[str, Job], str], whole: bool) -> Dots:
    # Where only the fastest are shown, there is no use in saying that they are.
    dots, values = [], [] if kind.reference is None else [kind.reference]
    for row in rows:
        found = kind.pick(row)
        assert found is not None
        case = short(row.summary.job.case.id, words.LONGEST_CASE)
        text = short(words.told(found, kind.show, kind.after(row)))
        best = whole and row.rank == "best"
        job = row.summary.job
        dots.append(Dot(case, name(row.run, job), words.backend_family(job), words.on_cpu(job), found, text, best))
        values += words.ends(found)
    return Dots(kind.axis(unit, values), tuple(dots), kind.reference)


def _precision(rows: Sequence[Row]) -> str:
    found = dict.fromkeys(plain(row.summary.job.precision) for row in rows)
    return f" All in {short(next(iter(found)))}." if len(found) == 1 else ""


def _figures(kind: _Kind, rows: Sequence[Row]) -> str:
    """Of ratios the middle and the largest; of what has no common measure, who is the fastest how often."""
    if kind.reference is None:
        return _winners(rows)
    values = [(found.value, row.summary.job) for row in rows if (found := kind.pick(row)) is not None]
    most, job = max(values, key=lambda pair: pair[0])
    middle = kind.show(statistics.median(value for value, _ in values), 2)
    at_most = f"the largest {kind.show(most, 2)} ({job.case.workload} on {job.backend})"
    return words.sentence(f"The median is {middle}, {at_most}." if len(values) > 1 else f"Here it is {middle}.")


def _winners(rows: Sequence[Row]) -> str:
    """How often each backend is the fastest beyond doubt, of the cases where backends were compared."""
    ranked = [row for row in rows if row.rank]
    compared = len({(r.run, r.summary.job.case.id, r.summary.job.precision) for r in ranked})
    wins = Counter(short(r.summary.job.backend) for r in ranked if r.rank == "best")
    if not wins:
        return ""
    told = words.listed([f"{backend} in {count}" for backend, count in wins.most_common(4)])
    cases = "the one case" if compared == 1 else f"{compared} cases"
    return f" Surely the fastest, of {cases} with several backends: {told}."


def _share(row: Row) -> Estimate | None:
    return row.share.value if row.share else None


def _speedup(row: Row) -> Estimate | None:
    # What a speed-up is over has none of its own.
    return row.speedup.value if row.speedup and row.speedup.over != row.summary.job else None


_KINDS = (
    _Kind(
        "latency",
        "latency",
        "Time of one iteration, waited for before the next begins; further left is faster.",
        lambda r: r.summary.estimates.get("time/latency"),
        units.seconds,
        lambda _, values: axes.logarithmic("time of an iteration, logarithmic", values, axes.one_second_digit),
    ),
    _Kind(
        "throughput",
        "throughput",
        "Items a second of iterations back to back; further right is faster.",
        lambda r: r.throughput,
        units.scaled,
        lambda unit, values: axes.logarithmic(f"{unit} per second, logarithmic", values, axes.one_digit),
        unit=lambda r: short(r.summary.work.unit, 30) if r.summary.work else "",
    ),
    _Kind(
        "speedup",
        f"speed-up over {BASELINE}",
        f"How many times as fast as {BASELINE}; right of the dashed line is faster.",
        _speedup,
        units.times,
        lambda _, values: axes.logarithmic(
            f"times as fast as {BASELINE} (same precision, else fp32), logarithmic", values, axes.one_times_digit
        ),
        reference=1.0,
    ),
    _Kind(
        "share",
        "share of what the ceilings allow",
        "Time that the measured ceilings allow over the time it took, and which ceiling binds; 100 % is all of it, more"
        " is where caches help or the ceiling is too low.",
        _share,
        units.percent,
        lambda _, values: axes.from_zero("attainable time / measured time", values, units.percent),
        after=lambda r: f" of {r.share.limiter}" if r.share else "",
        reference=1.0,
    ),
)
