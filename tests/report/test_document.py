"""The parts of a report: what stands where, and the tables of what is best."""

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

import pytest

from benchsuite.records import Record, Work
from benchsuite.report.charts.kinds import charts
from benchsuite.report.document import parts, pictures, title
from benchsuite.report.part import Part
from benchsuite.report.sheet import sheets
from benchsuite.report.table import Column, Table
from benchsuite.store import Stored
from tests.fakes import job, laptop, ok, rounds, stored
from tests.report.hostile import hostile
from tests.report.samples import accelerated, mixed, small

RUNS = {
    "none": [stored([])],
    "small": [small()],
    "mixed": [mixed()],
    "accelerated": [accelerated()],
    "hostile": [hostile()],
    "several": [mixed(), accelerated(), hostile()],
}
WORK = Work(8, "rows", 1e6)


def every(found: Sequence[Part]) -> Iterator[Part]:
    for part in found:
        yield part
        yield from every(part.parts)


def table(title: str, *runs: Stored) -> Table:
    return next(t for part in every(parts(sheets(runs))) for t in part.tables if t.title == title)


def part(heading: str, *runs: Stored) -> Part:
    return next(p for p in every(parts(sheets(runs))) if p.heading == heading)


def column(found: Table, head: str) -> Column:
    return next(c for c in found.columns if c.head == head)


def test_parts_stand_in_the_order_of_the_questions() -> None:
    headings = ["This machine", "Findings", "What it can do", "What to run it on", "Every job", "In doubt"]
    assert [p.heading for p in parts(sheets([mixed()]))] == [*headings, "Without a result", "Reproduce"]
    assert [p.heading for p in parts(sheets([stored([])]))][1:3] == ["Findings", "In doubt"]


@pytest.mark.parametrize("name", RUNS)
def test_every_table_is_whole(name: str) -> None:
    for found in (t for p in every(parts(sheets(RUNS[name]))) for t in p.tables):
        lengths = {len(c.cells) for c in found.columns}
        assert len(lengths) == 1
        assert all(not c.values or len(c.values) == len(c.cells) for c in found.columns)
        assert all(start < min(lengths) for start in found.starts)


@pytest.mark.parametrize("name", RUNS)
def test_every_chart_has_one_place(name: str) -> None:
    found = sheets(RUNS[name])
    assert sorted(c.name for c in pictures(parts(found))) == sorted(c.name for c in charts(found))


def test_every_result_stands_in_one_table_of_its_family() -> None:
    (sheet,) = sheets([accelerated()])
    found = [t for p in part("Every job", accelerated()).parts for t in p.tables]
    assert sum(len(t.columns[0].cells) for t in found) == sum(bool(row.summary.estimates) for row in sheet.rows)
    assert {t.family for t in found} == {"ceilings", "kernels"}


def test_values_sort_as_the_cells_read() -> None:
    found = next(t for p in part("Every job", accelerated()).parts for t in p.tables if t.title == "transformer-layer")
    latency = column(found, "latency")
    assert latency.cells[0] == "10.65 ms"
    assert latency.values[0] == pytest.approx(0.01065, rel=1e-3)
    assert column(found, "batch").values[0] == 8
    assert column(found, "±").values[0] == pytest.approx(0.0085, rel=0.01)


def test_a_group_is_named_in_every_row_for_those_who_sort() -> None:
    found = next(t for p in part("Every job", accelerated()).parts for t in p.tables if t.title == "transformer-layer")
    assert set(column(found, "batch").cells) == {"8", "32"}


def test_doubted_rows_are_marked_with_their_codes() -> None:
    found = next(t for p in part("Every job", mixed()).parts for t in p.tables if t.title == "embedding")
    assert column(found, "").cells == ("!",)
    assert column(found, "in doubt").cells == ("contended",)


def test_a_glance_counts_jobs_by_what_came_of_them() -> None:
    found = part("How sound the numbers are", mixed())
    assert found.facts[0] == ("jobs", "11 of 17 have a result (2 in doubt), 1 wrong, 1 failed, 4 skipped")
    assert [p.heading for p in found.parts] == ["1 job wrong", "1 job failed", "4 jobs skipped", "2 jobs in doubt"]
    assert all(p.folded and p.tables for p in found.parts)
    assert "relative error 0.31" in column(found.parts[0].tables[0], "reason").cells[0]


def test_what_counters_could_tell_is_not_said_to_be_untold() -> None:
    steal = {f"machine/{name}_seconds": 0.0 for name in ("steal", "busy", "idle")}
    known = stored([ok(job(), WORK, {"time/latency": 1.0}, counters=steal)])
    untold = dict(part("How sound the numbers are", known).facts)["not told"]
    assert "swap" in untold
    assert "steal" not in untold


def test_nothing_to_doubt_is_said() -> None:
    good = stored(rounds(job(), WORK, {"time/latency": 1.0}))
    assert part("In doubt", good).paragraphs == ("Nothing was found to doubt.",)
    assert part("Without a result", good).paragraphs == ("Every job has a result.",)


def test_every_job_with_a_code_is_listed() -> None:
    (listed,) = part("contended: 2 of 13 jobs", mixed()).parts
    assert listed.folded
    assert len(column(listed.tables[0], "job").cells) == 2


