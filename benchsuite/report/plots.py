"""Pictures: dots with intervals, grouped by case, the same colour for a backend in every chart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from benchsuite.report.chart import Chart, Panel, Point, charts
from benchsuite.report.sheet import Sheet

# Okabe and Ito (2008): told apart by colour-blind readers; shapes tell them apart in grey.
_STYLES = {
    "torch-eager": ("#0072B2", "o"),
    "torch-compile": ("#D55E00", "s"),
    "torch-graph": ("#009E73", "D"),
    "onnxruntime": ("#CC79A7", "^"),
}
_OTHER = ("#000000", "X")
_INK, _FAINT = "#333333", "#D9D9D9"
_LINE_INCHES, _WIDTH_INCHES, _DOTS_PER_INCH = 0.21, 8.5, 150
_SMALL, _NORMAL, _LARGE = 8, 9, 11
_INTERVAL_POINTS = 2.0


def write(sheets: Sequence[Sheet], folder: Path) -> list[Path]:
    """Draw every chart for which there are data into a PNG file of its name."""
    paths = []
    for chart in charts(sheets):
        paths.append(folder / f"{chart.name}.png")
        draw(chart).savefig(paths[-1], format="png")
    return paths


def draw(chart: Chart) -> Figure:
    """Draw one chart, a panel under another."""
    heights = [_lines(panel) for panel in chart.panels]
    inches = _LINE_INCHES * sum(heights) + 0.55 * len(heights) + 0.85
    figure = Figure(figsize=(_WIDTH_INCHES, inches), dpi=_DOTS_PER_INCH, layout="constrained")
    grid = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)
    for ax, panel in zip(grid[:, 0], chart.panels, strict=True):
        _panel(ax, panel, chart)
    figure.suptitle(chart.title, x=0.01, ha="left", fontsize=_LARGE, fontweight="bold", color=_INK)
    _legend(figure, [p for panel in chart.panels for p in panel.points])
    return figure


def _lines(panel: Panel) -> int:
    return len(panel.points) + len({p.case for p in panel.points})


def _panel(ax: Axes, panel: Panel, chart: Chart) -> None:
    places: list[float] = []
    line, case = 0, None
    for point in panel.points:
        if point.case != case:
            _heading(ax, line, point.case)
            line, case = line + 1, point.case
        _dot(ax, line, point)
        places.append(line)
        line += 1
    ax.set_yticks(places, [p.label for p in panel.points], fontsize=_SMALL, color=_INK)
    for label in ax.get_yticklabels():
        label.set_parse_math(False)
    ax.set_ylim(line - 0.4, -0.6)
    _scale(ax, panel, chart)
    _dress(ax, panel.axis)


def _heading(ax: Axes, line: int, case: str) -> None:
    ax.text(
        0.005, line + 0.08, case, transform=ax.get_yaxis_transform(), va="center", fontsize=_SMALL,
        fontweight="bold", color=_INK, parse_math=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0}, zorder=1.5,
    )  # fmt: skip


def _dot(ax: Axes, line: int, point: Point) -> None:
    colour, marker = _STYLES.get(point.family, _OTHER)
    e = point.estimate
    if e.low is not None and e.high is not None:
        ax.plot(
            [e.low, e.high],
            [line, line],
            color=colour,
            linewidth=_INTERVAL_POINTS,
            solid_capstyle="butt",
            zorder=2,
            gid="interval",
        )
    face = "white" if point.on_cpu else colour
    ax.plot([e.value], [line], marker, color=colour, markerfacecolor=face, markersize=5, zorder=3, gid="value")
    weight = "bold" if point.best else "normal"
    ax.text(
        1.012, line, point.text, transform=ax.get_yaxis_transform(), va="center", fontsize=_SMALL, fontweight=weight,
        color=_INK, parse_math=False,
    )  # fmt: skip


def _scale(ax: Axes, panel: Panel, chart: Chart) -> None:
    ends = [x for p in panel.points for x in (p.estimate.value, p.estimate.low, p.estimate.high) if x is not None]
    if chart.reference is not None:
        ends.append(chart.reference)
        ax.axvline(chart.reference, color=_INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    if chart.logarithmic:
        _logarithmic(ax, min(ends), max(ends))
    else:
        ax.set_xlim(0, 1.05 * max(ends))
        ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: chart.tick(value)))


def _logarithmic(ax: Axes, low: float, high: float) -> None:
    # At least a factor of ten, so that a few per cent do not look like a gulf and the axis has two ticks or more.
    margin = max(1.25, (10 * low / high) ** 0.5)
    ax.set_xscale("log")
    ax.set_xlim(low / margin, high * margin)
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low < 200 else (1.0,), numticks=12))
    ax.xaxis.set_minor_locator(NullLocator())


def _dress(ax: Axes, axis: str) -> None:
    ax.set_xlabel(axis, fontsize=_NORMAL, color=_INK, parse_math=False)
    ax.grid(axis="x", color=_FAINT, linewidth=0.6, zorder=0)
    ax.set_axisbelow(True)
    ax.tick_params(axis="x", labelsize=_SMALL, color=_FAINT)
    ax.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(_FAINT)


def _legend(figure: Figure, points: Sequence[Point]) -> None:
    hollow = all(p.on_cpu for p in points)
    known = list(_STYLES)
    families = sorted({p.family for p in points}, key=lambda f: (known.index(f) if f in known else len(known), f))
    marks = [_mark(*_STYLES.get(f, _OTHER), f, hollow) for f in families]
    if len({p.on_cpu for p in points}) == 2:
        marks += [_mark(_INK, "o", "accelerator", hollow=False), _mark(_INK, "o", "CPU", hollow=True)]
    if any(p.estimate.low is not None for p in points):
        marks.append(Line2D([], [], color=_INK, linewidth=_INTERVAL_POINTS, label="95 % interval"))
    if any(p.best for p in points):
        marks.append(Line2D([], [], linestyle="", label="bold: fastest of its run, case and precision"))
    legend = figure.legend(
        handles=marks, loc="outside lower left", ncols=4, fontsize=_SMALL, frameon=False, handletextpad=0.4
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _mark(colour: str, marker: str, label: str, hollow: bool) -> Line2D:
    face = "white" if hollow else colour
    return Line2D([], [], color=colour, marker=marker, markerfacecolor=face, markersize=5, linestyle="", label=label)
