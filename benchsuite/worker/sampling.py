"""What is measured of a session that is ready: samples, and beside them memory, counters and what may be wrong."""

from __future__ import annotations

import dataclasses
import time

from benchsuite.backend import Session
from benchsuite.catalog import workloads
from benchsuite.measure import memory
from benchsuite.measure.clock import Clock, resolution
from benchsuite.measure.counters import Counters, difference
from benchsuite.measure.doubts import doubts
from benchsuite.measure.energy import Energy, energy, meters
from benchsuite.measure.loop import Effort, Taken, measurements, take
from benchsuite.measure.shape import shape_doubts
from benchsuite.measure.turns import Partner, take_turns
from benchsuite.nvml import open_nvml
from benchsuite.probe import processors_usable
from benchsuite.records import Job, Measurement, Record, Request, Validity
from benchsuite.workload import HostTask


def sampled(record: Record, session: Session, device: str, request: Request, partner: Partner | None = None) -> Record:
    """The record with its samples, peaks, counters and doubts; in turn with `partner` where there is one."""
    clock = Clock()
    memory.forget_host_peak()
    memory.forget_device_peak(device)
    before, start = Counters.read(), clock.wall()
    if partner is None or request.turn is None:
        taken = take(session, Effort(request.sample_seconds, request.least_samples, request.iterations), clock)
    else:
        taken = take_turns(session, partner, request.turn, request.iterations, clock)
    wall = (clock.wall() - start) / 1e9
    counters = difference(before, Counters.read())
    one_thread = device == "cpu" and record.job.threads == 1 and _computes(record.job)
    found = measurements(taken, session, start if device != "cpu" else None, one_thread=one_thread)
    peaks = _peaks(device)
    spent = _energy(session, taken.iterations, device, request)
    return dataclasses.replace(
        record,
        measurements=(*record.measurements, *found, *peaks, *spent.measurements),
        counters={
            **counters,
            "measure/began_seconds": start / 1e9,
            "measure/wall_seconds": wall,
            "warm-up/samples": float(len(taken.warm_up.samples)),
            **(spent.counters or {}),
        },
        validity=(*_doubts(counters, wall, record.job, found, clock), *_not_steady(taken), *shape_doubts(found)),
        notes={**record.notes, **(spent.notes or {})},
    )


def _computes(job: Job) -> bool:
    """Whether all the work is the worker's own threads', which never wait for anything; of a callable nobody knows."""
    workload = workloads().get(job.case.workload)
    return workload is not None and not issubclass(workload.program, HostTask)


def _energy(session: Session, iterations: int, device: str, request: Request) -> Energy:
    """Joules, where the parent measured what the machine draws idle; after the samples, so that no time is touched."""
    if request.idle_watts is None:
        return Energy()
    known = meters(open_nvml() if device == "cuda" else None, device != "cpu")
    return energy(session, iterations, known, request.idle_watts, time.perf_counter)


def _peaks(device: str) -> tuple[Measurement, ...]:
    peaks = {"memory/host_peak": memory.host_peak(), "memory/device_peak": memory.device_peak(device)}
    return tuple(Measurement.of(metric, (value,)) for metric, value in peaks.items() if value is not None)


def _doubts(
    counters: dict[str, float], wall: float, job: Job, sampled: tuple[Measurement, ...], clock: Clock
) -> tuple[Validity, ...]:
    usable, step = processors_usable(), resolution(clock)
    return doubts(counters, wall, job.threads, usable, measurements=sampled, timer_seconds=step)


def _not_steady(taken: Taken) -> tuple[Validity, ...]:
    if taken.warm_up.steady or not taken.warm_up.judged:
        return ()
    advice = "times were still moving when warm-up ended: give it more time with a larger preset, or quiet the machine"
    return (Validity("not-steady", taken.warm_up.difference, 0.005, advice),)
