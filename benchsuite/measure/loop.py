"""The samples of one round: warm up, size the inner loop, then alternate latency and throughput samples."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchsuite.backend import Session
from benchsuite.measure.clock import Clock
from benchsuite.measure.sample import Sample, is_tainted, latency, throughput
from benchsuite.measure.warmup import WarmUp, warm_up
from benchsuite.records import Measurement

SAMPLE_SECONDS = 0.002
_WARM_UP_SHARE = 0.6
_MOST_SAMPLES = 1000


@dataclass(frozen=True)
class Effort:
    """How much to measure: seconds of sampling, samples at least, and a frozen inner loop if an earlier round chose."""

    seconds: float
    least_samples: int = 3
    iterations: int | None = None


@dataclass(frozen=True)
class Taken:
    """All samples of a round, in order."""

    iterations: int
    latency: tuple[Sample, ...]
    throughput: tuple[Sample, ...]
    warm_up: WarmUp
    shared: bool


def take(session: Session, effort: Effort, clock: Clock) -> Taken:
    """Warm up, then sample for `effort.seconds`.

    Where a session is done when a phase returns and one iteration fills a sample, back to back and one by one are the
    same thing: one series is taken and stands for both. Where one iteration outlasts the warm-up it counts as a sample:
    verification came before, so that it is not the first.
    """
    iterations = 1
    warm_samples: list[Sample] = []

    def warm() -> float:
        nonlocal iterations
        warm_samples.append(latency(session, iterations, clock))
        iterations = effort.iterations or inner_loop(warm_samples[-1].wall)
        return warm_samples[-1].wall

    with no_collection():
        warmed = warm_up(warm, lambda: clock.wall() / 1e9, max(0.05, _WARM_UP_SHARE * effort.seconds))
        iterations = effort.iterations or inner_loop(min(warmed.samples[-5:]))
        shared = session.synchronize is None and iterations == 1
        kinds = [latency] if shared else [latency, throughput]
        counted = warm_samples if shared and len(warm_samples) == 1 else []
        series = _alternate(session, iterations, kinds, effort, clock, counted)
    return Taken(iterations, series[0], series[-1], warmed, shared)


def inner_loop(seconds: float) -> int:
    """Iterations that fill a sample of 2 ms."""
    return max(1, math.ceil(SAMPLE_SECONDS / seconds)) if seconds > 0 else 1000


def _alternate(
    session: Session,
    iterations: int,
    kinds: Sequence[Callable[[Session, int, Clock], Sample]],
    effort: Effort,
    clock: Clock,
    counted: Sequence[Sample],
) -> list[tuple[Sample, ...]]:
    series: list[list[Sample]] = [list(counted) for _ in kinds]
    end = clock.wall() + int(effort.seconds * 1e9)
    while len(series[0]) < effort.least_samples or (clock.wall() < end and len(series[0]) < _MOST_SAMPLES):
        for kind, samples in zip(kinds, series, strict=True):
            samples.append(kind(session, iterations, clock))
    return [tuple(samples) for samples in series]


@contextmanager
def no_collection() -> Iterator[None]:
    """Python's collector runs before, not while."""
    gc.collect()
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def measurements(
    taken: Taken, session: Session, began: int | None = None, *, one_thread: bool = False
) -> tuple[Measurement, ...]:
    """The round's samples by metric, of the series that were taken.

    With `began`, nanoseconds of the clock, they also hold when each sample was taken. `one_thread` says that a thread
    of ours does all the work, and computes whenever it can.
    """
    series = (("time/latency", taken.latency), ("time/throughput", taken.throughput))
    metrics = [_measurement(metric, s, taken.iterations, began, one_thread) for metric, s in series if s]
    if session.device_timer is not None:
        timed = tuple(s for s in taken.throughput if s.device is not None)
        seconds = tuple(s.device for s in timed if s.device is not None)
        metrics.append(Measurement.of("time/device", seconds, taken.iterations, at=_times(timed, began)))
    for i, phase in enumerate(session.phases):
        if phase.metric is not None and len(session.phases) > 1 and taken.latency:
            metrics.append(Measurement.of(phase.metric, tuple(s.phases[i] for s in taken.latency), taken.iterations))
    return tuple(metrics)


def _times(samples: Sequence[Sample], began: int | None) -> tuple[float, ...]:
    return () if began is None else tuple((s.start - began) / 1e9 for s in samples)


def _measurement(
    metric: str, samples: tuple[Sample, ...], iterations: int, began: int | None, one_thread: bool
) -> Measurement:
    return Measurement.of(
        metric,
        tuple(s.wall for s in samples),
        iterations,
        tuple(s.cpu for s in samples),
        tuple(s.involuntary for s in samples),
        _times(samples, began),
        tuple(i for i, s in enumerate(samples) if is_tainted(s, one_thread=one_thread)),
    )
