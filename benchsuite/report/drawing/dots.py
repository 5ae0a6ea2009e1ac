"""Dots with intervals under one another, grouped by case."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchsuite.report.charts.model import Dot, Dots
from benchsuite.report.drawing import dress
from benchsuite.report.style import INK, SMALL, style

_LINE_INCHES, _LEAST_AXIS_INCHES = 0.18, 2.5
_TITLE_INCHES, _AXIS_INCHES, _LEGEND_INCHES, _EDGE_INCHES, _GAP_INCHES = 0.36, 0.55, 0.17, 0.1, 0.08


def draw(title: str, panels: Sequence[Dots]) -> Figure:
    """A panel under another.

    Note: matplotlib's constrained layout comes to the same in ten times the time, since it draws all text to measure.
    """
    entries = _legend([dot for panel in panels for dot in panel.dots])
    rows = dress.rows(entries)
    heights = [_lines(panel) * _LINE_INCHES for panel in panels]
    below = _LEGEND_INCHES * rows + _EDGE_INCHES
    inches = _TITLE_INCHES + sum(heights) + _AXIS_INCHES * len(heights) + below
    figure = Figure(figsize=(dress.WIDTH_INCHES, inches), dpi=dress.DOTS_PER_INCH)
    left, right = _margins(panels)
    top = inches - _TITLE_INCHES
    for panel, height in zip(panels, heights, strict=True):
        frame = (left, (top - height) / inches, 1 - left - right, height / inches)
        _panel(figure.add_axes(frame), panel)
        top -= height + _AXIS_INCHES
    dress.title(figure, title, 1 - _EDGE_INCHES / inches)
    dress.legend(figure, entries, _EDGE_INCHES / 2 / inches)
    return figure


def _margins(panels: Sequence[Dots]) -> tuple[float, float]:
    """The parts of the width that labels and values need, all panels alike; less where no room would be left."""
    dots = [dot for panel in panels for dot in panel.dots]
    left = max(dress.text_inches(dot.label) for dot in dots) + _EDGE_INCHES + _GAP_INCHES
    right = max(dress.text_inches(dot.text, bold=dot.best) for dot in dots) + _EDGE_INCHES + _GAP_INCHES
    least = min(1.0, (dress.WIDTH_INCHES - _LEAST_AXIS_INCHES) / (left + right))
    return left * least / dress.WIDTH_INCHES, right * least / dress.WIDTH_INCHES


def _lines(panel: Dots) -> float:
    return len(panel.dots) + len(_headings(panel.dots)) + 0.2


def _headings(dots: Sequence[Dot]) -> list[int]:
    """Numbers of the dots with which a case begins."""
    return [i for i, dot in enumerate(dots) if i == 0 or dot.case != dots[i - 1].case]


def _panel(ax: Axes, panel: Dots) -> None:
    headings = _headings(panel.dots)
    lines = [i + sum(start <= i for start in headings) for i in range(len(panel.dots))]
    dress.dress(ax, "x")
    dress.scale(ax, panel.axis, across=True)
    ax.set_yticks([])
    ax.set_ylim(lines[-1] + 0.7, -0.5)
    if panel.reference is not None:
        ax.axvline(panel.reference, color=INK, linewidth=0.8, linestyle=dress.DASHES, zorder=1, gid="reference")
    width = ax.get_position().width * dress.WIDTH_INCHES
    edge = (_EDGE_INCHES - ax.get_position().x0 * dress.WIDTH_INCHES) / width
    for start in headings:
        _text(ax, edge, lines[start] - 1, panel.dots[start].case, "heading", "left", bold=True)
    _marks(ax, list(zip(lines, panel.dots, strict=True)))
    for line, dot in zip(lines, panel.dots, strict=True):
        _text(ax, -_GAP_INCHES / width, line, dot.label, "label", "right", bold=False)
        _text(ax, 1 + _GAP_INCHES / width, line, dot.text, "text", "left", bold=dot.best)


def _marks(ax: Axes, found: Sequence[tuple[int, Dot]]) -> None:
    """One artist a family and device: many times as fast as one a dot."""
    for family, on_cpu in dict.fromkeys((dot.family, dot.on_cpu) for _, dot in found):
        mine = [(line, dot) for line, dot in found if (dot.family, dot.on_cpu) == (family, on_cpu)]
        colour = style(family).colour
        ends = [(line, both) for line, dot in mine if (both := dress.ends(dot.estimate)) is not None]
        if ends:
            ax.plot(
                dress.broken([both for _, both in ends]),
                dress.broken([(line, line) for line, _ in ends]),
                color=colour, linewidth=dress.INTERVAL_POINTS, solid_capstyle="butt", zorder=2, gid="interval",
            )  # fmt: skip
        ax.plot(
            [dot.estimate.value for _, dot in mine], [line for line, _ in mine], style(family).marker, color=colour,
            markerfacecolor="white" if on_cpu else colour, markersize=dress.MARKER_POINTS, zorder=3, gid="value",
            label=family,
        )  # fmt: skip


def _text(ax: Axes, x: float, line: int, text: str, kind: str, side: str, bold: bool) -> None:
    ax.text(
        x, line, text, transform=ax.get_yaxis_transform(), va="center_baseline", ha=side, fontsize=SMALL,
        fontweight="bold" if bold else "normal", color=INK, parse_math=False, gid=kind, zorder=1.5,
    )  # fmt: skip


def _legend(dots: Sequence[Dot]) -> list[dress.Entry]:
    entries = dress.families((dot.family, dot.on_cpu) for dot in dots)
    if any(dot.estimate.low is not None for dot in dots):
        entries.append(dress.interval())
    if any(dot.best for dot in dots):
        entries.append(dress.words("bold: fastest of its run, case and precision"))
    return entries
