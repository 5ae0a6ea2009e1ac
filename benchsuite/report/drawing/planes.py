"""Curves over two axes, one plane beside another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from benchsuite.report.charts.model import Axis, Curve, Place, Plane, Rule
from benchsuite.report.drawing import dress, labels
from benchsuite.report.style import BAND, INK, MOST_MARKED, SMALL, style

_ALONE_INCHES, _ROW_INCHES, _FRAME_INCHES = 4.6, 2.9, 0.8
_SIDE_INCHES = 0.7
_HIGHEST = 0.98
_END_INCHES = 0.13
_GAP_POINTS, _INK_PIXELS = 4.5, 12.0
_ALONG = (0.5, 0.35, 0.65, 0.2, 0.8, 0.05)


def draw(title: str, planes: Sequence[Plane]) -> Figure:
    """Planes in two columns, or one alone."""
    columns = min(2, len(planes))
    rows = math.ceil(len(planes) / columns)
    each = _ALONE_INCHES if len(planes) == 1 else _ROW_INCHES
    figure = Figure(
        figsize=(dress.WIDTH_INCHES, each * rows + _FRAME_INCHES), dpi=dress.DOTS_PER_INCH, layout="constrained"
    )
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in grid[len(planes) :]:
        ax.set_axis_off()
    for ax, plane in zip(grid, planes, strict=False):
        _plane(ax, plane, dress.WIDTH_INCHES / columns - _SIDE_INCHES, each - _SIDE_INCHES)
    dress.title(figure, title)
    _legend(figure, planes)
    renderer = dress.settle(figure)
    for ax, plane in zip(grid, planes, strict=False):
        _label(ax, renderer, plane)
    return figure


def _plane(ax: Axes, plane: Plane, inches: float, height: float) -> None:
    dress.dress(ax, "both")
    dress.scale(ax, plane.x, across=True)
    dress.scale(ax, plane.y, across=False)
    for band in plane.bands:
        ax.axvspan(band.low, band.high, color=BAND, linewidth=0, zorder=0.5, gid="band")
    for rule in plane.rules:
        xs, ys = zip(*rule.points, strict=True)
        ax.plot(
            xs, ys, color=INK, linewidth=1.0, linestyle=dress.DASHES if rule.dashed else "-", zorder=1.8, gid="rule"
        )  # fmt: skip
    marked = all(len(curve.places) <= MOST_MARKED for curve in plane.curves if curve.joined)
    for curve in plane.curves:
        _curve(ax, curve, marked)
    _margin(ax, plane, height)
    if plane.title:
        # Where fonts are hinted a bold line comes out wider than its outlines add up to.
        text = dress.wrapped(plane.title, 0.94 * inches)
        ax.set_title(text, loc="left", fontsize=SMALL, fontweight="bold", color=INK, parse_math=False)


def _curve(ax: Axes, curve: Curve, marked: bool) -> None:
    colour = style(curve.family).colour
    xs, ys = [p.x for p in curve.places], [p.y.value for p in curve.places]
    upright = [((p.x, p.x), both) for p in curve.places if (both := dress.ends(p.y)) is not None]
    across = [(p.across, (p.y.value, p.y.value)) for p in curve.places if p.across is not None]
    for kind, lines in (("interval", upright), ("across", across)):
        if lines:
            at, heights = zip(*lines, strict=True)
            ax.plot(
                dress.broken(at), dress.broken(heights), color=colour, linewidth=1.2, solid_capstyle="butt", zorder=2,
                gid=kind,
            )  # fmt: skip
    ax.plot(
        xs, ys, marker=style(curve.family).marker if marked else None, color=colour, label=curve.label, gid="curve",
        linestyle="-" if curve.joined else "", linewidth=1.2 if marked else 0.8, zorder=3,
        markerfacecolor="white" if curve.on_cpu else colour, markersize=dress.MARKER_POINTS - 1,
    )  # fmt: skip


@dataclass(frozen=True)
class _End:
    """What to write in the margin, from where a line leads to it, as parts of the axes, and the line's colour."""

    text: str
    x: float
    y: float
    colour: str


