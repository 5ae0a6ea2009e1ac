import dataclasses
from pathlib import Path
from typing import Any

import pytest

from benchsuite.measure.telemetry import Reading, Watch
from benchsuite.nvml import open_nvml
from benchsuite.records import Record
from benchsuite.runner.watching import Telemetry
from tests import fakes
from tests.fake_nvml import library
from tests.trees import plant, power_counters


def record() -> Record:
    counters = {"measure/began_seconds": 0.0, "measure/wall_seconds": 1.0}
    return dataclasses.replace(fakes.ok(fakes.job("matmul"), None, {}), counters=counters)


def seen(hertz: float) -> Watch:
    watch = Watch(None)
    watch.readings.append(Reading(0.5, hertz))
    return watch


def codes(telemetry: Telemetry, device: str, hertz: float) -> list[str]:
    return [doubt.code for doubt in telemetry.join(record(), device, seen(hertz)).validity]


def test_an_accelerator_is_held_to_what_this_run_has_seen() -> None:
    telemetry = Telemetry()
    assert [codes(telemetry, "cuda", hertz) for hertz in (2e9, 1e9, 2e9, 1.9e9)] == [[]] * 4
    assert codes(telemetry, "cuda", 1.5e9) == ["low-clock"]


def test_processors_are_held_to_what_they_are_promised() -> None:
    assert codes(Telemetry(3e9), "cpu", 2.5e9) == ["low-clock"]
    assert codes(Telemetry(3e9), "cpu", 2.8e9) == []
    assert codes(Telemetry(None), "cpu", 1e9) == []


def test_idle_power_is_asked_of_the_counters_that_jobs_need(tmp_path: Path) -> None:
    def watts(meters: Any) -> dict[str, float]:
        return dict.fromkeys([meter.metric for meter in meters], 30.0)

    telemetry = Telemetry(None, open_nvml(library()), power_counters(tmp_path), watts)
    assert telemetry.idle(["cpu"]) == {"energy/host": 30.0}
    assert telemetry.idle(["cpu", "cuda"]) == {"energy/host": 30.0, "energy/device": 30.0}


def test_nothing_is_waited_for_where_no_counter_can_be_read(tmp_path: Path) -> None:
    def refuse(_: Any) -> dict[str, float]:
        raise AssertionError

    assert Telemetry(root=tmp_path, idle=refuse).idle(["cpu", "cuda"]) == {}


@pytest.mark.parametrize(("device", "watched"), [("cuda", True), ("cpu", True), ("mps", False)])
def test_what_can_be_read_of_a_device_is(tmp_path: Path, device: str, watched: bool) -> None:
    cpus = {f"sys/devices/system/cpu/cpu{i}/cpufreq/scaling_cur_freq": "3000000" for i in range(512)}
    telemetry = Telemetry(None, open_nvml(library()), plant(tmp_path, cpus))
    source = telemetry._source(device, 1)
    assert (source is not None) == watched
    if source is not None:
        assert source().clock_hertz == {"cpu": 3e9, "cuda": 1.5e9}[device]


def test_a_machine_without_anything_to_read_is_not_watched(tmp_path: Path) -> None:
    telemetry = Telemetry(root=tmp_path)
    assert telemetry._source("cpu", 1) is None
    assert telemetry._source("cuda", 1) is None
