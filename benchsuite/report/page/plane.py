"""Curves over two axes, as a Vega-Lite specification."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from benchsuite.report.charts.model import Axis, Curve, Place, Plane, Rule
from benchsuite.report.escape import plain
from benchsuite.report.page import palette, vega
from benchsuite.report.page.alternative import certainty, place
from benchsuite.report.page.vega import Json
from benchsuite.report.style import MOST_MARKED


def panel(found: Plane, series: Sequence[int], count: int) -> Json:
    """Curves of the given series, of `count`; labels find a free place when they are drawn."""
    curves = [(i, number, curve) for number, (i, curve) in enumerate(zip(series, found.curves, strict=True))]
    crowded = any(curve.joined and len(curve.places) > MOST_MARKED for curve in found.curves)
    datasets = {
        "curves": [_curve(i, number, curve, crowded) for i, number, curve in curves],
        "places": [_place(found, number, each) for _, number, curve in curves for each in curve.places],
        "rules": [_vertex(i, rule, k) for i, rule in enumerate(found.rules) for k in range(len(rule.points))],
        "labels": [*_words(found), *(label for i, _, curve in curves for label in _beside(i, curve))],
        "bands": [{"low": band.low, "high": band.high} for band in found.bands],
    }
    return vega.panel({"x": found.x, "y": found.y}, _STYLES, count, datasets)


def _curve(series: int, number: int, curve: Curve, crowded: bool) -> Json:
    """What all places of a curve have in common, kept once."""
    return {
        "curve": number,
        "series": series,
        "style": palette.index(curve.family),
        "hollow": curve.on_cpu,
        "joined": curve.joined,
        "marked": not (curve.joined and crowded),
        "job": plain(curve.label),
    }


def _place(found: Plane, number: int, each: Place) -> Json:
    across = {"from": vega.number(each.across[0]), "to": vega.number(each.across[1])} if each.across else {}
    said = {"at": place(found.x, each.x), "text": plain(each.text), "interval": certainty(each.y)}
    return {
        "curve": number,
        "x": vega.number(each.x),
        "y": vega.number(each.y.value),
        **said,
        **across,
        **vega.ends(each.y),
    }


def _beside(series: int, curve: Curve) -> Iterator[Json]:
    """What stands where a curve ends, and beside the points that a reader looks for."""
    if curve.end and curve.joined and curve.places:
        yield _label("end", curve.places[-1].x, curve.places[-1].y.value, curve.end, series)
    yield from (_label("mark", each.x, each.y.value, each.mark, series) for each in curve.places if each.mark)


def _label(kind: str, x: float, y: float, text: str, series: int = -1) -> Json:
    return {"kind": kind, "x": x, "y": y, "text": plain(text), "series": series, "align": "left", "dx": 8, "dy": 0}


def _vertex(number: int, rule: Rule, at: int) -> Json:
    x, y = rule.points[at]
    return {"x": x, "y": y, "rule": number, "at": at, "dashed": rule.dashed}


def _words(found: Plane) -> Iterator[Json]:
    """The words of rules at the last point of each that is within the axes; those of bands at the top."""
    for rule in found.rules:
        last = _last_within(rule, found.x, found.y)
        if rule.text and last is not None:
            upright = len({x for x, _ in rule.points}) == 1
            at = (rule.points[0][0], found.y.high) if upright else last
            yield _label("upright" if upright else "rule", *at, rule.text)
    for band in found.bands:
        if band.text:
            yield _label("upright", max(band.low, found.x.low), found.y.high, band.text)


def _last_within(rule: Rule, x: Axis, y: Axis) -> tuple[float, float] | None:
    """Where a rule leaves the axes' rectangle, or ends within it; straight between points as it is drawn."""
    points = [(_along(x, px), _along(y, py)) for px, py in rule.points]
    for (ax, ay), (bx, by) in reversed(list(itertools.pairwise(points))):
        # From the end back to the start, in 50 steps: words need no more.
        for step in range(50, -1, -1):
            px, py = ax + (bx - ax) * step / 50, ay + (by - ay) * step / 50
            if -1e-9 <= px <= 1 + 1e-9 and -1e-9 <= py <= 1 + 1e-9:
                return _at(x, px), _at(y, py)
    return None


