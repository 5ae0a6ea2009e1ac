"""How axes, titles and legends of every static picture look."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path
from matplotlib.ticker import NullLocator

from benchsuite.analysis import Estimate
from benchsuite.report.charts.model import Axis
from benchsuite.report.style import BAND, FAINT, INK, LARGE, NORMAL, SMALL, Style, in_order, style

DOTS_PER_INCH = 150
WIDTH_INCHES = 8.5
INTERVAL_POINTS = 2.0
MARKER_POINTS = 5.0
DASHES = (0, (4, 3))
_ENTRY_INCHES = 0.55
Entry = Line2D


def dress(ax: Axes, grid: Literal["x", "y", "both"]) -> None:
    """A faint grid along the values, and nothing that holds no data."""
    ax.grid(axis=grid, color=FAINT, linewidth=0.6, zorder=0)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=SMALL, color=FAINT, labelcolor=INK)
    if grid == "x":
        ax.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(FAINT)


def ends(found: Estimate) -> tuple[float, float] | None:
    """The ends of an interval, where there is one."""
    return None if found.low is None or found.high is None else (found.low, found.high)


def broken(parts: Sequence[tuple[float, ...]]) -> list[float]:
    """Coordinates of several lines that are drawn as one, which takes a fraction of the room and the time."""
    return [x for part in parts for x in (*part, math.nan)]


def scale(ax: Axes, axis: Axis, across: bool) -> None:
    """Give an axis, the one across or the one upright, the ends, ticks and heading of the chart."""
    mine = ax.xaxis if across else ax.yaxis
    (ax.set_xscale if across else ax.set_yscale)("log" if axis.logarithmic else "linear")
    (ax.set_xlim if across else ax.set_ylim)(axis.low, axis.high)
    mine.set_ticks([value for value, _ in axis.ticks], [text for _, text in axis.ticks])
    mine.set_minor_locator(NullLocator())
    mine.set_label_text(axis.heading, fontsize=NORMAL if across else SMALL, color=INK, parse_math=False)


def title(figure: Figure, text: str, top: float | None = None) -> None:
    """A title over the whole picture; `top` is its upper edge where no layout engine finds one."""
    found = figure.suptitle(text, x=0.01, ha="left", fontsize=LARGE, fontweight="bold", color=INK)
    found.set_parse_math(False)
    if top is not None:
        found.set(y=top, va="top")


def text_inches(text: str, bold: bool = False) -> float:
    """How wide a small text is, with the little that drawing it in whole pixels adds."""
    return 1.03 * _points(text, "bold" if bold else "normal") / 72


def wrapped(text: str, inches: float, most: int = 2) -> str:
    """A small bold text in at most `most` lines of so many inches."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_inches(f"{lines[-1]} {word}", bold=True) <= inches:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    while lines and any(text_inches(line, bold=True) > inches for line in lines):
        lines = [line if text_inches(line, bold=True) <= inches else f"{line[:-2]}…" for line in lines]
    return "\n".join(lines[:most]) + ("…" if len(lines) > most else "")


@functools.lru_cache(maxsize=4096)
def _points(text: str, weight: str) -> float:
    width, _, _ = text_to_path.get_text_width_height_descent(
        text, FontProperties(size=SMALL, weight=weight), ismath=False
    )
    return float(width)


def mark(label: str, found: Style, hollow: bool = False, colour: str = "") -> Entry:
    """An entry of a legend: a mark without a line."""
    ink = colour or found.colour
    face = "white" if hollow else ink
    return Line2D(
        [], [], linestyle="", color=ink, marker=found.marker, markerfacecolor=face, markersize=MARKER_POINTS,
        label=label,
    )  # fmt: skip


def families(members: Iterable[tuple[str, bool]]) -> list[Entry]:
    """Entries for families of backends, and for what is on the CPU where some is not."""
    there = set(members)
    hollow = all(on_cpu for _, on_cpu in there)
    marks: list[Entry] = [mark(name, style(name), hollow) for name in in_order(name for name, _ in there)]
    if len({on_cpu for _, on_cpu in there}) == 2:
        circle = style("torch-eager")
        marks += [mark("accelerator", circle, colour=INK), mark("CPU", circle, hollow=True, colour=INK)]
    return marks


def interval() -> Entry:
    """The entry for the line through a mark."""
    return Line2D([], [], color=INK, linewidth=INTERVAL_POINTS, label="95 % interval")


def band(label: str, colour: str = BAND) -> Entry:
    """The entry for an interval that lies across."""
    return Line2D([], [], color=colour, linewidth=8.0, solid_capstyle="butt", label=label)


def words(text: str) -> Entry:
    """An entry without a mark."""
    return Line2D([], [], linestyle="", label=text)


def columns(entries: Sequence[Entry]) -> int:
    """The most columns into which the entries of a legend fit, filled one after another."""
    widths = [text_inches(str(entry.get_label())) + _ENTRY_INCHES for entry in entries]
    for count in range(len(widths), 1, -1):
        # As matplotlib does it: the first columns have one entry more where they do not come out even.
        length, longer = divmod(len(widths), count)
        starts = [i * length + min(i, longer) for i in range(count + 1)]
        if sum(max(widths[i:j]) for i, j in pairwise(starts)) <= WIDTH_INCHES:
            return count
    return 1


def rows(entries: Sequence[Entry]) -> int:
    """How many rows a legend has."""
    return math.ceil(len(entries) / columns(entries)) if entries else 0


def legend(figure: Figure, entries: Sequence[Entry], bottom: float | None = None) -> None:
    """A legend under the whole picture; `bottom` is its lower edge where no layout engine finds one."""
    if not entries:
        return
    where = {"loc": "outside lower left"} if bottom is None else {"loc": "lower left", "bbox_to_anchor": (0.0, bottom)}
    found = figure.legend(
        handles=list(entries), ncols=columns(entries), fontsize=SMALL, frameon=False, handletextpad=0.4, labelcolor=INK,
        borderaxespad=0.3, **where,
    )  # fmt: skip
    for text in found.get_texts():
        text.set_parse_math(False)


def settle(figure: Figure) -> RendererAgg:
    """Lay out once, for both kinds of file; what measures text for further labels."""
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return canvas.get_renderer()  # type: ignore[no-any-return, no-untyped-call]
