"""Backends side by side, by family of workloads."""

from collections.abc import Sequence

import pytest

from benchsuite.records import Work
from benchsuite.report.charts.kinds import charts
from benchsuite.report.charts.model import Chart, Dot
from benchsuite.report.families import FAMILIES
from benchsuite.report.sheet import sheets
from benchsuite.store import Stored
from tests.fakes import job, rounds, stored
from tests.report.charts.runs import alike
from tests.report.hostile import hostile
from tests.report.samples import accelerated, mixed, small


def chart(name: str, *runs: Stored) -> Chart:
    return next(c for c in charts(sheets(runs)) if c.name == name)


def dots(name: str, *runs: Stored) -> list[Dot]:
    return [dot for panel in chart(name, *runs).panels for dot in panel.dots]


def many(cases: int, backends: Sequence[str] = ("torch-eager-cpu", "onnxruntime-cpu")) -> Stored:
    records = []
    for width in range(cases):
        for backend in backends:
            times = {"time/latency": 1e-3 * (1 + width)}
            records += rounds(job("softmax", backend, width=width), Work(1, "rows", 1.0, 1.0), times)
    return stored(records)


def test_every_job_has_a_dot_with_its_interval() -> None:
    found = dots("latency-kernels", accelerated())
    assert len(found) == 18
    assert all(e.low < e.value < e.high for e in (dot.estimate for dot in found))
    axis = chart("latency-kernels", accelerated()).panels[0].axis
    assert all(axis.low < dot.estimate.low and dot.estimate.high < axis.high for dot in found)


def test_values_without_an_interval_say_so() -> None:
    found = dots("latency-kernels", small())
    assert all(dot.estimate.low is None and dot.text.endswith("no interval") for dot in found)


def test_every_unit_has_its_own_axis() -> None:
    found = chart("throughput-ceilings", accelerated())
    assert [panel.axis.heading.split(" per ")[0] for panel in found.panels] == ["B", "launches", "products", "copies"]


def test_speed_ups_leave_out_what_they_are_over() -> None:
    found = dots("speedup-kernels", mixed())
    assert [dot.label for dot in found] == ["torch-compile-cpu", "onnxruntime-cpu"] * 2
    assert [dot.estimate.value for dot in found][:2] == pytest.approx([1 / 0.8, 1 / 0.805], rel=1e-3)
    assert chart("speedup-kernels", mixed()).panels[0].reference == 1.0


def test_shares_start_at_zero_and_are_not_cut() -> None:
    (panel,) = chart("share-kernels", accelerated()).panels
    assert panel.axis.low == 0
    assert max(dot.estimate.value for dot in panel.dots) > 1.5
    assert panel.axis.high > 1.6


def test_precision_and_threads_are_named_where_they_differ() -> None:
    assert {dot.label for dot in dots("latency-kernels", small())} == {"torch-eager-cpu", "onnxruntime-cpu"}
    assert "torch-graph-cuda bf16" in {dot.label for dot in dots("latency-kernels", accelerated())}
    assert "All in fp32." in chart("latency-kernels", small()).caption


def test_a_picture_has_at_most_sixty_rows_and_cases_stay_whole() -> None:
    found = [c for c in charts(sheets([many(70)])) if c.kind == "latency"]
    assert [c.name for c in found] == ["latency-kernels", "latency-kernels-2", "latency-kernels-3"]
    sizes = [len(c.panels[0].dots) for c in found]
    assert sum(sizes) == 140
    assert max(sizes) <= 60
    assert max(sizes) - min(sizes) < 10
    assert all(len({d.case for d in c.panels[0].dots}) == len(c.panels[0].dots) / 2 for c in found)


def test_a_case_of_more_rows_than_a_picture_holds_is_cut() -> None:
    found = [c for c in charts(sheets([many(1, [f"runtime{i}-cpu" for i in range(130)])])) if c.kind == "latency"]
    assert [len(c.panels[0].dots) for c in found] == [60, 60, 10]


def test_two_runs_are_shown_whole_and_more_by_their_fastest() -> None:
    assert {dot.label[:3] for dot in dots("latency-kernels", mixed(), accelerated())} == {"A: ", "B: "}
    found = dots("latency-kernels", *alike(3))
    by_case = [dot.label for dot in found if "seq=128," in dot.case]
    assert by_case == [f"{run}: onnxruntime-cpu fp32" for run in "ABC"]
    assert not any(dot.best for dot in found)
    assert "Run A is server-0, B is server-1 and C is server-2." in chart("latency-kernels", *alike(3)).caption


def test_captions_tell_who_is_the_fastest() -> None:
    told = chart("latency-kernels", accelerated()).caption
    assert "Surely the fastest, of 4 cases with several backends: torch-graph-cuda in 4." in told
    assert "The median is" in chart("speedup-kernels", accelerated()).caption


def test_a_chart_without_data_is_absent() -> None:
    assert charts(sheets([stored([])])) == []
    names = {c.name for c in charts(sheets([small()]))}
    assert "latency-kernels" in names
    assert not [name for name in names if name.startswith(("share", "roofline", "scaling", "precision", "traces"))]


def test_names_are_unique_and_families_known() -> None:
    found = charts(sheets([mixed(), *alike(2), hostile()]))
    assert len({c.name for c in found}) == len(found)
    assert {c.family for c in found} <= {"", *(family.name for family in FAMILIES)}
    assert all(c.kind and c.name.startswith(("order", c.kind)) and c.caption.endswith(".") for c in found)


def test_hostile_words_are_one_harmless_line() -> None:
    for found in charts(sheets([hostile()])):
        for dot in (dot for panel in found.panels for dot in panel.dots):
            assert all(text.isprintable() for text in (dot.case, dot.label, dot.family, dot.text, found.caption))
