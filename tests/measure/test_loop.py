import gc
import itertools
from collections.abc import Iterable

import pytest
import torch

from benchsuite.backend import Session
from benchsuite.backends.fake import FakeBackend, FakeClock, Script
from benchsuite.measure import loop
from benchsuite.measure.clock import Clock
from benchsuite.measure.loop import Effort, Taken, inner_loop, measurements, take
from benchsuite.workload import Transfer
from tests.series import steady

LONG, SHORT = 0.010, 0.0003


def taken(effort: Effort, *scripts: Script, queued: bool = False) -> tuple[Taken, Session]:
    time = FakeClock()
    session = FakeBackend(time, scripts, queued).prepare(Transfer((torch.zeros(1),)), "fp32", 1)
    return take(session, effort, Clock(time.read, time.read, lambda: 0, lambda: 0)), session


def metrics(effort: Effort, *scripts: Script, queued: bool = False) -> dict[str, tuple[float, ...]]:
    return {m.metric: m.samples for m in measurements(*taken(effort, *scripts, queued=queued))}


@pytest.mark.parametrize(
    ("seconds", "iterations"), [(2**-20, 2098), (0.0003, 7), (0.001, 2), (0.002, 1), (5.0, 1), (0.0, 1000)]
)
def test_the_inner_loop_fills_two_milliseconds(seconds: float, iterations: int) -> None:
    assert inner_loop(seconds) == iterations


def test_iterations_are_sized_by_the_end_of_the_warm_up() -> None:
    settling = Script((LONG,) * 20 + (SHORT,) * 100_000)
    found, _ = taken(Effort(0.5), settling)
    assert found.iterations == 7
    assert found.warm_up.steady


def test_frozen_iterations_are_kept() -> None:
    found, _ = taken(Effort(0.1, iterations=3), Script((SHORT,)))
    assert found.iterations == 3
    assert all(m.iterations == 3 for m in measurements(*taken(Effort(0.1, iterations=3), Script((SHORT,)))))


def test_sampling_takes_the_time_it_was_given() -> None:
    found, _ = taken(Effort(1.0), Script((SHORT,)))
    spent = sum(s.wall * found.iterations for s in (*found.latency, *found.throughput))
    assert spent == pytest.approx(1.0, abs=2 * found.iterations * SHORT)


def test_warm_up_ends_by_time_where_nothing_settles() -> None:
    growing = Script(tuple(0.001 * 1.1**i for i in range(60)))
    found, _ = taken(Effort(1.0), growing)
    assert not found.warm_up.steady
    assert 0.6 <= sum(found.warm_up.samples) < 1.0


def test_latency_and_throughput_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    for kind in ("latency", "throughput"):
        plain = getattr(loop, kind)
        monkeypatch.setattr(loop, kind, lambda *a, kind=kind, plain=plain: (order.append(kind), plain(*a))[1])
    found, _ = taken(Effort(0.1), Script((SHORT,)))
    order = order[len(found.warm_up.samples) :]
    assert order == ["latency", "throughput"] * len(found.latency)
    assert len(found.latency) == len(found.throughput) > 3


def test_one_series_stands_for_both_where_they_are_the_same() -> None:
    found, session = taken(Effort(0.5), Script((LONG,)))
    assert found.shared
    latency, throughput = measurements(found, session)
    assert (latency.metric, throughput.metric) == ("time/latency", "time/throughput")
    assert latency.samples == throughput.samples
    assert len(latency.samples) == 50


@pytest.mark.parametrize(("seconds", "queued"), [(SHORT, False), (LONG, True)])
def test_two_series_where_they_may_differ(seconds: float, queued: bool) -> None:
    found, _ = taken(Effort(0.1), Script((seconds,)), queued=queued)
    assert not found.shared
    assert found.latency is not found.throughput


def test_a_device_adds_its_own_time() -> None:
    found = metrics(Effort(0.1), Script((LONG,)), queued=True)
    assert list(found) == ["time/latency", "time/throughput", "time/device"]
    assert set(found["time/device"]) == {LONG}


