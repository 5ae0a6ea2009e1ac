"""What is measured beside the samples of a session."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
import torch

from benchsuite.backends.fake import FakeBackend, FakeClock
from benchsuite.measure.energy import HOST, Meter, Meters
from benchsuite.measure.loop import Taken
from benchsuite.measure.warmup import WINDOW, WarmUp
from benchsuite.records import Record, Request
from benchsuite.worker import sampling
from benchsuite.workload import Transfer
from tests import fakes


def warmed(count: int, *, steady: bool) -> list[str]:
    """The codes of a round whose warm-up took `count` samples."""
    taken = Taken(1, (), (), WarmUp((1.0,) * count, steady, 0.03), shared=True)
    return [doubt.code for doubt in sampling._not_steady(taken)]


def test_a_warm_up_without_evidence_is_doubted_where_there_was_time_for_some() -> None:
    assert warmed(4 * WINDOW, steady=False) == ["not-steady"]
    assert warmed(4 * WINDOW, steady=True) == []
    assert warmed(2 * WINDOW - 1, steady=False) == []


def measured(device: str = "cpu", idle: dict[str, float] | None = None, workload: str = "matmul") -> Record:
    """A round on a session that does nothing, by the real clock."""
    job = fakes.job(workload, size=1)
    session = FakeBackend(FakeClock()).prepare(Transfer((torch.zeros(1),)), "fp32", 1)
    request = Request("job", job, sample_seconds=0.005, idle_watts=idle)
    return sampling.sampled(Record(job, 0, "ok", notes={"kept": "yes"}), session, device, request)


def test_host_samples_do_not_store_when_they_were_taken() -> None:
    assert all(m.at == () for m in measured().measurements)


def test_without_idle_power_nobody_asks_for_energy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "meters", None)
    assert measured().notes == {"kept": "yes"}


def test_energy_comes_beside_the_times(monkeypatch: pytest.MonkeyPatch) -> None:
    joules = itertools.count()
    monkeypatch.setattr(sampling, "meters", lambda *_: Meters((Meter(HOST, lambda: float(next(joules)), 0.001),)))
    record = measured(idle={HOST: 0.5})
    energy = record.measurement(HOST)
    assert energy is not None
    assert energy.samples[0] > 0
    assert record.counters["energy/host_idle_watts"] == 0.5
    assert record.notes == {"kept": "yes"}


def test_the_reason_for_no_energy_is_kept_in_the_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "meters", lambda *_: Meters((), {HOST: "no counter"}))
    record = measured(idle={})
    assert record.measurement(HOST) is None
    assert record.notes == {"kept": "yes", HOST: "no counter"}


@pytest.mark.parametrize(("workload", "computes"), [("matmul", True), ("disk-read", False), ("cold-start", False)])
def test_host_tasks_may_wait_for_other_things(workload: str, computes: bool) -> None:
    assert sampling._computes(fakes.job(workload)) == computes


def test_the_parent_is_told_when_measuring_began(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    take = sampling.take

    def noted(*arguments: Any) -> Taken:
        seen.append(time.perf_counter())
        return take(*arguments)

    monkeypatch.setattr(sampling, "take", noted)
    record = measured()
    assert record.counters["measure/began_seconds"] <= seen[0]
    assert seen[0] - record.counters["measure/began_seconds"] < record.counters["measure/wall_seconds"]
