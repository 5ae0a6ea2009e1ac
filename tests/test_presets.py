"""Presets: known in one place and described, and the points of `sweep` are those that it promises."""

import json
from pathlib import Path

import pytest

from benchsuite.analysis.scaling import FEWEST_POINTS, sweeps
from benchsuite.analysis.summary import summarize
from benchsuite.catalog import PRESETS, select, workloads
from benchsuite.cli.options import EFFORTS
from tests.cli.commands import benchsuite
from tests.fakes import rounds

CPU = ["torch-eager-cpu"]
JOBS = [entry.job for entry in select((), CPU, ["fp32"], "sweep", 2) if entry.reason is None]


def test_every_preset_has_its_effort_and_some_workload() -> None:
    assert set(PRESETS) == set(EFFORTS)
    assert {p for w in workloads().values() for p in (*w.presets, *w.accelerated)} == set(PRESETS)


def test_a_sweep_has_rounds_for_intervals_and_no_more() -> None:
    effort = EFFORTS["sweep"]
    assert effort.least == effort.most == 4


def test_the_sweep_is_listed(tmp_path: Path) -> None:
    done = benchsuite("list", "--preset", "sweep", "--backend", *CPU, "--threads", "2", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)["jobs"]
    assert {job["id"] for job in listed if job["runnable"]} == {job.id for job in JOBS}


@pytest.mark.parametrize(
    ("workload", "axis"),
    [
        ("attention-self", "seq"),
        ("attention-causal", "seq"),
        ("attention-decode", "seq"),
        ("rnn", "seq"),
        ("minilm-embed", "batch"),
        ("gpt2-generate", "length"),
        ("matmul", "size"),
    ],
)
def test_axes_are_swept_by_doublings(workload: str, axis: str) -> None:
    found = sweeps(summarize([r for job in JOBS for r in rounds(job, None, {"time/latency": 1.0}, 1)]))
    series = [[p.n for p in s.points] for s in found if (s.job.case.workload, s.axis) == (workload, axis)]
    assert series
    for places in series:
        assert len(places) >= FEWEST_POINTS
        assert places == [places[0] * 2**i for i in range(len(places))]


def test_an_accelerator_goes_on_where_the_cpu_ends() -> None:
    for workload in workloads().values():
        further, common = workload.accelerated.get("sweep", {}), workload.presets.get("sweep")
        for axis, values in further.items():
            if common is not None and axis in common and len(values) > 1 and isinstance(values[0], int):
                assert min(v for v in values if isinstance(v, int)) >= min(
                    v for v in common[axis] if isinstance(v, int)
                )


def test_the_work_of_the_sweep_fits_its_time() -> None:
    """Seven passes a job and round, of three backends and four rounds, at 100 GFLOP/s and 10 GB/s."""
    passes = 7 * 3 * 4
    seconds = 0.0
    for job in JOBS:
        work = workloads()[job.case.workload].work(job.case)
        seconds += passes * max(work.flops / 1e11, work.moved("fp32") / 1e10)
    assert seconds < 15 * 60 / 2  # the other half goes to starting, building and preparing
