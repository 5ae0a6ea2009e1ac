"""Peak memory over a swept axis: of the host, and of the device."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.analysis import Estimate, Summary
from benchsuite.report.charts import axes, words
from benchsuite.report.charts.model import Chart, Curve, Place, Plane
from benchsuite.report.charts.sweeps import Line, Sweep, by_axis, sweeps
from benchsuite.report.sheet import Sheet

_METRICS = {"host": "memory/host_peak", "device": "memory/device_peak"}
_MEANING = {
    "host": "Resident memory at its highest while timing, with the interpreter and the libraries in it",
    "device": "Allocated device memory at its highest while timing",
}
_PLANES = 6


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """A chart of each kind of memory and swept axis."""
    return [chart for where in _METRICS for chart in _charts(where, sheets)]


def _charts(where: str, sheets: Sequence[Sheet]) -> list[Chart]:
    def peak(summary: Summary) -> Estimate | None:
        found = summary.estimates.get(_METRICS[where])
        return found if words.drawable(found) else None

    found = []
    for axis, members in by_axis(sweeps(sheets, peak)).items():
        planes = [_plane(sweep, len(sheets)) for sweep in members]
        caption = f"{_MEANING[where]}, as {words.name(axis)} grows.{_steepest(members)}{words.letters(sheets)}"
        name, title = f"memory-{where}-{words.slug(axis)}", f"Peak memory of the {where} against {words.name(axis)}"
        found += words.paged(name, title, caption, planes, _PLANES)
    return found


def _plane(sweep: Sweep, runs: int) -> Plane:
    curves = [_curve(line, sweep, runs) for line in sweep.lines]
    values = [v for line in sweep.lines for point in line.points for v in words.ends(point.time)]
    return Plane(sweep.title, sweep.across, axes.sizes("peak memory", values), tuple(curves))


def _curve(line: Line, sweep: Sweep, runs: int) -> Curve:
    # What a sweep calls the time of a point is here its peak in bytes.
    places = tuple(
        Place(p.n, p.time, f"{words.told(p.time, words.size)} at {words.name(sweep.axis)}={p.n}") for p in line.points
    )
    name, end = words.namer(sweep.jobs, runs)(line.run, line.job), words.end(line.run, line.job, sweep.jobs, runs)
    return Curve(name, words.backend_family(line.job), words.on_cpu(line.job), places, end=end)


def _steepest(members: Sequence[Sweep]) -> str:
    """From what to what, of the line that grows most."""
    line = max((line for sweep in members for line in sweep.lines), key=_factor)
    low, high = (f"{words.size(p.time.value, 3)} at {p.n}" for p in (line.points[0], line.points[-1]))
    return words.sentence(f"It grows most in {line.job.case.workload} on {line.job.backend}, from {low} to {high}.")


def _factor(line: Line) -> float:
    return line.points[-1].time.value / line.points[0].time.value
