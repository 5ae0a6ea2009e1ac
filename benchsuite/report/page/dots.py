"""Jobs under one another on one axis, as a Vega-Lite specification: on a narrow page names stand above their dots."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from benchsuite.report.charts.model import Dot, Dots
from benchsuite.report.escape import plain
from benchsuite.report.page import palette, vega
from benchsuite.report.page.alternative import certainty
from benchsuite.report.page.vega import Json

# Where a line's words and its mark are, in lines: beside each other, or one above the other.
_WORDS = {"calculate": "datum.line - 0.2 * narrow", "as": "words"}
_MARK = {"calculate": "datum.line + 0.24 * narrow", "as": "mark"}
_TOP = {"calculate": "datum.line - 0.5", "as": "top"}
_BOTTOM = {"calculate": "datum.line + 0.5", "as": "bottom"}
_STYLES: Json = {"x": {"grid": True, "titleLimit": {"expr": "room"}}}


def panel(found: Dots, series: Sequence[int], count: int) -> Json:
    """Dots of the given series, of `count`, each on its line; cases are headings above their jobs."""
    headings: list[Json] = []
    rows: list[Json] = []
    case = None
    for dot, number in zip(found.dots, series, strict=True):
        if dot.case != case:
            headings.append({"line": len(headings) + len(rows), "case": plain(dot.case)})
            case = dot.case
        rows.append(_row(dot, len(headings) + len(rows), number))
    lines = len(headings) + len(rows)
    marks = [] if found.reference is None else [{"at": found.reference}]
    datasets = {"headings": headings, "rows": rows, "reference": marks}
    item = vega.panel({"x": found.axis}, _STYLES, count, datasets)
    scale = {"domain": [lines - 0.5, -0.5], "nice": False, "zero": False}
    item["positions"]["y"] = {"type": "quantitative", "scale": scale, "axis": None}
    return {"lines": lines, **item}


def _row(dot: Dot, line: int, series: int) -> Json:
    return {
        "line": line,
        "series": series,
        "style": palette.index(dot.family),
        "hollow": dot.on_cpu,
        "best": dot.best,
        "case": plain(dot.case),
        "label": plain(dot.label),
        "value": vega.number(dot.estimate.value),
        "text": plain(dot.text),
        "interval": certainty(dot.estimate),
        **vega.ends(dot.estimate),
    }


def layers() -> list[Json]:
    """Headings, a reference line, and for each job its interval, dot, name, value and what is told of it."""
    x, y = functools.partial(vega.along, "x"), functools.partial(vega.along, "y")
    start, end = {"value": 0}, {"value": "width"}
    band = {"x": start, "x2": end, "y": y("top"), "y2": {"field": "bottom"}}
    bold = {"expr": "datum.best ? 'bold' : 'normal'"}
    name = vega.text(
        align={"expr": "narrow ? 'left' : 'right'"}, dx={"expr": "narrow ? 0 : -10"}, fontWeight=bold,
        limit={"expr": "narrow ? room * 0.55 : left"},
    )  # fmt: skip
    value = vega.text(
        align={"expr": "narrow ? 'right' : 'left'"}, dx={"expr": "narrow ? 0 : 10"}, fontWeight=bold,
        limit={"expr": "narrow ? room * 0.45 : room"},
    )  # fmt: skip
    heading = vega.text(align="left", fontWeight="bold", dx={"expr": "-left"}, limit={"expr": "room"}, lineBreak="\n")
    heading |= {"dy": {"expr": "datum.folded ? -8 : 0"}}
    dash = {"type": "rule", "stroke": palette.INK, "strokeDash": [4, 3]}
    whole = {"type": "rule", "stroke": vega.COLOUR, "strokeWidth": 2}
    dot = {"type": "point", "filled": True, "fill": vega.FACE, "stroke": vega.COLOUR, "strokeWidth": 1.6}
    dot |= {"shape": vega.SHAPE, "size": 46, "opacity": 1}
    told = {"tooltip": vega.tooltip("case", "label", "text", "interval")}
    return [
        vega.layer("headings", {"type": "rect", "fill": palette.PAPER}, band, _TOP, _BOTTOM),
        vega.layer("reference", dash, {"x": x("at")}),
        vega.layer("headings", heading, {"x": start, "y": y("line"), "text": {"field": "case"}}),
        vega.layer(
            "rows", whole, {"x": x("low"), "x2": {"field": "high"}, "y": y("mark")}, vega.SHOWN, vega.BOUNDED, _MARK
        ),
        vega.layer("rows", dot, {"x": x("value"), "y": y("mark")}, vega.SHOWN, _MARK),
        vega.layer("rows", name, {"x": start, "y": y("words"), "text": {"field": "label"}}, vega.SHOWN, _WORDS),
        vega.layer("rows", value, {"x": end, "y": y("words"), "text": {"field": "text"}}, vega.SHOWN, _WORDS),
        vega.layer("rows", {"type": "rect", "fill": "transparent"}, band | told, vega.SHOWN, _TOP, _BOTTOM),
    ]
