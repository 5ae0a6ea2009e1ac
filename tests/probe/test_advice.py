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


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ({"power_limit_watts": 500.0, "default_power_limit_watts": 700.0}, "500 W, below its usual 700 W"),
        ({"pcie": "gen5 x16", "pcie_width": 8}, "8 of 16 lanes"),
        ({"power_limit_watts": 700.0, "default_power_limit_watts": 700.0}, None),
        ({"pcie": "gen5 x16", "pcie_width": 16}, None),
        ({"pcie": None, "pcie_width": 4}, None),
    ],
)
def test_an_accelerator_that_is_held_back_is_told(device: dict[str, Any], words: str | None) -> None:
    given = advice(on(accelerators=(dataclasses.replace(H100, **device),)))
    assert len(given) == (words is not None)
    assert all(words in item.what for item in given if words)


def test_other_processes_on_the_accelerator_are_told() -> None:
    (only,) = advice(QUIET, foreign=2)
    assert only.what == "2 other processes compute on the accelerator"


def test_energy_that_needs_a_permission_is_told_with_the_remedy() -> None:
    (only,) = advice(QUIET, power="energy_uj of package-0 cannot be read: sudo chmod a+r it")
    assert (only.what, only.how) == ("energy_uj of package-0 cannot be read", "sudo chmod a+r it")
    assert advice(QUIET, power="the kernel shows no power counter") == ()


def test_the_most_useful_comes_first() -> None:
    busy = Noise(100, 0.1, 0.1, 0.1, steal_share=0.1, foreign_share=0.5)
    here = on_cpu(virtualization="kvm", boost=True)
    given = [item.what for item in advice(here, busy, ("0000:01:00.0",), 1, "energy cannot be read: chmod")]
    marks = ["no driver", "1 other process", "50 %", "10 %", "boost", "virtual machine", "energy"]
    assert all(mark in what for mark, what in zip(marks, given, strict=True))
