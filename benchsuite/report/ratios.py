"""Pictures of verdicts: a ratio with its interval for each job, worst first, one as the dashed line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from benchsuite import units
from benchsuite.records import Verdict
from benchsuite.report.drawing import dress
from benchsuite.report.escape import short
from benchsuite.report.place import own
from benchsuite.report.ranking import OUTCOMES, Section, worst_first
from benchsuite.report.style import INK, NORMAL, OTHER
from benchsuite.report.style import OUTCOMES as STYLES
from benchsuite.report.verdict_table import factor

_BAND = "#F0F0F0"
_LINE_INCHES, _WIDTH_INCHES, _SMALL = 0.21, 11.0, 7
_LONGEST_LABEL = 95
ROWS, PICTURES = 60, 5
# Beyond it, a ratio comes of a damaged file or of two different things.
_FARTHEST = 1e3


def write(sections: Sequence[Section], folder: Path) -> list[Path]:
    """Draw ratios.png, ratios-2.png, ...: at most 60 rows a picture and 5 pictures a section."""
    paths: list[Path] = []
    for section in sections:
        rows = drawable(section)
        for start in range(0, min(len(rows), ROWS * PICTURES), ROWS):
            number = f"-{len(paths) + 1}" if paths else ""
            paths.append(folder / f"ratios{number}.png")
            draw(section, rows[start : start + ROWS], start, len(rows)).savefig(own(paths[-1]), format="png")
    return paths


def drawable(section: Section) -> list[Verdict]:
    """The verdicts with a ratio that fits on an axis, worst first."""
    return [v for v in worst_first(section.verdicts) if v.ratio is not None and 1 / _FARTHEST < v.ratio < _FARTHEST]


def draw(section: Section, rows: Sequence[Verdict], start: int = 0, of: int | None = None) -> Figure:
    """Draw `rows`, at least one, of the `of` rows of a section, from number `start` on."""
    inches = _LINE_INCHES * len(rows) + 1.6
    figure = Figure(figsize=(_WIDTH_INCHES, inches), dpi=dress.DOTS_PER_INCH, layout="constrained")
    ax = figure.subplots()
    for line, verdict in enumerate(rows):
        _row(ax, line, verdict)
    ax.set_yticks(range(len(rows)), [short(v.job, _LONGEST_LABEL) for v in rows], fontsize=_SMALL, color=INK)
    for label in ax.get_yticklabels():
        label.set_parse_math(False)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    _scale(ax, rows)
    if section.minimum is not None:
        ends = 1 / (1 + section.minimum), 1 + section.minimum
        ax.axvspan(*ends, color=_BAND, zorder=0, gid="band")
    _dress(ax)
    part = f", {start + 1} to {start + len(rows)} of {of}" if of is not None and of > len(rows) else ""
    dress.title(figure, f"{short(section.title, _LONGEST_LABEL)}{part}")
    _legend(figure, rows, section.minimum)
    return figure


def _row(ax: Axes, line: int, verdict: Verdict) -> None:
    found = STYLES.get(verdict.outcome, OTHER)
    if verdict.low is not None and verdict.high is not None:
        ends = [max(1 / _FARTHEST, verdict.low), min(_FARTHEST, verdict.high)]
        ax.plot(
            ends,
            [line, line],
            color=found.colour,
            linewidth=dress.INTERVAL_POINTS,
            solid_capstyle="butt",
            zorder=2,
            gid="interval",
        )
    assert verdict.ratio is not None
    ax.plot(
        [verdict.ratio], [line], found.marker, color=found.colour, markersize=dress.MARKER_POINTS, zorder=3, gid="value"
    )
    text = f"{factor(verdict.ratio)}× {verdict.outcome}"
    ax.text(
        1.012, line, text, transform=ax.get_yaxis_transform(), va="center", fontsize=_SMALL, color=INK,
        parse_math=False,
    )  # fmt: skip


def _scale(ax: Axes, rows: Sequence[Verdict]) -> None:
    ends = [x for v in rows for x in (v.ratio, v.low, v.high) if x is not None]
    low, high = max(1 / _FARTHEST, min(1.0, *ends)), min(_FARTHEST, max(1.0, *ends))
    ax.set_xscale("log")
    if high / low < 4:
        ax.set_xlim(low / 1.02, high * 1.02)
        ax.xaxis.set_major_locator(FixedLocator(_even_ticks(low, high)))
    else:
        margin = max(1.1, (10 * low / high) ** 0.5)
        ax.set_xlim(low / margin, high * margin)
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low < 200 else (1.0,), numticks=12))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.3g}×"))
    ax.axvline(1.0, color=INK, linewidth=0.8, linestyle=dress.DASHES, zorder=1)


def _even_ticks(low: float, high: float) -> list[float]:
    """At most eight, one among them. A logarithmic axis has none of its own in less than a decade."""
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if (high - low) / step <= 7)
    return [round(1 + step * k, 2) for k in range(math.ceil((low - 1) / step), math.floor((high - 1) / step) + 1)]


def _dress(ax: Axes) -> None:
    dress.dress(ax, "x")
    ax.set_xlabel("candidate over base, logarithmic", fontsize=NORMAL, color=INK)
    ax.tick_params(labelsize=_SMALL)


def _legend(figure: Figure, rows: Sequence[Verdict], minimum: float | None) -> None:
    there = {v.outcome for v in rows}
    marks = [dress.mark(name, STYLES.get(name, OTHER)) for name in OUTCOMES if name in there]
    if any(v.low is not None for v in rows):
        marks.append(dress.interval())
    if minimum is not None:
        marks.append(dress.band(f"within {units.percent(minimum)}: does not matter", _BAND))
    dress.legend(figure, marks)
