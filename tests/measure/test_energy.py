"""Energy by counters that move in steps, on a clock that only moves where somebody works."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from benchsuite.backends.fake import FakeBackend, FakeClock, Script
from benchsuite.measure.energy import DEVICE, HOST, Meter, Meters, Spent, energy, idle_watts, meters, window
from benchsuite.nvml import open_nvml
from benchsuite.workload import Transfer
from tests.fake_nvml import library, refuse
from tests.trees import power_counters


class Machine:
    """It draws `watts`, and its counter moves every `step` seconds by what was drawn since."""

    def __init__(self, watts: float, step: float, metric: str = HOST) -> None:
        self.clock, self.watts, self.step = FakeClock(), watts, step
        self.meter = Meter(metric, self.joules, step)

    def now(self) -> float:
        return self.clock.read() / 1e9

    def joules(self) -> float | None:
        return (self.now() // self.step) * self.step * self.watts

    def sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def work(self, seconds: float) -> Callable[[], int]:
        def run() -> int:
            self.clock.advance(seconds)
            return 1

        return run


def measured(machine: Machine, seconds: float) -> Spent | str:
    return window([machine.meter], machine.work(seconds), machine.now)[machine.meter.metric]


@pytest.mark.parametrize("offset", [0.0, 0.0004, 0.03, 0.0777])
@pytest.mark.parametrize(("step", "seconds"), [(0.001, 0.002), (0.001, 0.7), (0.1, 0.002), (0.1, 0.03), (0.1, 0.3)])
def test_power_is_found_within_five_percent(step: float, seconds: float, offset: float) -> None:
    machine = Machine(200.0, step)
    machine.clock.advance(offset)
    spent = measured(machine, seconds)
    assert isinstance(spent, Spent)
    assert spent.watts == pytest.approx(200.0, rel=0.05)
    assert spent.iterations == pytest.approx(spent.seconds / seconds, rel=0.01)


def test_a_window_is_no_longer_than_it_must_be() -> None:
    fast, slow = Machine(200.0, 0.001), Machine(200.0, 0.1)
    for machine in (fast, slow):
        measured(machine, 0.002)
    assert fast.now() == pytest.approx(0.1, abs=0.01)
    assert 0.5 < slow.now() < 0.8


@pytest.mark.parametrize("step", [3.0, 100.0])
def test_a_counter_too_slow_for_the_longest_window_gives_a_reason(step: float) -> None:
    machine = Machine(200.0, step)
    assert "too short" in str(measured(machine, 0.002))
    assert machine.now() == pytest.approx(5.0, abs=0.01)


def test_a_counter_that_is_lost_gives_a_reason_at_once() -> None:
    machine = Machine(200.0, 0.001)
    values = itertools.chain([0.0, 1.0], itertools.repeat(None))
    lost = Meter(HOST, lambda: next(values), 0.001)
    assert "no longer be read" in str(window([lost], machine.work(0.002), machine.now)[HOST])
    assert machine.now() < 0.01


def test_idle_power_is_measured_while_nothing_runs() -> None:
    machine = Machine(35.0, 0.001)
    assert idle_watts([machine.meter], machine.now, machine.sleep) == {HOST: pytest.approx(35.0, rel=0.05)}
    assert machine.now() == pytest.approx(0.5, abs=0.05)


def test_idle_power_of_a_counter_that_stands_still_is_unknown() -> None:
    machine = Machine(0.0, 0.001)
    assert idle_watts([machine.meter], machine.now, machine.sleep) == {}


def job(machine: Machine, idle: dict[str, float], reasons: dict[str, str] | None = None) -> Any:
    """The energy of an iteration of 1 ms on `machine`."""
    session = FakeBackend(machine.clock, (Script((0.001,)),)).prepare(Transfer((torch.zeros(1),)), "fp32", 1)
    return energy(session, 2, Meters((machine.meter,), reasons), idle, machine.now)


def test_joules_are_of_an_iteration_and_less_what_is_idle() -> None:
    found = job(Machine(200.0, 0.001), {HOST: 50.0})
    (measurement,) = found.measurements
    assert (measurement.metric, measurement.unit, measurement.better) == (HOST, "J", "lower")
    # 150 W beyond idle for 1 ms.
    assert measurement.samples == (pytest.approx(0.150, rel=0.05),)
    assert found.counters["energy/host_watts"] == pytest.approx(200.0, rel=0.05)
    assert found.counters["energy/host_idle_watts"] == 50.0
    assert found.counters["energy/host_seconds"] >= 0.099
    assert found.notes == {}


def test_what_draws_no_more_than_idle_has_no_energy_but_a_reason() -> None:
    found = job(Machine(50.0, 0.001), {HOST: 60.0})
    assert found.measurements == ()
    assert "no more than idle (60 W)" in found.notes[HOST]
    assert found.counters["energy/host_watts"] == pytest.approx(50.0, rel=0.05)


def test_without_an_idle_power_there_is_none_but_a_reason() -> None:
    found = job(Machine(50.0, 0.001), {}, {DEVICE: "no counter"})
    assert found.measurements == ()
    assert set(found.notes) == {HOST, DEVICE}


def test_without_counters_nothing_runs() -> None:
    found = energy(SimpleNamespace(phases=(), synchronize=None), 1, Meters((), {HOST: "none"}), {}, lambda: 0.0)  # type: ignore[arg-type]
    assert (found.measurements, found.notes) == ((), {HOST: "none"})


def test_every_counter_that_can_be_read_is_used(tmp_path: Path) -> None:
    here = meters(open_nvml(library()), True, power_counters(tmp_path))
    assert [meter.metric for meter in here.meters] == [HOST, DEVICE]
    assert [meter.joules() for meter in here.meters] == [0.0, 5.0]
    assert here.reasons == {}


def test_the_accelerator_is_left_out_of_host_jobs(tmp_path: Path) -> None:
    assert [m.metric for m in meters(open_nvml(library()), False, power_counters(tmp_path)).meters] == [HOST]


@pytest.mark.parametrize(
    ("nvml", "words"),
    [
        (None, "NVML"),
        (library(nvmlDeviceGetCount=lambda: 0), "shows no accelerator"),
        (library(nvmlDeviceGetMigMode=lambda handle: [1, 1]), "divided"),
        (library(nvmlDeviceGetTotalEnergyConsumption=refuse), "no energy counter"),
    ],
)
def test_an_accelerator_without_a_counter_gives_its_reason(tmp_path: Path, nvml: Any, words: str) -> None:
    here = meters(None if nvml is None else open_nvml(nvml), True, tmp_path)
    assert here.meters == ()
    assert here.reasons is not None
    assert words in here.reasons[DEVICE]
    assert "no power counter" in here.reasons[HOST]
