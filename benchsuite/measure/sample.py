"""One sample: an inner loop of iterations between two readings of the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

from benchsuite.backend import Session
from benchsuite.measure.clock import Clock

LARGEST_GAP = 0.02
"""Of a sample's wall time, how much one computing thread may have been without a processor."""


@dataclass(frozen=True)
class Sample:
    """Seconds per iteration by wall and by process CPU, each phase's seconds, device seconds, switches of the whole.

    `start` is nanoseconds of the wall clock; `stolen` counts ticks since the sample before.
    """

    wall: float
    cpu: float
    involuntary: int
    phases: tuple[float, ...] = ()
    device: float | None = None
    start: int = 0
    stolen: int = 0


def latency(session: Session, iterations: int, clock: Clock) -> Sample:
    """Iterations that are each waited for."""
    if len(session.phases) > 1:
        return _by_phase(session, iterations, clock)
    run, wait = session.phases[0].run, session.synchronize
    switches, cpu, start = clock.involuntary(), clock.cpu(), clock.wall()
    if wait is None:
        for _ in repeat(None, iterations):
            run()
    else:
        for _ in repeat(None, iterations):
            run()
            wait()
    end, cpu_end, switches_end = clock.wall(), clock.cpu(), clock.involuntary()
    return Sample(
        (end - start) / 1e9 / iterations,
        (cpu_end - cpu) / 1e9 / iterations,
        switches_end - switches,
        start=start,
        stolen=clock.stolen(),
    )


def _by_phase(session: Session, iterations: int, clock: Clock) -> Sample:
    wait = session.synchronize
    spent = [0] * len(session.phases)
    switches, cpu, start = clock.involuntary(), clock.cpu(), clock.wall()
    for _ in repeat(None, iterations):
        begin = clock.wall()
        for i, phase in enumerate(session.phases):
            phase.run()
            if wait is not None:
                wait()
            now = clock.wall()
            spent[i] += now - begin
            begin = now
    end, cpu_end, switches_end = clock.wall(), clock.cpu(), clock.involuntary()
    return Sample(
        (end - start) / 1e9 / iterations,
        (cpu_end - cpu) / 1e9 / iterations,
        switches_end - switches,
        phases=tuple(ns / 1e9 / iterations / phase.units for ns, phase in zip(spent, session.phases, strict=True)),
        start=start,
        stolen=clock.stolen(),
    )


def throughput(session: Session, iterations: int, clock: Clock) -> Sample:
    """Iterations back to back, waited for once; with the device's own time where it keeps one."""
    runs, wait, timer = [phase.run for phase in session.phases], session.synchronize, session.device_timer
    switches, cpu, start = clock.involuntary(), clock.cpu(), clock.wall()
    if timer is not None:
        timer.start()
    for _ in repeat(None, iterations):
        for run in runs:
            run()
    if timer is not None:
        timer.stop()
    if wait is not None:
        wait()
    end, cpu_end, switches_end = clock.wall(), clock.cpu(), clock.involuntary()
    return Sample(
        (end - start) / 1e9 / iterations,
        (cpu_end - cpu) / 1e9 / iterations,
        switches_end - switches,
        device=timer.seconds() / iterations if timer is not None else None,
        start=start,
        stolen=clock.stolen(),
    )


def is_tainted(sample: Sample, *, one_thread: bool) -> bool:
    """Whether something else touched it, as far as counters tell; how long it took is never asked.

    The scheduler took a processor away, the hypervisor took a tick, or of a sample that is the work of `one_thread`
    some of the time was not spent on it.
    """
    gap = sample.wall - sample.cpu > LARGEST_GAP * sample.wall
    return sample.involuntary > 0 or sample.stolen > 0 or (one_thread and gap)
