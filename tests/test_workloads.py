"""Each workload's smallest case is built and verified on every CPU backend, in real workers."""

import pytest

from benchsuite import HostTask, HostTransfer
from benchsuite.catalog import Entry, select, workloads
from benchsuite.probe import physical_cores_usable
from benchsuite.records import Record, Request
from benchsuite.records.codec import from_data
from benchsuite.runner.execute import imports_of
from benchsuite.runner.zygote import Zygote

CPU = ("torch-eager-cpu", "torch-compile-cpu", "onnxruntime-cpu")
ENTRIES = select((), CPU, ("fp32",), "smoke", physical_cores_usable())
RUNNABLE = [entry.job for entry in ENTRIES if entry.reason is None]
REFUSED = [entry for entry in ENTRIES if entry.reason is not None]


@pytest.fixture(scope="module")
def zygote():
    with Zygote(imports_of(RUNNABLE), 1, {}) as zygote:
        yield zygote


@pytest.mark.parametrize("job", RUNNABLE, ids=lambda job: job.id)
def test_smallest_case_is_ok(job, zygote: Zygote) -> None:
    outcome = zygote.ask(Request("job", job, sample_seconds=0.02), timeout=250)
    assert not outcome.fault, outcome.log
    record = from_data(Record, outcome.answer)
    assert record.status == "ok", (record.reason, record.log)
    assert all(check.reference in ("float64", "itself") for check in record.checks)
    if job.case.workload == "gpt2-generate":
        assert record.measurement("time/prefill")
        assert record.measurement("time/per_token")


@pytest.mark.parametrize("backend", CPU)
@pytest.mark.parametrize("precision", ["bf16"])
def test_half_precision_is_verified_or_refused(backend: str, precision: str, zygote: Zygote) -> None:
    for entry in select(["transformer-layer", "gpt2-pretrain", "gpt2-generate"], [backend], [precision], "smoke", 2):
        if entry.reason is None and backend == "torch-eager-cpu":
            outcome = zygote.ask(Request("job", entry.job, sample_seconds=0.02), timeout=250)
            record = from_data(Record, outcome.answer)
            assert record.status == "ok", (record.reason, record.log)


@pytest.mark.parametrize("entry", REFUSED, ids=lambda entry: entry.job.id)
def test_what_is_refused_belongs_elsewhere(entry: Entry) -> None:
    assert workloads()[entry.job.case.workload].program in (HostTask, HostTransfer)
    assert "see torch-eager-cpu" in (entry.reason or "") or "see memory-copy" in (entry.reason or "")
