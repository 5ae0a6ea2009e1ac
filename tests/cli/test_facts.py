import dataclasses
from typing import Any

import pytest

from benchsuite.cli.facts import facts, state
from benchsuite.measure.telemetry import Reading
from benchsuite.records import Accelerator, Environment
from tests.fakes import laptop, server

H100 = Accelerator(
    "cuda", "H100", 80 * 2**30, "550.1", True, "off", 500.0, 1.98e9, 2.619e9, "gen5 x16", 700.0, 1.755e9, 8
)


def lines(here: Environment) -> str:
    return "\n".join(f"{name}: {text}" for name, text in facts(here))


def on_cpu(**changes: Any) -> str:
    return lines(dataclasses.replace(laptop(), cpu=dataclasses.replace(laptop().cpu, **changes)))


def test_what_the_system_does_not_say_is_said_to_be_so() -> None:
    said = lines(laptop())
    for name in ("Clock", "Governor", "Turbo", "SMT", "Virtual", "Huge pages"):
        assert f"{name}: not readable" in said
    assert "8.00 GiB, speed not readable" in said
    assert "None" not in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"boost": True}, "Turbo: on"),
        ({"smt": False}, "SMT: off"),
        ({"numa_nodes": 2}, "4 logical on 2 NUMA nodes, 4 usable"),
        ({"nominal_hertz": 2.6e9, "highest_hertz": 4.1e9}, "Clock: nominal 2.60 GHz, at most 4.10 GHz"),
        ({"virtualization": "kvm"}, "Virtual: kvm guest"),
        ({"virtualization": "none"}, "Virtual: bare metal"),
        ({"caches": {"L2": 2**20}}, "Caches: L2 1.00 MiB"),
        ({"features": ("avx512f", "amx_tile")}, "Features: avx512f amx_tile"),
        ({"quota_cores": 1.5}, "quota 1.5 cores"),
    ],
)
def test_processors_are_told(changes: dict[str, Any], words: str) -> None:
    assert words in on_cpu(**changes)


def test_memory_and_its_speed_are_told() -> None:
    here = dataclasses.replace(laptop(), memory_transfers=5.6e9, swap_bytes=2**30, huge_pages="madvise")
    assert "Memory: 8.00 GiB, 5600 MT/s, swap 1.00 GiB" in lines(here)
    assert "Huge pages: madvise" in lines(here)


def test_an_accelerator_and_its_limits_are_told() -> None:
    said = lines(dataclasses.replace(server(), accelerators=(H100,)))
    assert "Accelerator: H100, 80.0 GiB, driver 550.1, ECC on, MIG off" in said
    assert "SM at most 1.98 GHz, set to 1.75 GHz, memory 2.62 GHz, power limit 500 W of 700 W" in said
    assert "PCIe gen5 x16, now x8" in said


def test_an_accelerator_of_which_little_is_known_is_told_as_well() -> None:
    bare = Accelerator("cuda", "Old one", 2**30)
    assert "Old one, 1.00 GiB, driver not readable, ECC not readable" in lines(
        dataclasses.replace(server(), accelerators=(bare,))
    )


def test_the_moment_is_told() -> None:
    assert state(Reading(0.0, 1.5e9, None, 61.0, 305.2, 0, 1)) == "1.50 GHz, 61 °C, 305 W, 1 other process"
    assert state(Reading(0.0)) == "0 other processes"