def test_phases_add_their_metrics_per_unit() -> None:
    found = metrics(Effort(0.5), Script((0.004,), 1, "time/prefill"), Script((0.030,), 10, "time/per_token"))
    assert set(found["time/prefill"]) == {0.004}
    assert set(found["time/per_token"]) == {0.003}
    assert set(found["time/latency"]) == {0.034}


def test_a_single_phase_is_the_whole() -> None:
    assert "time/prefill" not in metrics(Effort(0.1), Script((LONG,), 1, "time/prefill"))


def test_slow_iterations_give_the_least_number_of_samples() -> None:
    found, _ = taken(Effort(0.5, least_samples=3), Script((60.0,)))
    assert len(found.latency) == 3
    assert len(found.warm_up.samples) == 1
    assert not found.warm_up.judged


def test_a_thousand_samples_are_enough() -> None:
    found, _ = taken(Effort(1e4), Script((LONG,)))
    assert len(found.latency) == 1000


def collecting(seconds: Iterable[float]) -> tuple[Session, FakeClock, list[bool]]:
    """A session that notes at each run whether the collector may run."""
    time, seen = FakeClock(), []
    session = FakeBackend(time).prepare(Transfer((torch.zeros(1),)), "fp32", 1)
    script = itertools.cycle(seconds)

    def run() -> None:
        seen.append(gc.isenabled())
        time.advance(next(script))

    object.__setattr__(session.phases[0], "run", run)
    return session, time, seen


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_rests_while_timing_and_is_left_as_it_was(enabled: bool) -> None:
    session, time, seen = collecting(steady(50, level=LONG))
    try:
        (gc.enable if enabled else gc.disable)()
        take(session, Effort(0.1), Clock(time.read, time.read, lambda: 0, lambda: 0))
        assert gc.isenabled() is enabled
    finally:
        gc.enable()
    assert not any(seen)


def test_the_collector_comes_back_after_an_error() -> None:
    def fail() -> float:
        raise RuntimeError

    session, time, _ = collecting(iter(fail, None))
    with pytest.raises(RuntimeError):
        take(session, Effort(0.1), Clock(time.read, time.read, lambda: 0, lambda: 0))
    assert gc.isenabled()


def test_where_asked_for_samples_know_when_they_were_taken() -> None:
    found, session = taken(Effort(0.1), Script((LONG,)), queued=True)
    assert all(m.at == () for m in measurements(found, session))
    began = found.latency[0].start
    latency, throughput, device = measurements(found, session, began)
    # Latency and throughput take turns, a sample of 10 ms each.
    assert latency.at[:3] == pytest.approx((0.0, 2 * LONG, 4 * LONG))
    assert throughput.at[:2] == device.at[:2] == pytest.approx((LONG, 3 * LONG))
    assert len(latency.at) == len(latency.samples)


def test_tainted_samples_are_kept_and_marked() -> None:
    time, switches = FakeClock(), itertools.cycle([0, 0, 0, 1])
    session = FakeBackend(time, (Script((LONG,)),)).prepare(Transfer((torch.zeros(1),)), "fp32", 1)
    found = take(session, Effort(0.1), Clock(time.read, time.read, lambda: 0, lambda: next(switches)))
    latency, _ = measurements(found, session)
    marked = [i for i, sample in enumerate(found.latency) if sample.stolen]
    assert marked
    assert latency.tainted == tuple(marked)
    assert len(latency.samples) == len(found.latency)


def test_one_thread_that_did_not_compute_taints_its_sample() -> None:
    time = FakeClock()
    session = FakeBackend(time, (Script((LONG,)),)).prepare(Transfer((torch.zeros(1),)), "fp32", 1)
    found = take(session, Effort(0.1), Clock(time.read, lambda: time.read() // 2, lambda: 0, lambda: 0))
    assert measurements(found, session)[0].tainted == ()
    latency, _ = measurements(found, session, one_thread=True)
    assert len(latency.tainted) == len(latency.samples)
