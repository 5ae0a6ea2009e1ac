"""The preset `sweep` and the findings belong together: what the preset measures decides every claim that it is for."""

import pytest

from benchsuite.analysis.findings import Finding, findings
from benchsuite.records import Job, Work
from tests.analysis.findings.made import CPU, swept

FASTER = {"torch-eager": 1.0, "torch-compile": 0.8, "onnxruntime": 0.6}
FLOPS = {"cpu": 2e11, "cuda": 5e13}
BYTES = {"cpu": 2e10, "cuda": 2e12}
LAUNCH = {"cpu": 2e-6, "cuda": 5e-6}
PCI = 2e10
NOT_FROM_ONE_PRECISION = {"quantisation-on-cpu", "quantisation-on-cuda"}
WITHOUT_ENERGY = {"accelerator-energy", "cuda-energy"}
WITHOUT_ACCELERATOR = {f"accelerator-{what}" for what in ("training", "inference", "generation")}


def modelled(job: Job, work: Work) -> float:
    """Seconds of a machine that is as its ceilings allow, and launches once for each step that waits."""
    runtime, _, kind = job.backend.rpartition("-")
    if job.case.workload.startswith("transfer-"):
        return work.bytes / PCI
    moved = work.moved(job.precision)
    busy = max(work.flops / FLOPS[kind], moved / BYTES[kind])
    return FASTER[runtime] * (busy + LAUNCH[kind] * max(work.launches, 1))


def decided(backends: tuple[str, ...]) -> tuple[dict[str, Finding], set[str]]:
    """Findings by name, and the names of those that cannot be told."""
    found = {f.name: f for f in findings(*swept(backends, modelled))}
    return found, {name for name, f in found.items() if f.answer == "cannot tell"}


def test_a_sweep_of_the_cpu_decides_what_one_precision_can() -> None:
    found, unsure = decided(CPU)
    assert unsure == {"quantisation-on-cpu", *WITHOUT_ENERGY - {"cuda-energy"}, *WITHOUT_ACCELERATOR}
    assert {name for name, f in found.items() if f.answer == "not supported"} == {
        "recurrence-on-cpu",  # in the model nothing is idle, so that attention's square shows at once
        "pruning-on-cpu",
    }


def test_a_sweep_with_an_accelerator_decides_all_but_energy_and_precision() -> None:
    found, unsure = decided((*CPU, "torch-eager-cuda", "torch-compile-cuda", "onnxruntime-cuda"))
    assert unsure == {*NOT_FROM_ONE_PRECISION, "cuda-energy"}
    assert found["recurrence-on-cuda"].answer == "supported"
    assert all(found[f"cuda-{what}"].answer == "supported" for what in ("training", "inference", "generation"))
    assert found["moving-data-on-cuda"].answer == "supported"
    assert any(n.what.startswith("break-even batch") for n in found["cuda-inference"].numbers) or all(
        n.value.low is not None for n in found["cuda-inference"].numbers
    )


@pytest.mark.parametrize("kind", ["cpu", "cuda"])
def test_every_number_of_a_sweep_has_an_interval(kind: str) -> None:
    found, _ = decided((*CPU, "torch-eager-cuda")) if kind == "cuda" else decided(CPU)
    assert all(n.value.low is not None and n.value.high is not None for f in found.values() for n in f.numbers)
    assert all(f.jobs for f in found.values() if f.answer != "cannot tell")


def test_reasons_are_sentences() -> None:
    for backends in (CPU, (*CPU, "torch-eager-cuda")):
        for f in decided(backends)[0].values():
            for sentence in (f.claim, f.reason):
                assert sentence[0].isupper()
                assert sentence.endswith(".")
                assert "  " not in sentence
                assert ".." not in sentence
