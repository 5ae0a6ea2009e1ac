from pathlib import Path

import pytest
import torch

from benchsuite.backend import Session
from benchsuite.backends.fake import FakeBackend, FakeClock, Script
from benchsuite.measure.clock import Clock, resolution, stolen_ticks
from benchsuite.measure.sample import Sample, is_tainted, latency, throughput
from benchsuite.workload import Transfer
from tests.trees import plant


def timed(*scripts: Script, queued: bool = False) -> tuple[Session, Clock]:
    """A session by script, and a clock that also counts two switches at every reading."""
    time = FakeClock()
    switches = iter(range(0, 10**6, 2))
    clock = Clock(time.read, lambda: time.read() // 2, lambda: next(switches), lambda: 0)
    backend = FakeBackend(time, scripts, queued)
    return backend.prepare(Transfer((torch.zeros(1),)), "fp32", 1), clock


def test_latency_is_per_iteration() -> None:
    session, clock = timed(Script((1.0, 2.0, 6.0)))
    assert latency(session, 3, clock) == Sample(wall=3.0, cpu=1.5, involuntary=2)


@pytest.mark.parametrize("take", [latency, throughput])
def test_queued_work_is_waited_for(take: object) -> None:
    session, clock = timed(Script((2.0,)), queued=True)
    assert take(session, 4, clock).wall == 2.0  # type: ignore[operator]


def test_throughput_waits_once_and_reads_the_device() -> None:
    session, clock = timed(Script((1.0, 3.0)), queued=True)
    waits, wait = [], session.synchronize
    assert wait is not None
    session.synchronize = lambda: (waits.append(1), wait())[1]
    sample = throughput(session, 2, clock)
    assert sample.device == sample.wall == 2.0
    assert len(waits) == 1
    latency(session, 2, clock)
    assert len(waits) == 3


def test_a_session_without_a_device_has_no_device_time() -> None:
    session, clock = timed(Script())
    assert throughput(session, 2, clock).device is None


@pytest.mark.parametrize("queued", [False, True])
def test_phases_are_told_apart_per_unit(queued: bool) -> None:
    session, clock = timed(Script((4.0,)), Script((3.0, 9.0), units=3), queued=queued)
    sample = latency(session, 2, clock)
    assert sample.phases == (4.0, 2.0)
    assert sample.wall == 10.0


def test_throughput_runs_every_phase() -> None:
    session, clock = timed(Script((4.0,)), Script((6.0,), units=3))
    assert throughput(session, 5, clock) == Sample(wall=10.0, cpu=5.0, involuntary=2)


def test_the_smallest_step_of_the_clock() -> None:
    readings = iter([0, 0, 700, 700, 1000, 1700] + [1700] * 2000)
    assert resolution(Clock(wall=lambda: next(readings))) == 300e-9


def test_a_clock_that_stands_has_a_resolution_all_the_same() -> None:
    assert resolution(Clock(wall=lambda: 5)) == 1e-9


def test_the_real_clocks_can_be_read() -> None:
    clock = Clock()
    first = (clock.wall(), clock.cpu(), clock.involuntary())
    assert all(now >= then for now, then in zip((clock.wall(), clock.cpu(), clock.involuntary()), first, strict=True))


@pytest.mark.parametrize(
    ("sample", "one_thread", "tainted"),
    [
        (Sample(1.0, 1.0, 0), True, False),
        (Sample(1.0, 1.0, 1), True, True),
        (Sample(1.0, 1.0, 0, stolen=1), False, True),
        (Sample(1.0, 0.97, 0), True, True),
        (Sample(1.0, 0.99, 0), True, False),
        # Several threads wait for each other, and a thread that waits for a device computes nothing.
        (Sample(1.0, 0.5, 0), False, False),
        # However long it took.
        (Sample(1e6, 1e6, 0), True, False),
    ],
)
def test_counters_taint_a_sample_and_its_time_does_not(sample: Sample, one_thread: bool, tainted: bool) -> None:
    assert is_tainted(sample, one_thread=one_thread) == tainted


def test_stolen_ticks_are_counted_since_last_asked(tmp_path: Path) -> None:
    guest = {"proc/cpuinfo": "flags : fpu hypervisor"}
    plant(tmp_path, {**guest, "proc/stat": "cpu  1 2 3 4 5 6 7 10 0 0"})
    stolen = stolen_ticks(tmp_path)
    assert stolen() == 0
    (tmp_path / "proc/stat").write_text("cpu  1 2 3 4 5 6 7 13 0 0")
    assert [stolen(), stolen()] == [3, 0]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/cpuinfo": "flags : fpu", "proc/stat": "cpu 1 2 3 4 5 6 7 8"},
        {"proc/cpuinfo": "flags : fpu hypervisor"},
        {"proc/cpuinfo": "flags : fpu hypervisor", "proc/stat": "cpu 1 2 x"},
    ],
)
def test_where_nothing_is_stolen_or_said_there_are_no_ticks(tmp_path: Path, files: dict[str, str]) -> None:
    stolen = stolen_ticks(plant(tmp_path, files))
    assert stolen() == stolen() == 0
