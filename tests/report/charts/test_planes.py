"""Charts over two axes: scaling, break-even, rooflines, precision, memory."""

import functools

import pytest

from benchsuite.report.charts.kinds import charts
from benchsuite.report.charts.model import Chart, Curve, Plane
from benchsuite.report.sheet import sheets
from benchsuite.store import Stored
from tests.fakes import job, rounds, stored
from tests.report.charts.runs import BATCHES, ERRORS, GAINS, LENGTHS, SPEEDS, alike, swept
from tests.report.samples import mixed


def found(*runs: Stored) -> dict[str, Chart]:
    return {c.name: c for c in charts(sheets(runs))}


@functools.cache
def of_sweep() -> dict[str, Chart]:
    return found(swept())


def curve(plane: Plane, label: str) -> Curve:
    return next(c for c in plane.curves if c.label == label)


def test_scaling_has_a_curve_a_backend_with_the_exponent_at_its_end() -> None:
    (plane,) = of_sweep()["scaling-seq"].panels
    assert {c.label for c in plane.curves} == set(SPEEDS)
    square = curve(plane, "torch-eager-cpu")
    assert [p.x for p in square.places] == list(LENGTHS)
    assert square.end == "n^2.000 ±0.002"
    assert square.joined
    assert all(p.y.low < p.y.value < p.y.high for p in square.places)
    assert [text for _, text in plane.x.ticks] == [str(n) for n in LENGTHS]


def test_what_was_not_swept_has_no_scaling() -> None:
    assert not [name for name in found(mixed()) if name.startswith(("scaling", "memory-", "break-even", "order"))]


def test_many_curves_become_a_plane_a_backend_with_runs_side_by_side() -> None:
    charts_of_ten = found(*alike(3))
    planes = charts_of_ten["scaling-seq"].panels + charts_of_ten["scaling-seq-2"].panels
    assert len(planes) == len(SPEEDS)
    assert [c.end.split()[0] for c in planes[0].curves] == ["A", "B", "C"]


def test_break_even_marks_the_crossing_and_its_interval() -> None:
    chart = of_sweep()["break-even"]
    crossed, always = chart.panels
    # The CPU's fastest takes 1.2e-9 n^2, the accelerator's 0.5 ms and 2.8e-11 n^2.
    (rule,), (band,) = crossed.rules, crossed.bands
    assert rule.points[0][0] == rule.points[1][0] == pytest.approx((5e-4 / (1.2e-9 - 2.8e-11)) ** 0.5, rel=0.02)
    assert band.low < rule.points[0][0] < band.high
    assert [c.label for c in crossed.curves] == ["fastest on the CPU", "fastest on cuda"]
    assert [c.family for c in crossed.curves] == ["onnxruntime", "torch-graph"]
    assert not always.rules
    assert "It changes in 1 of 2: attention-self from seq 655" in chart.caption


def test_precision_shows_error_against_speed_with_a_name_each() -> None:
    planes = {plane.title: plane for plane in of_sweep()["precision"].panels}
    places = [p for c in planes["gpt2-forward"].curves for p in c.places]
    marked = {p.mark: p for p in places if p.mark}
    assert set(marked) == set(ERRORS) - {"fp32"}
    assert len(places) == 11
    for precision, place in marked.items():
        assert place.y.value == pytest.approx(GAINS[precision], rel=1e-3)
        assert place.x == pytest.approx(ERRORS[precision] * 2.2)
    (equal,) = planes["gpt2-forward"].rules
    assert [y for _, y in equal.points] == [1.0, 1.0]


def test_a_roofline_draws_each_roof_and_names_the_extremes() -> None:
    charts_found = of_sweep()
    (plane,) = charts_found["roofline-cuda"].panels
    slope, *roofs = plane.rules
    assert slope.text.startswith("memory 2.67 TB/s")
    assert [rule.text.split()[0] for rule in roofs] == ["fp32", "tf32", "fp16", "bf16", "int8"]
    # A roof begins where the slope reaches it.
    bandwidth = slope.points[0][1] / slope.points[0][0]
    assert all(rule.points[0][1] == pytest.approx(bandwidth * rule.points[0][0]) for rule in roofs[1:])
    marks = {p.mark for c in plane.curves for p in c.places} - {""}
    assert {"attention-self", "bert-classify"} <= marks
    assert not marks & {"matmul", "memory-copy"}
    assert all(not c.joined for c in plane.curves)
    assert {"roofline-cpu", "roofline-cuda"} <= set(charts_found)


def test_rooflines_of_several_runs_share_their_axes() -> None:
    first, second = found(*alike(2))["roofline-cuda"].panels
    assert (first.title, second.title) == ("Run A", "Run B")
    assert (first.x, first.y) == (second.x, second.y)


def test_memory_over_a_sweep_of_the_host_and_of_the_device() -> None:
    charts_found = of_sweep()
    (plane,) = charts_found["memory-device-batch"].panels
    assert {c.on_cpu for c in plane.curves} == {False}
    assert [p.x for p in plane.curves[0].places] == list(BATCHES)
    assert plane.curves[0].places[-1].y.value == pytest.approx(2e8 + 4e6 * 64, rel=0.01)
    assert plane.y.low == 0
    assert "from 984 MiB at 128 to 4.67 GiB at 4096" in charts_found["memory-host-seq"].caption


def test_backends_whose_order_changes_have_a_chart_and_others_have_none() -> None:
    assert "order" not in of_sweep()
    records = []
    for batch in BATCHES:
        for backend, time in {"torch-eager-cpu": 1e-3 * batch, "torch-compile-cpu": 5e-3 + 5e-4 * batch}.items():
            records += rounds(job("bert-classify", backend, batch=batch), None, {"time/latency": time})
    chart = found(stored(records))["order"]
    (plane,) = chart.panels
    (rule,) = plane.rules
    assert rule.points[0][0] == pytest.approx(10, rel=0.05)
    assert [c.label for c in plane.curves] == ["torch-eager-cpu", "torch-compile-cpu"]
    assert chart.kind == "break-even"
