"""The plane: where jobs lie, which roofs are over them, and where the roofs meet."""

import math

import pytest

from benchsuite.analysis import Estimate, Summary, ceilings, summarize
from benchsuite.analysis.roofline import placed, places, roofs
from benchsuite.records import Work
from tests.fakes import job, rounds

MATMUL, READ = Work(1, "products", flops=100.0), Work(10, "B", bytes=10.0)
CEILINGS = [
    *rounds(job("matmul", size=1), MATMUL, {"time/throughput": 1.0}),
    *rounds(job("matmul", precision="bf16", size=1), MATMUL, {"time/throughput": 0.5}),
    *rounds(job("memory-read"), READ, {"time/throughput": 1.0}),
    *rounds(job("matmul", "torch-eager-cuda", size=1), MATMUL, {"time/throughput": 0.1}),
]


def test_a_roof_for_every_precision_where_memory_was_measured() -> None:
    found = roofs(ceilings(summarize(CEILINGS)))
    assert [(r.kind, r.precision) for r in found] == [("cpu", "bf16"), ("cpu", "fp32")]
    ridges = [r.ridge for r in found]
    assert [r.value for r in ridges if r] == pytest.approx([20.0, 10.0], rel=0.01)
    assert all(r is not None and r.low is not None and r.low < r.value for r in ridges)
    assert [found[1].at(i) for i in (1.0, 10.0, 100.0)] == pytest.approx([10.0, 100.0, 100.0], rel=0.01)


def test_a_job_lies_at_its_intensity_and_rate() -> None:
    work = Work(1, "rows", flops=80.0, bytes=2.0, values=1.5)
    summary = summarize(rounds(job(precision="bf16"), work, {"time/latency": 3.0, "time/throughput": 2.0}))[0]
    found = placed(summary)
    assert found is not None
    assert (found.kind, found.precision, found.intensity) == ("cpu", "bf16", 16.0)
    assert found.rate.value == pytest.approx(40.0, rel=0.01)
    assert found.rate.low is not None
    assert found.rate.low < found.rate.value


@pytest.mark.parametrize(
    "work", [None, Work(1, "rows"), Work(1, "rows", flops=1.0), Work(1, "rows", bytes=1.0), Work(1, "r", math.nan, 1.0)]
)
def test_no_place_without_counts(work: Work | None) -> None:
    summaries = summarize(rounds(job(), work, {"time/latency": 1.0}))
    assert places(summaries) == ()


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf])
def test_no_place_without_a_time(value: float) -> None:
    estimates = {"time/latency": Estimate(value, None, None, 1, 1)}
    assert placed(Summary(job(), "ok", "", ("ok",), estimates, Work(1, "rows", 1.0, 1.0))) is None