def _along(axis: Axis, value: float) -> float:
    if not axis.logarithmic:
        return (value - axis.low) / (axis.high - axis.low)
    return math.log(value / axis.low) / math.log(axis.high / axis.low) if value > 0 else -math.inf


def _at(axis: Axis, part: float) -> float:
    if not axis.logarithmic:
        return axis.low + part * (axis.high - axis.low)
    return axis.low * math.exp(part * math.log(axis.high / axis.low))


_CURVE = {
    "lookup": "curve",
    "from": {
        "data": {"name": "curves"},
        "key": "curve",
        "fields": ["series", "style", "hollow", "joined", "marked", "job"],
    },
}


# The heading of the upright axis lies above it, where it can be read.
_STYLES: Json = {
    "x": {"grid": True, "titleLimit": {"expr": "room"}},
    "y": {
        "grid": True, "titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleX": {"expr": "-left"},
        "titleY": -12, "titleBaseline": "bottom", "titleLimit": {"expr": "room"},
    },
}  # fmt: skip


def layers() -> list[Json]:
    """Bands and rules, then of each curve its intervals, line and points, then labels and what is told of a point."""

    def xy(a: str, b: str) -> Json:
        return {"x": vega.along("x", a), "y": vega.along("y", b)}

    line = {"type": "line", "clip": True, "stroke": vega.COLOUR, "strokeWidth": 1.6}
    drawn = {"type": "line", "clip": True, "stroke": palette.INK, "strokeWidth": 1}
    drawn |= {"strokeDash": {"expr": "datum.dashed ? [4, 3] : [1, 0]"}}
    bar = {"type": "rule", "clip": True, "stroke": vega.COLOUR, "strokeWidth": 2}
    dot = {"type": "point", "filled": True, "fill": vega.FACE, "stroke": vega.COLOUR, "strokeWidth": 1.6}
    dot |= {"shape": vega.SHAPE, "size": 40, "opacity": 1}
    hit = {"type": "point", "filled": True, "shape": "circle", "size": 260, "fill": "transparent", "opacity": 1}
    words = vega.text(fontSize=11, align={"expr": "datum.align"}, dx={"expr": "datum.dx"}, dy={"expr": "datum.dy"})
    there = {"filter": "datum.series < 0 || shown[datum.series]"}
    joined, marked = {"filter": "datum.joined"}, {"filter": "datum.marked"}
    wide = {"filter": "isValid(datum.from) && isValid(datum.to)"}
    told = {"tooltip": vega.tooltip("job", "at", "text", "interval")}
    ordered = {"order": {"field": "at", "type": "quantitative"}, "detail": {"field": "rule"}}
    by_x = {"order": {"field": "x", "type": "quantitative"}, "detail": {"field": "curve"}}
    return [
        vega.layer(
            "bands", {"type": "rect", "clip": True, "fill": palette.BAND, "opacity": 1}, _band(xy("low", "low"))
        ),
        vega.layer("rules", drawn, xy("x", "y") | ordered),
        _places(bar, xy("x", "low") | {"y2": {"field": "high"}}, vega.BOUNDED),
        _places(bar, xy("from", "y") | {"x2": {"field": "to"}}, wide),
        _places(line, xy("x", "y") | by_x, joined),
        _places(dot, xy("x", "y"), marked),
        vega.layer("labels", words, xy("x", "y") | {"text": {"field": "text"}}, there),
        _places(hit, xy("x", "y") | told),
    ]


def _places(mark: Json, encoding: Json, *transforms: Json) -> Json:
    return vega.layer("places", mark, encoding, _CURVE, vega.SHOWN, *transforms)


def _band(found: Json) -> Json:
    return {"x": found["x"], "x2": {"field": "high"}, "y": {"value": 0}, "y2": {"value": "height"}}
