"""Sweeps of several runs side by side: jobs that differ in one axis of numbers alone, as the lines of a plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchsuite.analysis import Estimate, Summary, scaling
from benchsuite.analysis.scaling import Point
from benchsuite.records import Job
from benchsuite.report.charts import axes, words
from benchsuite.report.charts.model import Axis
from benchsuite.report.escape import short
from benchsuite.report.sheet import Sheet, backend_order

_MOST_LINES = 10


@dataclass(frozen=True)
class Line:
    """Points of one run, backend, precision and number of threads, in the order of the swept axis."""

    run: str
    points: tuple[Point, ...]

    @property
    def job(self) -> Job:
        """The first of them: what they share is all but its place on the axis."""
        return self.points[0].job


@dataclass(frozen=True)
class Sweep:
    """Lines of one workload over one axis, everything else about the case equal: `fixed` says what it is."""

    workload: str
    axis: str
    fixed: str
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """The workload and what was kept."""
        return short(f"{self.workload}: {self.fixed}" if self.fixed else self.workload, words.LONGEST_CASE)

    @property
    def jobs(self) -> list[Job]:
        """The first job of each line."""
        return [line.job for line in self.lines]

    @property
    def across(self) -> Axis:
        """The swept axis."""
        return axes.swept(words.axis_heading(self.axis), [p.n for line in self.lines for p in line.points])


def sweeps(
    sheets: Sequence[Sheet], pick: Callable[[Summary], Estimate | None] = scaling.latency, fewest: int = 3
) -> list[Sweep]:
    """Every sweep over `fewest` values or more of what `pick` finds, workloads and axes in the order of reading."""
    found: dict[tuple[str, str, str], list[Line]] = {}
    for sheet in sheets:
        for sweep in scaling.sweeps([row.summary for row in sheet.rows], pick, fewest):
            case = sweep.job.case
            key = (case.workload, sweep.axis, fixed(sweep.job, sweep.axis))
            found.setdefault(key, []).append(Line(sheet.label, sweep.points))
    return [part for key, lines in found.items() for part in _parted(Sweep(*key, tuple(sorted(lines, key=_order))))]


def fixed(job: Job, swept: str) -> str:
    """What does not change over a sweep: `batch=8, heads=12`."""
    return ", ".join(f"{axis}={value}" for axis, value in job.case.axes.items() if axis != swept)


def _order(line: Line) -> tuple[object, ...]:
    return (backend_order(line.job.backend), line.job.precision, line.run)


def _parted(sweep: Sweep) -> list[Sweep]:
    """More lines than a reader can tell apart become a sweep a backend and precision, with the runs side by side."""
    if len(sweep.lines) <= _MOST_LINES:
        return [sweep]
    parts: dict[str, list[Line]] = {}
    for line in sweep.lines:
        parts.setdefault(f"{line.job.backend} {line.job.precision}", []).append(line)
    return [
        Sweep(sweep.workload, sweep.axis, f"{name}, {sweep.fixed}" if sweep.fixed else name, tuple(lines))
        for name, lines in parts.items()
    ]


def by_axis(found: Sequence[Sweep]) -> dict[str, list[Sweep]]:
    """Sweeps over the same axis together."""
    parts: dict[str, list[Sweep]] = {}
    for sweep in found:
        parts.setdefault(sweep.axis, []).append(sweep)
    return parts
