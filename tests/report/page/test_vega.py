"""Specifications of charts: every value and interval is there, ticks are the chart's, and strings are only data."""

from collections.abc import Iterator
from typing import Any

import pytest

from benchsuite.report.charts.model import Chart, Dots, Plane
from benchsuite.report.page import dots, plane, vega
from benchsuite.report.page.alternative import interval, tables
from benchsuite.report.page.series import of_panel, series
from tests.report.page import examples
from tests.report.page.examples import HOSTILE, value


def drawn(chart: Chart, at: int = 0) -> dict[str, Any]:
    found, panel = series(chart), chart.panels[at]
    places = [found.index(each) for each in of_panel(panel, chart)]
    if isinstance(panel, Dots):
        return dots.panel(panel, places, len(found))
    assert isinstance(panel, Plane)
    return plane.panel(panel, places, len(found))


def data(item: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return item["datasets"][name]


def parameters(item: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each["value"] for each in item["params"]}


def under(item: object, keys: tuple[str, ...]) -> Iterator[object]:
    """Every value under one of `keys`, at any depth."""
    children = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
    for key, child in children:
        if key in keys:
            yield child
        yield from under(child, keys)


def test_every_job_has_its_line_below_its_case() -> None:
    item = drawn(examples.dots())
    assert item["lines"] == 6
    assert [(row["line"], row["case"]) for row in data(item, "headings")] == [
        (0, "matmul/size=64"),
        (3, "softmax/rows=8"),
    ]
    assert [row["line"] for row in data(item, "rows")] == [1, 2, 4, 5]
    assert [row["value"] for row in data(item, "rows")] == [0.02, 0.03, 0.001, 0.5]


def test_intervals_are_drawn_where_there_are_any() -> None:
    rows = data(drawn(examples.dots()), "rows")
    assert rows[0]["low"] == pytest.approx(0.02 / 1.02)
    assert rows[0]["interval"] == "−2.0 % to +2.0 %, 5 rounds"
    assert "low" not in rows[3]
    assert rows[3]["interval"] == ""
    assert {"field": "high"} in list(under(dots.layers(), ("x2",)))
    assert {"field": "high"} in list(under(plane.layers(), ("y2",)))


@pytest.mark.parametrize(
    ("chart", "channel"), [(examples.dots(), "x"), (examples.planes(), "x"), (examples.planes(), "y")]
)
def test_axes_have_exactly_the_ends_and_ticks_of_the_chart(chart: Chart, channel: str) -> None:
    panel = chart.panels[0]
    axis = panel.axis if isinstance(panel, Dots) else getattr(panel, channel)
    item = drawn(chart)
    position = item["positions"][channel]
    assert position["scale"]["domain"] == [axis.low, axis.high]
    assert position["scale"]["type"] == ("log" if axis.logarithmic else "linear")
    assert position["axis"]["values"] == [tick for tick, _ in axis.ticks]
    assert position["axis"]["title"] == {"expr": f"{channel}Title"}
    texts = parameters(item)
    assert texts[f"{channel}Title"] == axis.heading
    assert (texts[f"{channel}Ticks"], texts[f"{channel}Texts"]) == (
        [v for v, _ in axis.ticks],
        [t for _, t in axis.ticks],
    )


def test_families_have_their_style_and_strangers_share_one() -> None:
    styles = [row["style"] for row in data(drawn(examples.dots()), "rows")]
    assert len(set(styles)) == 4
    assert max(styles) == len(parameters(vega.drawing([]))["fills"]) - 1


def test_curves_keep_what_their_places_have_in_common_once() -> None:
    item = drawn(examples.planes())
    assert [(c["job"], c["joined"], c["hollow"]) for c in data(item, "curves")] == [
        ("torch-eager-cpu", True, True),
        ("onnxruntime-cpu", False, False),
    ]
    assert [(p["curve"], p["x"], p["y"]) for p in data(item, "places")] == [
        (0, 1.0, 0.2),
        (0, 10.0, 0.4),
        (1, 30.0, 0.8),
    ]
    assert [(p.get("from"), p.get("to")) for p in data(item, "places")] == [(None, None), (9.0, 11.0), (None, None)]


def test_rules_are_labelled_where_they_leave_the_axes() -> None:
    labels = {label["kind"]: label for label in data(drawn(examples.planes()), "labels")}
    assert set(labels) == {"rule", "upright", "end", "mark"}
    assert labels["rule"]["y"] == pytest.approx(0.6)
    assert 80 < labels["rule"]["x"] <= 100
    assert (labels["upright"]["x"], labels["upright"]["y"]) == (20.0, 1.0)


def test_a_rule_outside_the_axes_has_no_label() -> None:
    from benchsuite.report.charts.model import Rule

    chart = examples.planes()
    panel = chart.panels[0]
    assert isinstance(panel, Plane)
    outside = Plane("", panel.x, panel.y, panel.curves, (Rule("far", ((200.0, 0.1), (300.0, 0.2))),))
    labels = data(drawn(Chart("a", "b", "c", (outside,))), "labels")
    assert {label["kind"] for label in labels} == {"end", "mark"}


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("make", [examples.dots, examples.planes])
def test_no_string_of_a_record_is_part_of_an_expression(make: Any, words: str) -> None:
    usual, tried = drawn(make()), drawn(make(words=words))
    # Beside the data and the parameters nothing depends on any string at all.
    assert {**tried, "params": 0, "datasets": 0} == {**usual, "params": 0, "datasets": 0}


def test_curves_are_switched_by_name_unless_names_are_alike() -> None:
    chart = examples.planes()
    assert [each.label for each in series(chart)] == ["torch-eager-cpu", "onnxruntime-cpu"]
    panel = chart.panels[0]
    assert isinstance(panel, Plane)
    from dataclasses import replace

    alike = tuple(replace(curve, label="round 1") for curve in panel.curves)
    found = series(replace(chart, panels=(replace(panel, curves=alike),)))
    assert [each.label for each in found] == ["torch-eager, CPU", "onnxruntime, accelerator"]


def test_the_text_alternative_has_every_value() -> None:
    (of_dots,) = tables(examples.dots())
    assert [c.head for c in of_dots.columns] == ["case", "backend", "value", "95 % interval", "rounds"]
    assert len(of_dots.columns[0].cells) == 4
    first, second = tables(examples.planes())
    assert (first.common, second.common) == ("first", "second")
    assert first.columns[1].cells == ("1", "10", "30.00")
    assert first.columns[3].cells == ("−2.0 % to +2.0 %", "−2.0 % to +2.0 %", "–")
    assert first.columns[-1].cells == ("", "peak", "")


def test_intervals_in_words() -> None:
    assert interval(value(2.0, 0.1)) == "−9.1 % to +10 %"
    assert interval(value(2.0, None)) == "–"