def test_skipped_for_one_reason_is_said_once_for_all_runs() -> None:
    def run(name: str) -> Stored:
        records = [Record(job(w, b), 0, "skipped", "no device") for w in ("a", "b") for b in ("x-cuda", "y-cuda")]
        return stored([*records, Record(job("c"), 0, "skipped", f"no {name}")], name=name)

    (found,) = part("Without a result", run("one"), run("two")).tables
    assert column(found, "which").cells == (
        "A, B: 2 workloads on x-cuda, y-cuda",
        "A: c on torch-eager-cpu",
        "B: c on torch-eager-cpu",
    )
    assert column(found, "jobs").values == (8, 1, 1)


def paced(backend: str, pace: float, precision: str = "fp32", workload: str = "softmax", **axes: int) -> list[Record]:
    return rounds(job(workload, backend, precision, **axes), WORK, {"time/latency": pace, "time/throughput": pace})


def test_the_best_of_a_workload_is_what_gets_most_done() -> None:
    records = [*paced("torch-eager-cpu", 1.0, batch=1), *paced("onnxruntime-cpu", 0.5, batch=1)]
    records += paced("torch-eager-cpu", 0.8, "bf16", batch=2)
    found = table("The best of each workload", stored(records))
    assert [column(found, head).cells for head in ("workload", "backend", "prec", "at")] == [
        ("softmax",), ("onnxruntime-cpu",), ("fp32",), ("batch=1",),
    ]  # fmt: skip
    assert column(found, "throughput").values[0] == pytest.approx(16, rel=0.02)
    assert column(found, "throughput").cells[0].endswith("rows/s")


def test_backends_are_compared_over_eager_in_fp32() -> None:
    speeds = {("torch-eager-cpu", "fp32"): (1.0, 1.0), ("torch-compile-cpu", "fp32"): (0.5, 2.0)}
    speeds |= {("torch-eager-cpu", "bf16"): (0.25, 0.25)}
    records = [
        record
        for (backend, precision), paces in speeds.items()
        for batch, pace in enumerate(paces, start=1)
        for record in paced(backend, pace, precision, batch=batch)
    ]
    found = table("Backends and precisions", stored(records))
    rows = dict(zip(zip(column(found, "backend").cells, column(found, "prec").cells, strict=True), itertools.count()))
    compiled, half = rows["torch-compile-cpu", "fp32"], rows["torch-eager-cpu", "bf16"]
    assert column(found, "mean speed-up").values[compiled] == pytest.approx(1.0)
    assert column(found, "least").values[compiled] == pytest.approx(0.5)
    assert column(found, "most").values[compiled] == pytest.approx(2.0)
    assert column(found, "mean speed-up").values[half] == pytest.approx(4.0)
    assert column(found, "fastest in").values == (0, 0, 2)


@pytest.mark.parametrize(
    ("host", "device", "faster"), [(1.0, 0.1, "accelerator"), (0.1, 1.0, "CPU"), (1.0, 1.0, "not told apart")]
)
def test_devices_are_compared_by_their_best(host: float, device: float, faster: str) -> None:
    records = [*paced("torch-eager-cpu", 5.0), *paced("onnxruntime-cpu", host)]
    records += [*paced("torch-eager-cuda", 9.0), *paced("torch-graph-cuda", device, "bf16")]
    found = table("The CPU at its best against the accelerator at its best", stored(records))
    assert column(found, "faster").cells == (faster,)
    assert column(found, "accelerator backend").cells == ("torch-graph-cuda bf16",)
    assert column(found, "CPU / accelerator").values[0] == pytest.approx(host / device)


def test_without_an_accelerator_that_is_said() -> None:
    assert "nothing to compare" in part("CPU or accelerator", mixed()).paragraphs[0]


def test_several_runs_are_a_row_each() -> None:
    runs = [mixed(name="one.jsonl"), accelerated(), mixed(name="three.jsonl")]
    (card,) = part("The runs", *runs).tables
    assert column(card, "run").cells == ("A", "B", "C")
    assert column(card, "file").cells == ("one.jsonl", "server.jsonl", "three.jsonl")
    found = table("The most that was measured", *runs)
    assert column(found, "run").cells[:3] == ("A", "B", "C")
    assert title(sheets(runs)) == "What laptop, server can do: 3 runs side by side"


def test_data_sheets_stand_beside_ceilings_with_the_digits_that_they_print() -> None:
    found = table("The most that was measured", accelerated())
    printed = dict(zip(column(found, "measured by").cells, column(found, "data sheet").cells, strict=True))
    assert printed["matmul bf16"] == "989.5 TFLOP/s"
    assert printed["memory-read"] == "3.35 TB/s"
    assert printed["disk-read"] == ""


def test_the_machine_is_told_as_far_as_it_is_known() -> None:
    cpu = dataclasses.replace(laptop().cpu, features=("avx2", "fma"), caches={"L2": 2**20}, governor="powersave")
    environment = dataclasses.replace(laptop(), cpu=cpu)
    known = dict(part("This machine", stored([], environment)).facts)
    assert (known["caches"], known["instructions"], known["clock"]) == (
        "L2 1.00 MiB",
        "avx2, fma",
        "governor powersave",
    )
    assert not {"caches", "instructions", "clock"} & set(dict(part("This machine", stored([])).facts))
