"""Scaling: time over each swept axis, with the exponent of the power law that fits it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchsuite import units
from benchsuite.analysis import Estimate
from benchsuite.analysis.scaling import exponent
from benchsuite.report.charts import axes, words
from benchsuite.report.charts.model import Chart, Curve, Place, Plane
from benchsuite.report.charts.sweeps import Line, Sweep, by_axis, sweeps
from benchsuite.report.sheet import Sheet

_PLANES = 6


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """A chart of each axis that some workload was measured at three values of or more, six planes each."""
    found = []
    for axis, members in by_axis(sweeps(sheets)).items():
        planes = [_plane(sweep, len(sheets)) for sweep in members]
        caption = (
            f"Time of an iteration as {words.name(axis)} (n) grows, everything else equal; where a curve ends stands"
            " the exponent of n that fits it, with its 95 % interval: n^1 is in proportion, n^2 with the square."
            f"{_range(members)}{words.letters(sheets)}"
        )
        title = f"Time against {words.name(axis)}"
        found += words.paged(f"scaling-{words.slug(axis)}", title, caption, planes, _PLANES)
    return found


def _plane(sweep: Sweep, runs: int) -> Plane:
    curves = [_curve(line, sweep, runs) for line in sweep.lines]
    values = [v for line in sweep.lines for point in line.points for v in words.ends(point.time)]
    y = axes.logarithmic("time of an iteration, logarithmic", values, axes.one_second_digit)
    return Plane(sweep.title, sweep.across, y, tuple(curves))


def _curve(line: Line, sweep: Sweep, runs: int) -> Curve:
    places = tuple(
        Place(p.n, p.time, f"{words.told(p.time, units.seconds)} at {words.name(sweep.axis)}={p.n}")
        for p in line.points
    )
    found = exponent(line.points)
    label = words.namer(sweep.jobs, runs)(line.run, line.job)
    end = words.end(line.run, line.job, sweep.jobs, runs, _power(found) if found else "")
    return Curve(label, words.backend_family(line.job), words.on_cpu(line.job), places, end=end)


def _power(found: Estimate) -> str:
    """As many decimals as the first digit of its margin needs, one to three."""
    half = found.half_width or 0.0
    decimals = min(3, max(1, math.ceil(-math.log10(half)))) if half > 0 else 3
    return f"n^{found.value:.{decimals}f} ±{half:.{decimals}f}"


def _range(members: Sequence[Sweep]) -> str:
    """Between what the exponents lie."""
    lines = [(found, line) for sweep in members for line in sweep.lines if (found := exponent(line.points))]
    if not lines:
        return ""
    ends = [pick(lines, key=lambda pair: pair[0].value) for pick in (min, max)]
    told = [f"{_power(found)} ({line.job.case.workload} on {line.job.backend})" for found, line in ends]
    return words.sentence(f"Here from {told[0]} to {told[1]}." if len(lines) > 1 else f"Here {told[0]}.")
