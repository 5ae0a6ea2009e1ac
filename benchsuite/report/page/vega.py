"""Vega-Lite specifications, as far as all charts share them.

Strings of a record are values in a data set or a parameter and never part of an expression, which is code: the
expressions below are all there are, and refer to rows by numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from benchsuite.analysis import Estimate
from benchsuite.report.charts.model import Axis
from benchsuite.report.escape import plain
from benchsuite.report.page import palette

Json: TypeAlias = dict[str, Any]

SMALL = 12
COLOUR = {"expr": "fills[datum.style]"}
FACE = {"expr": f"datum.hollow ? '{palette.PAPER}' : fills[datum.style]"}
SHAPE = {"expr": "shapes[datum.style]"}
SHOWN = {"filter": "shown[datum.series]"}
BOUNDED = {"filter": "isValid(datum.low) && isValid(datum.high)"}


def drawing(layers: Sequence[Json]) -> Json:
    """What all panels of one kind share: layers, whose positions are those of a panel, and parameters of the layout.

    `narrow` is 1 where labels stand above their line, `left` the pixels for labels, `room` those for a whole line.
    """
    parameters = {"fills": palette.FILLS, "shapes": palette.SHAPES, "narrow": 0, "left": 0, "room": 1000}
    return {"params": _named(parameters), "layer": list(layers), "config": _CONFIG}


def panel(axes: Mapping[str, Axis], styles: Json, series: int, datasets: Mapping[str, Sequence[Json]]) -> Json:
    """What one panel adds: data, axes, and their words. `shown` says of each of `series` whether it is."""
    parameters: dict[str, object] = {"shown": [True] * series}
    for channel, axis in axes.items():
        parameters[f"{channel}Title"] = plain(axis.heading)
        parameters[f"{channel}Ticks"] = [value for value, _ in axis.ticks]
        parameters[f"{channel}Texts"] = [plain(text) for _, text in axis.ticks]
    return {
        "params": _named(parameters),
        "datasets": {name: list(rows) for name, rows in datasets.items()},
        "positions": {channel: _position(channel, axis, styles.get(channel, {})) for channel, axis in axes.items()},
    }


def _named(parameters: Mapping[str, object]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in parameters.items()]


def layer(data: str, mark: Json, encoding: Json, *transforms: Json) -> Json:
    """One layer: a mark a row of a data set."""
    mark = {**mark, "aria": False}
    return {"data": {"name": data}, "transform": list(transforms), "mark": mark, "encoding": encoding}


def along(channel: str, field: str) -> Json:
    """A field along an axis of the panel."""
    return {"along": channel, "field": field}


def _position(channel: str, axis: Axis, styles: Json) -> Json:
    """An axis with exactly its ends and ticks."""
    kind = "log" if axis.logarithmic else "linear"
    zero = {} if axis.logarithmic else {"zero": False}
    scale = {"type": kind, "domain": [axis.low, axis.high], "nice": False, **zero}
    return {"type": "quantitative", "scale": scale, "axis": _axis(channel, axis, styles)}


def number(value: float | None) -> float | None:
    """A number that JSON knows, as exact as any screen."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.7g}")


def ends(found: Estimate) -> Json:
    """The ends of an interval, where there is one."""
    low, high = number(found.low), number(found.high)
    return {} if low is None or high is None else {"low": low, "high": high}


def tooltip(*fields: str) -> list[Json]:
    """What is shown of a row when it is pointed at."""
    return [{"field": field, "title": field, "type": "nominal"} for field in fields]


def text(**styles: object) -> Json:
    """A mark of text in the ink of the page, not in the way of a pointer."""
    return {"type": "text", "fontSize": SMALL, "fill": palette.INK, **styles}


def _axis(channel: str, axis: Axis, styles: Json) -> Json:
    # Labels are looked up by place, since a text within an expression would be read as code. A title is a parameter,
    # since as a constant Vega 6 takes it for a key, and fails on `constructor`.
    return {
        "title": {"expr": f"{channel}Title"},
        "values": [value for value, _ in axis.ticks],
        "labelExpr": f"{channel}Texts[indexof({channel}Ticks, datum.value)]",
        "labelOverlap": "greedy",
        "labelSeparation": 6,
        **styles,
    }


# Nothing is sized to fit: whoever draws measures the words first. The text alternative is a table, not the marks.
_CONFIG: Json = {
    "aria": False,
    "autosize": "none",
    "background": None,
    "view": {"stroke": None, "fill": None},
    "axis": {
        "labelColor": palette.INK, "titleColor": palette.INK, "gridColor": palette.FAINT, "domainColor": palette.FAINT,
        "tickColor": palette.FAINT, "labelFontSize": SMALL, "titleFontSize": SMALL, "titleFontWeight": "normal",
        "titlePadding": 8, "tickSize": 4,
    },
}  # fmt: skip
