"""An accelerator on which jobs go wrong: its memory is there again for the next job."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchsuite.catalog import backends
from benchsuite.nvml import open_nvml
from benchsuite.records import Record, Request
from benchsuite.runner.execute import record_of
from benchsuite.runner.zygote import Zygote
from tests.faults.conftest import misbehaving

CUDA = "torch-eager-cuda"
MISSING = backends()[CUDA].missing()
pytestmark = [pytest.mark.gpu, pytest.mark.skipif(MISSING is not None, reason=f"{CUDA}: {MISSING}")]
# What a driver keeps for itself, and what others on a shared device may take meanwhile.
SLACK = 256 * 2**20


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(["torch", "benchsuite.backends.torch_generation"], 0, {}) as zygote:
        yield zygote


def played(zygote: Zygote, how: str, when: str, timeout: float = 120.0) -> Record:
    job = misbehaving(how, when, CUDA)
    return record_of(zygote.ask(Request("job", job, sample_seconds=0.01), timeout), job, 0)


def free_bytes() -> int:
    """Of the first device, as its driver says."""
    nvml = open_nvml()
    assert nvml is not None
    memory = nvml("nvmlDeviceGetMemoryInfo", nvml.devices()[0])
    assert memory is not None
    return int(memory.free)


def test_memory_of_the_device_that_is_not_there_is_one_failed_record(zygote: Zygote) -> None:
    record = played(zygote, "allocates_on_device", "build")
    assert record.status == "failed"
    assert "OutOfMemoryError" in record.reason
    assert played(zygote, "behaves", "call").status == "ok"


@pytest.mark.parametrize("how", ["behaves", "keeps_memory_of_device", "kills_itself_with_memory_of_device"])
def test_memory_of_the_device_is_free_again_after_each_job(zygote: Zygote, how: str) -> None:
    assert played(zygote, "behaves", "call").status == "ok"
    before = free_bytes()
    played(zygote, how, "build")
    assert free_bytes() > before - SLACK