def _margin(ax: Axes, plane: Plane, height: float) -> None:
    """What stands where curves and flat lines end: apart from each other, each joined to its end."""
    ended = [(c.end, c.places[-1].x, c.places[-1].y.value, style(c.family).colour) for c in plane.curves if c.end]
    ended += [(rule.text, *rule.points[-1], INK) for rule in plane.rules if _is_flat(rule)]
    ends = [_End(text, _part(plane.x, x), _part(plane.y, y), colour) for text, x, y, colour in ended if text]
    ends.sort(key=lambda end: end.y)
    for end, level in zip(ends, apart([end.y for end in ends], _END_INCHES / height), strict=True):
        ax.plot(
            [end.x, 1.0, 1.02], [end.y, level, level], transform=ax.transAxes, color=end.colour, linewidth=0.6,
            alpha=0.6, clip_on=False, zorder=1.9, gid="leader",
        )  # fmt: skip
        ax.text(
            1.03, level, end.text, transform=ax.transAxes, va="center", fontsize=labels.SIZE, color=INK,
            parse_math=False, gid="end",
        )  # fmt: skip


def _is_flat(rule: Rule) -> bool:
    return rule.points[0][1] == rule.points[-1][1]


def apart(wanted: Sequence[float], step: float) -> list[float]:
    """Heights near `wanted`, which ascend, but at least `step` apart, and none above the highest."""
    heights = list(wanted)
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + step)
    ceiling = _HIGHEST
    for i in range(len(heights) - 1, -1, -1):
        heights[i] = min(heights[i], ceiling)
        ceiling = heights[i] - step
    return heights


def _part(axis: Axis, value: float) -> float:
    """Where a value lies between the ends of its axis, from 0 to 1."""
    if axis.logarithmic:
        return math.log(value / axis.low) / math.log(axis.high / axis.low)
    return (value - axis.low) / (axis.high - axis.low)


def _label(ax: Axes, renderer: RendererAgg, plane: Plane) -> None:
    """Lines first, then points: a line's label has few places to go to."""
    gap = _GAP_POINTS * ax.figure.dpi / 72
    found = [_of_rule(ax, rule, gap) for rule in plane.rules if rule.text and not _is_flat(rule)]
    marked = [place for curve in plane.curves for place in curve.places if place.mark]
    found += [_of_place(ax, place, gap) for place in marked]
    if found:
        labels.place(ax, renderer, found, _ink(ax, plane))


def _of_place(ax: Axes, place: Place, gap: float) -> labels.Label:
    x, y = _pixels(ax, (place.x, place.y.value))
    return labels.Label(place.mark, (x, y), labels.beside(x, y, gap))


def _ink(ax: Axes, plane: Plane) -> list[tuple[float, float]]:
    """Points of marks, of the ends of intervals, and along rules, in pixels."""
    points = []
    for place in (place for curve in plane.curves for place in curve.places):
        points += [(place.x, y) for y in (place.y.value, place.y.low, place.y.high) if y is not None]
        points += [(x, place.y.value) for x in place.across or ()]
    found = [_pixels(ax, point) for point in points]
    for rule in plane.rules:
        (x0, y0), (x1, y1) = (_pixels(ax, point) for point in (rule.points[0], rule.points[-1]))
        steps = max(1, int(math.hypot(x1 - x0, y1 - y0) / _INK_PIXELS))
        found += [(x0 + i / steps * (x1 - x0), y0 + i / steps * (y1 - y0)) for i in range(steps + 1)]
    return found


def _pixels(ax: Axes, point: tuple[float, float]) -> tuple[float, float]:
    x, y = ax.transData.transform(point)
    return float(x), float(y)


def _of_rule(ax: Axes, rule: Rule, gap: float) -> labels.Label:
    """At the top of an upright line, or along a slope."""
    (x0, y0), (x1, y1) = (_pixels(ax, point) for point in (rule.points[0], rule.points[-1]))
    if x0 == x1:
        return labels.Label(
            rule.text, None, ((x1 + gap, y1, 0.0, 1.0), (x1 - gap, y1, 1.0, 1.0), (x1 + gap, y0, 0.0, 0.0))
        )
    if y0 == y1:
        ends = ((x1, 1.0), ((x0 + x1) / 2, 0.5), (x0, 0.0))
        places = [(x, y1 + side * gap / 2, edge, (1 - side) / 2) for side in (1, -1) for x, edge in ends]
    else:
        along = [(x0 + part * (x1 - x0), y0 + part * (y1 - y0)) for part in _ALONG]
        places = [
            (x - side * gap, y + side * gap, (1 + side) / 2, (1 - side) / 2) for side in (1, -1) for x, y in along
        ]
    return labels.Label(rule.text, None, tuple(places))


def _legend(figure: Figure, planes: Sequence[Plane]) -> None:
    curves = [curve for plane in planes for curve in plane.curves]
    entries = dress.families((curve.family, curve.on_cpu) for curve in curves)
    if any(place.y.low is not None for curve in curves for place in curve.places):
        entries.append(dress.interval())
    entries += [dress.band(text) for text in dict.fromkeys(band.text for plane in planes for band in plane.bands)]
    dress.legend(figure, entries)
