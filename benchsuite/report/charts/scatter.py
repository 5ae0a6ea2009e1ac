"""Two times of each job against each other, with the line on which they are equal."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchsuite import units
from benchsuite.analysis import Estimate
from benchsuite.report.charts import axes, words
from benchsuite.report.charts.model import Axis, Chart, Curve, Place, Plane, Rule
from benchsuite.report.escape import short
from benchsuite.report.sheet import Row, Sheet

_MARKED = 3
_PLANES = 6


@dataclass(frozen=True)
class Times:
    """A row, and the two times that are compared."""

    row: Row
    x: Estimate
    y: Estimate

    @property
    def factor(self) -> float:
        """How many times as long `y` is."""
        return self.y.value / self.x.value


def charts(
    name: str,
    title: str,
    read: str,
    headings: tuple[str, str],
    sheets: Sequence[Sheet],
    times: Mapping[str, Sequence[Times]],
) -> list[Chart]:
    """A plane a run, on the same axes; `times` holds those of each run by its letter."""
    shown = {run: [t for t in found if words.drawable(t.x) and words.drawable(t.y)] for run, found in times.items()}
    every = [t for found in shown.values() for t in found]
    if not every:
        return []
    x = _axis(headings[0], [t.x for t in every])
    y = _axis(headings[1], [t.y for t in every])
    planes = [_plane(f"Run {run}" if len(sheets) > 1 else "", x, y, found) for run, found in shown.items() if found]
    caption = f"{read}{_extremes(every)}{words.letters(sheets)}"
    return words.paged(name, title, caption, planes, _PLANES)


def _axis(heading: str, times: Sequence[Estimate]) -> Axis:
    ends = [v for time in times for v in words.ends(time)]
    return axes.logarithmic(f"{heading}, logarithmic", ends, axes.one_second_digit, most=6)


def _plane(title: str, x: Axis, y: Axis, times: Sequence[Times]) -> Plane:
    worst = {t.row.summary.job.case.workload: t for t in sorted(times, key=lambda t: t.factor)}
    marked = {id(t) for t in sorted(worst.values(), key=lambda t: t.factor)[-_MARKED:]}
    backends: dict[str, list[Times]] = {}
    for each in times:
        backends.setdefault(each.row.summary.job.backend, []).append(each)
    curves = [
        Curve(
            short(backend),
            words.backend_family(members[0].row.summary.job),
            words.on_cpu(members[0].row.summary.job),
            tuple(_place(t, id(t) in marked) for t in sorted(members, key=lambda t: t.x.value)),
            joined=False,
        )
        for backend, members in backends.items()
    ]
    ends = max(x.low, y.low), min(x.high, y.high)
    rules = (Rule("equal", tuple((v, v) for v in ends), dashed=True),) if ends[0] < ends[1] else ()
    return Plane(title, x, y, tuple(curves), rules)


def _place(times: Times, marked: bool) -> Place:
    job = times.row.summary.job
    both = f"{words.told(times.y, units.seconds)} against {words.told(times.x, units.seconds)}"
    text = f"{short(job.case.id, words.LONGEST_CASE)}: {both}, {units.times(times.factor)}"
    across = None if times.x.low is None or times.x.high is None else (times.x.low, times.x.high)
    return Place(times.x.value, times.y, text, short(job.case.workload, 30) if marked else "", across)


def _extremes(times: Sequence[Times]) -> str:
    """The middle and the largest of all factors."""
    most = max(times, key=lambda t: t.factor)
    job = most.row.summary.job
    middle = units.times(statistics.median(t.factor for t in times), 2)
    told = f"The median job takes {middle} as long, {job.case.workload} on {job.backend} {units.times(most.factor, 2)}."
    return words.sentence(told)
