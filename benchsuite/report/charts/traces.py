"""Sample traces: what single samples did, in order, round by round, for a few jobs chosen by a rule."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite import units
from benchsuite.analysis import Estimate
from benchsuite.records import Record
from benchsuite.report.charts import axes, words
from benchsuite.report.charts.model import Axis, Chart, Curve, Place, Plane
from benchsuite.report.escape import short
from benchsuite.report.sheet import Row, Sheet, backend_order

_METRIC = "time/latency"
_FEWEST = 8
_MOST_ROUNDS, _MOST_SAMPLES = 8, 80
_PLANES = 6
_RULE = (
    "Of each backend, the job whose samples spread most and the one in the middle of that order. Spread is the distance"
    " between the quartiles over the median of a round's samples, the median of all rounds; jobs with fewer than"
    f" {_FEWEST} samples in a round are left out."
)


@dataclass(frozen=True)
class _Trace:
    """A job's rounds in order, each with its usable samples, and how far they spread."""

    row: Row
    rounds: tuple[tuple[float, ...], ...]
    spread: float


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """The least steady and a typical job of each backend; of several runs, the least steady of each run alone."""
    planes, worst = [], None
    for sheet in sheets:
        found = _traces(sheet)
        chosen = _chosen(found) if len(sheets) == 1 else [(t, "least steady") for t in found[-1:]]
        planes += [_plane(trace, why, len(sheets)) for trace, why in chosen]
        worst = max((t for t in (worst, *found[-1:]) if t is not None), key=lambda t: t.spread, default=None)
    if worst is None:
        return []
    rule = (
        _RULE
        if len(sheets) == 1
        else _RULE.replace("Of each backend", "Of each run").replace(" and the one in the middle of that order", "")
    )
    job = worst.row.summary.job
    told = words.sentence(f"The widest is {units.percent(worst.spread)}: {job.case.workload} on {job.backend}.")
    caption = f"Samples in the order in which they were taken, round after round. {rule}{told}{words.letters(sheets)}"
    return words.paged("traces", "Samples in order", caption, planes, _PLANES)


def _chosen(found: Sequence[_Trace]) -> list[tuple[_Trace, str]]:
    """`found` is in the order of spread; backends follow in the order of the sheet's rows."""
    backends: dict[str, list[_Trace]] = {}
    for trace in found:
        backends.setdefault(trace.row.summary.job.backend, []).append(trace)
    chosen = []
    for _, members in sorted(backends.items(), key=lambda item: backend_order(item[0])):
        chosen.append((members[-1], "least steady"))
        if len(members) > 2:
            chosen.append((members[(len(members) - 1) // 2], "typical"))
    return chosen


def _traces(sheet: Sheet) -> list[_Trace]:
    """Every job with enough samples in each round, steadiest first."""
    records: dict[str, list[Record]] = {}
    for record in sheet.stored.records:
        if record.status == "ok":
            records.setdefault(record.job.id, []).append(record)
    found = []
    for row in sheet.rows:
        if row.summary.status == "ok":
            rounds = [_samples(r) for r in sorted(records.get(row.summary.job.id, ()), key=lambda r: r.round)]
            if rounds and min(map(len, rounds)) >= _FEWEST:
                found.append(_Trace(row, tuple(rounds), statistics.median(map(_spread, rounds))))
    return sorted(found, key=lambda t: t.spread)


def _samples(record: Record) -> tuple[float, ...]:
    measurement = record.measurement(_METRIC)
    return tuple(x for x in measurement.samples if 1e-30 < x < 1e30) if measurement else ()


def _spread(samples: Sequence[float]) -> float:
    low, middle, high = statistics.quantiles(samples, n=4)
    return (high - low) / middle


def _plane(trace: _Trace, why: str, runs: int) -> Plane:
    job = trace.row.summary.job
    curves: list[Curve] = []
    starts: list[tuple[float, str]] = []
    begin = 0
    for number in _some(len(trace.rounds), _MOST_ROUNDS):
        samples = trace.rounds[number]
        starts.append((begin, str(number + 1)))
        curves.append(_curve(trace.row, number, begin, samples))
        begin += len(samples) + max(1, len(samples) // 20)
    values = [place.y.value for curve in curves for place in curve.places]
    run = f"Run {trace.row.run}, " if runs > 1 else ""
    axes_of_case = job.case.id.partition("/")[2].replace(",", ", ")
    title = short(
        f"{run}{why}: {job.case.workload}, {job.backend}, {job.precision}, {axes_of_case}", words.LONGEST_CASE
    )
    x = Axis("samples in order, by round", -0.02 * begin, 1.0 * begin, tuple(starts), logarithmic=False)
    return Plane(
        title, x, axes.times(f"time of an iteration, spread {units.percent(trace.spread)}", values), tuple(curves)
    )


def _curve(row: Row, number: int, begin: int, samples: Sequence[float]) -> Curve:
    places = tuple(
        Place(
            begin + i,
            Estimate(samples[i], None, None, 1, 1),
            f"{units.seconds(samples[i])}, sample {i + 1} of round {number + 1}",
        )
        for i in _some(len(samples), _MOST_SAMPLES)
    )
    return Curve(f"round {number + 1}", words.backend_family(row.summary.job), words.on_cpu(row.summary.job), places)


def _some(count: int, most: int) -> list[int]:
    """Numbers from 0 to `count` - 1, evenly thinned to `most`, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return sorted({round(i * (count - 1) / (most - 1)) for i in range(most)})
