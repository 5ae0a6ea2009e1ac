"""Rooflines: arithmetic intensity against achieved arithmetic, under the ceilings that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite import units
from benchsuite.analysis.limits import FLOPS_WORKLOAD, MEMORY_WORKLOADS
from benchsuite.analysis.roofline import Placed, Roof, places, roofs
from benchsuite.report.charts import axes, words
from benchsuite.report.charts.model import Axis, Chart, Curve, Place, Plane, Rule
from benchsuite.report.escape import short
from benchsuite.report.sheet import Sheet

_PLANES = 6
_MARKED = 3
_CEILINGS = (FLOPS_WORKLOAD, *MEMORY_WORKLOADS)
_READ = (
    "Each point is a job: the FLOP it does for each byte it must move, against the FLOP/s it reached. The lines are"
    " what matmul and memory-copy or memory-read reached in the same run: memory binds below the slope,"
    " arithmetic below the flat ones."
)


@dataclass(frozen=True)
class _Roofed:
    """The jobs of one run on one kind of device, and its roofs by precision."""

    run: str
    roofs: dict[str, Roof]
    places: tuple[Placed, ...]

    def part(self, place: Placed) -> float | None:
        """How much of its roof a job reached; None where its precision has none."""
        roof = self.roofs.get(place.precision)
        return None if roof is None else place.rate.value / roof.at(place.intensity)

    @property
    def ranked(self) -> list[tuple[float, Placed]]:
        """Jobs from the farthest from their roof to the nearest, without those that the roof is made of."""
        jobs = [p for p in self.places if p.summary.job.case.workload not in _CEILINGS]
        return sorted(((part, p) for p in jobs if (part := self.part(p)) is not None), key=lambda pair: pair[0])


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """A chart of each kind of device, with a plane of each run that has ceilings for it, all on the same axes."""
    kinds = dict.fromkeys(kind for sheet in sheets for kind in sheet.ceilings.bytes)
    return [chart for kind in kinds for chart in _charts(kind, sheets)]


def _charts(kind: str, sheets: Sequence[Sheet]) -> list[Chart]:
    found = [each for sheet in sheets if (each := _roofed(sheet, kind)).roofs and each.places]
    if not found:
        return []
    x = axes.logarithmic(
        "intensity (FLOP/B), logarithmic", [p.intensity for each in found for p in each.places], _flop_per_byte, most=6
    )
    heights = [v for each in found for p in each.places for v in words.ends(p.rate)]
    heights += [roof.flops.rate.value for each in found for roof in each.roofs.values()]
    y = axes.logarithmic("arithmetic (FLOP/s), logarithmic", heights, axes.one_digit)
    planes = [_plane(each, x, y, len(sheets)) for each in found]
    caption = f"{_READ}{_extremes(found)}{words.letters(sheets)}"
    return words.paged(
        f"roofline-{words.slug(kind)}",
        f"Roofline of {'the CPU' if kind == 'cpu' else short(kind)}",
        caption,
        planes,
        _PLANES,
    )


def _roofed(sheet: Sheet, kind: str) -> _Roofed:
    mine = {roof.precision: roof for roof in roofs(sheet.ceilings) if roof.kind == kind}
    there = places(row.summary for row in sheet.rows)
    return _Roofed(sheet.label, mine, tuple(p for p in there if p.kind == kind and _drawable(p)))


def _drawable(place: Placed) -> bool:
    return words.drawable(place.rate) and 1e-12 < place.intensity < 1e12


def _plane(found: _Roofed, x: Axis, y: Axis, runs: int) -> Plane:
    marked = _marked(found.ranked)
    backends: dict[str, list[Placed]] = {}
    for place in found.places:
        backends.setdefault(place.summary.job.backend, []).append(place)
    curves = [
        Curve(
            short(backend),
            words.backend_family(members[0].summary.job),
            words.on_cpu(members[0].summary.job),
            tuple(_place(found, p, id(p) in marked) for p in sorted(members, key=lambda p: p.intensity)),
            joined=False,
        )
        for backend, members in backends.items()
    ]
    return Plane(f"Run {found.run}" if runs > 1 else "", x, y, tuple(curves), _rules(found.roofs, x, y))


def _rules(found: dict[str, Roof], x: Axis, y: Axis) -> tuple[Rule, ...]:
    """The slope of memory up to the highest roof, and a flat line a precision from the slope on."""
    bandwidth = next(iter(found.values())).bytes.rate.value
    rates = {precision: roof.flops.rate.value for precision, roof in found.items()}
    start, stop = max(x.low, y.low / bandwidth), min(x.high, max(rates.values()) / bandwidth)
    slope = ((start, start * bandwidth), (stop, stop * bandwidth))
    rules = [Rule(f"memory {units.rate(bandwidth, 'B')}", slope)] if start < stop else []
    for precision, rate in sorted(rates.items(), key=lambda item: item[1]):
        ends = ((max(x.low, rate / bandwidth), rate), (x.high, rate))
        if ends[0][0] < x.high:
            rules.append(Rule(f"{short(precision, 12)} {units.rate(rate, 'FLOP')}", ends))
    return tuple(rules)


def _marked(ranked: Sequence[tuple[float, Placed]]) -> set[int]:
    """The nearest to and the farthest from the roof, each workload once."""
    chosen: dict[str, Placed] = {}
    for order in (ranked, ranked[::-1]):
        firsts: dict[str, Placed] = {}
        for _, place in order:
            firsts.setdefault(place.summary.job.case.workload, place)
        for workload, place in list(firsts.items())[:_MARKED]:
            chosen.setdefault(workload, place)
    return {id(place) for place in chosen.values()}


def _place(found: _Roofed, place: Placed, marked: bool) -> Place:
    job, part = place.summary.job, found.part(place)
    of = "" if part is None else f", {units.percent(part)} of its roof"
    case, precision = short(job.case.id, words.LONGEST_CASE), short(job.precision, 12)
    text = f"{case} {precision}: {words.told(place.rate, _flop_rate)}{of}"
    return Place(place.intensity, place.rate, text, short(job.case.workload, 30) if marked else "")


def _extremes(found: Sequence[_Roofed]) -> str:
    ranked = sorted((pair for each in found for pair in each.ranked), key=lambda pair: pair[0])
    if len(ranked) < 2:
        return ""
    told = [f"{p.summary.job.case.workload} at {units.percent(part)}" for part, p in (ranked[-1], ranked[0])]
    return words.sentence(f"Nearest to its roof is {told[0]}, farthest from it {told[1]}.")


def _flop_rate(value: float, count: int) -> str:
    return units.rate(value, "FLOP", count)


def _flop_per_byte(value: float) -> str:
    return units.significant(value, 1)
