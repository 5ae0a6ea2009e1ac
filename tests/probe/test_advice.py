import dataclasses
from typing import Any

import pytest

from benchsuite.probe.advice import advice
from benchsuite.probe.noise import Noise
from benchsuite.records import Accelerator, Cpu, Environment

QUIET = Environment("host", "Linux", "6.1", "3.11.7", Cpu("cpu", "x86_64", 4, 8, 8), 2**30)
H100 = Accelerator("cuda", "NVIDIA H100", 80 * 2**30)


def on(**changes: Any) -> Environment:
    return dataclasses.replace(QUIET, **changes)


def on_cpu(**changes: Any) -> Environment:
    return on(cpu=dataclasses.replace(QUIET.cpu, **changes))


def test_what_is_not_known_gives_no_advice() -> None:
    assert advice(QUIET) == ()
    assert advice(QUIET, Noise(100, 0.1, 0.1, 0.1)) == ()


def test_what_is_well_gives_no_advice() -> None:
    cpu = {"governor": "performance", "smt": False, "boost": False, "virtualization": "none", "quota_cores": 8.0}
    well = dataclasses.replace(on_cpu(**cpu), huge_pages="madvise", aslr=True, accelerators=(H100,))
    assert advice(well, Noise(100, 0.0, 0.0, 0.0, 0.0, 0.0)) == ()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (on_cpu(governor="powersave"), "governor is powersave"),
        (on_cpu(smt=True), "SMT is on"),
        (on_cpu(boost=True), "boost"),
        (on_cpu(quota_cores=1.5), "1.5 cores, no whole number"),
        (on_cpu(quota_cores=2.0), "2 cores is below the 8 processors"),
        (on_cpu(virtualization="kvm"), "virtual machine"),
        (on(swap_bytes=2**30), "1.00 GiB of swap"),
        (on(huge_pages="never"), "set to never"),
        (on(huge_pages="always"), "set to always"),
        (on(aslr=False), "not randomised"),
        (on(packages={"torch": "2.13.0+cpu"}, accelerators=(H100,)), "built without accelerators"),
    ],
)
def test_each_known_fault_gives_one_advice(environment: Environment, words: str) -> None:
    (only,) = advice(environment)
    assert words in only.what
    assert only.why
    assert only.how


def test_the_most_useful_comes_first() -> None:
    busy = Noise(100, 0.1, 0.1, 0.1, steal_share=0.1, foreign_share=0.5)
    given = [item.what for item in advice(on_cpu(virtualization="kvm", boost=True), busy, ("0000:01:00.0",))]
    marks = ["no driver", "50 %", "10 %", "boost", "virtual machine"]
    assert all(mark in what for mark, what in zip(marks, given, strict=True))
