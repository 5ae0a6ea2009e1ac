"""Pictures of histories: one a job, with its runs, the levels between steps, and the band of the newest runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchsuite import units
from benchsuite.analysis.trend import Trend
from benchsuite.report.escape import short
from benchsuite.report.history_table import date, told
from benchsuite.report.place import own
from benchsuite.report.style import INK, NORMAL, OUTCOMES, SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_RUNS, _LEVEL, _BAND = OUTCOMES["same"].colour, "#000000", "#E69F00"
_MOST_LABELS = 12
_LONGEST = 135


def write(trends: Sequence[Trend], folder: Path) -> list[Path]:
    """Draw each trend into a numbered PNG file named after its job."""
    paths = []
    for number, trend in enumerate(trends, start=1):
        paths.append(folder / f"{number:02d}-{_file_name(trend.history.kind.job)}.png")
        draw(trend).savefig(own(paths[-1]), format="png")
    return paths


def _file_name(job: str) -> str:
    return re.sub(r"[^A-Za-z0-9=.,-]+", "_", job)[:80].strip("._") or "job"


def draw(trend: Trend) -> Figure:
    """Draw one trend: runs in order from left to right, evenly spaced, on a linear scale that need not begin at 0."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 3.2), dpi=150, layout="constrained")
    ax = figure.subplots()
    values = _values(trend)
    ax.plot(range(len(values)), values, ".", color=_RUNS, markersize=4 if len(values) < 500 else 1.5, gid="run")
    _levels(ax, trend)
    _steps(ax, trend)
    _band(ax, trend)
    _dress(ax, trend)
    return figure


def _values(trend: Trend) -> Sequence[float]:
    import numpy as np

    return [float(x) for x in np.exp(trend.history.logs)]


def _levels(ax: Axes, trend: Trend) -> None:
    stops = (*trend.starts[1:], len(trend.history))
    for start, stop, level in zip(trend.starts, stops, trend.levels, strict=True):
        ax.plot([start - 0.5, stop - 0.5], [level, level], color=_LEVEL, linewidth=1.2, zorder=3, gid="level")


def _steps(ax: Axes, trend: Trend) -> None:
    named = {step.at for step in trend.steps[-_MOST_LABELS:]}
    for step in trend.steps:
        colour = OUTCOMES[step.state].colour
        ax.axvline(step.at - 0.5, color=colour, linewidth=0.9, linestyle=(0, (4, 2)), gid="step")
        if step.at in named:
            ax.text(
                step.at - 0.5, 1.0, f" {units.times(step.ratio)}", transform=ax.get_xaxis_transform(), va="top",
                fontsize=SMALL, color=colour, parse_math=False,
            )  # fmt: skip


def _band(ax: Axes, trend: Trend) -> None:
    if trend.level is None or trend.reach is None:
        return
    ends = [trend.level / (1 + trend.reach), trend.level * (1 + trend.reach)]
    across = [trend.starts[-1] - 0.5, len(trend.history) - 0.5]
    ax.fill_between(across, ends[0], ends[1], color=_BAND, alpha=0.25, linewidth=0, gid="band")


def _dress(ax: Axes, trend: Trend) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    from benchsuite.report.drawing import dress

    dress.dress(ax, "y")
    history = trend.history
    ax.set_title(
        short(history.kind.job, 100), loc="left", fontsize=NORMAL, fontweight="bold", color=INK, parse_math=False
    )
    ax.set_xlabel(short(told(trend), _LONGEST), fontsize=SMALL, color=INK, loc="left", parse_math=False)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda place, _: _day(trend, place)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, history.kind.unit)))
    ax.set_xlim(-0.5 - 0.01 * len(history), len(history) - 0.5 + 0.01 * len(history))


def _day(trend: Trend, place: float) -> str:
    known = 0 <= place < len(trend.history) and place == round(place)
    return date(trend.history.moment(int(place))) if known else ""


def _tick(value: float, unit: str) -> str:
    if unit == "s":
        return units.seconds(value)
    return units.size(value) if unit == "B" else units.significant(value)
