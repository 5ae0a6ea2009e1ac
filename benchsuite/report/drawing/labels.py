"""Labels beside points and lines, placed so that none lies over another and they cover as little as may be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Bbox

from benchsuite.report.style import INK, SMALL

SIZE = SMALL - 1
_RINGS = (1.0, 2.5, 4.0)
_NEAR = 2.0
_DIRECTIONS = (
    (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1),
)  # fmt: skip
_MARK_PIXELS = 4.0


@dataclass(frozen=True)
class Label:
    """A text, and the places in pixels that it may take, the best first, as (x, y, left edge, lower edge).

    `of` is the point that it belongs to, to which a line leads from farther off. The edges are the part of its width
    and height by which the text lies left of and below the place: 0, 0 is to the right of it and above.
    """

    text: str
    of: tuple[float, float] | None
    places: tuple[tuple[float, float, float, float], ...]


def beside(x: float, y: float, gap: float) -> tuple[tuple[float, float, float, float], ...]:
    """Right of a point, left of it, above, below, the corners; then the same from farther off."""
    return tuple(
        (x + dx * ring * gap, y + dy * ring * gap, (1 - dx) / 2, (1 - dy) / 2)
        for ring in _RINGS
        for dx, dy in _DIRECTIONS
    )


def place(ax: Axes, renderer: RendererAgg, labels: Sequence[Label], ink: Sequence[tuple[float, float]]) -> None:
    """Write each label where it covers no other and the least of `ink` (pixels); leave out what finds no room."""
    room = ax.get_window_extent(renderer)
    taken: list[Bbox] = []
    for label in labels:
        width, height = _extent(renderer, label.text)
        box = _best(label, width, height, room, taken, ink)
        if box is not None:
            taken.append(box)
            _write(ax, label, box)


def _extent(renderer: Any, text: str) -> tuple[float, float]:
    # matplotlib leaves its renderers untyped.
    width, height, _ = renderer.get_text_width_height_descent(text, FontProperties(size=SIZE), ismath=False)
    return float(width), float(height)


def _best(
    label: Label, width: float, height: float, room: Bbox, taken: Sequence[Bbox], ink: Sequence[tuple[float, float]]
) -> Bbox | None:
    fitting: list[tuple[int, int, Bbox]] = []
    for rank, (x, y, left, lower) in enumerate(label.places):
        box = Bbox.from_bounds(x - left * width, y - lower * height, width, height)
        if _inside(box, room) and not any(box.overlaps(other) for other in taken):
            covered = _covered(box, ink)
            fitting.append((covered, rank, box))
            if not covered:
                break
    return min(fitting, key=lambda found: found[:2])[2] if fitting else None


def _inside(box: Bbox, room: Bbox) -> bool:
    # What was placed at an edge may be off by what adding up floats leaves.
    left, right, low, high = room.x0 - 0.5, room.x1 + 0.5, room.y0 - 0.5, room.y1 + 0.5
    return bool(left <= box.x0 and box.x1 <= right and low <= box.y0 and box.y1 <= high)


def _covered(box: Bbox, ink: Sequence[tuple[float, float]]) -> int:
    left, right, low, high = box.x0 - _MARK_PIXELS, box.x1 + _MARK_PIXELS, box.y0 - _MARK_PIXELS, box.y1 + _MARK_PIXELS
    return sum(left < x < right and low < y < high for x, y in ink)


def _write(ax: Axes, label: Label, box: Bbox) -> None:
    parts = ax.transAxes.inverted()
    (x, y), (_, top) = parts.transform([(box.x0, box.y0), (box.x1, box.y1)])
    found = ax.text(
        x, (y + top) / 2, label.text, transform=ax.transAxes, fontsize=SIZE, color=INK, parse_math=False, va="center",
        ha="left", zorder=4, gid="mark",
    )  # fmt: skip
    found.set_in_layout(False)
    if label.of is not None and (nearest := _nearest(box, label.of)) is not None:
        (x0, y0), (x1, y1) = parts.transform([label.of, nearest])
        ax.plot(
            [x0, x1], [y0, y1], transform=ax.transAxes, color=INK, linewidth=0.5, alpha=0.6, zorder=1.9, gid="leader"
        )


def _nearest(box: Bbox, point: tuple[float, float]) -> tuple[float, float] | None:
    """The point of a label's box that is nearest to what it belongs to; None where that is beside it."""
    x, y = min(max(point[0], box.x0), box.x1), min(max(point[1], box.y0), box.y1)
    return (x, y) if math.hypot(x - point[0], y - point[1]) > _NEAR * box.height else None
