import pytest
import torch

from benchsuite.backend import Session
from benchsuite.backends.fake import FakeBackend, FakeClock, Script
from benchsuite.measure.clock import Clock, resolution
from benchsuite.measure.sample import Sample, latency, throughput
from benchsuite.workload import Transfer


def timed(*scripts: Script, queued: bool = False) -> tuple[Session, Clock]:
    """A session by script, and a clock that also counts two switches at every reading."""
    time = FakeClock()
    switches = iter(range(0, 10**6, 2))
    clock = Clock(wall=time.read, cpu=lambda: time.read() // 2, involuntary=lambda: next(switches))
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
