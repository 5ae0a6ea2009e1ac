"""Energy of iterations back to back, by the machine's own counters; where none can be read there is none.

A counter moves in steps, at moments of its own. A window therefore opens and closes at readings where the counter had
just moved (as Hähnel et al. 2012 do), which leaves an error of at most the time since the reading before, or of one
step of the counter, whichever is shorter, on either end. It is long enough where both ends together are at most 5 %.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from benchsuite import powercap
from benchsuite.backend import Session
from benchsuite.nvml import Nvml
from benchsuite.procfs import ROOT
from benchsuite.records import Measurement

HOST, DEVICE = "energy/host", "energy/device"
LARGEST_ERROR = 0.05
"""Of a window's length: what its two ends may be off by together."""

LONGEST_SECONDS = 5.0
IDLE_SECONDS = 0.5
_LEAST_SECONDS = 0.1
_FEWEST_STEPS = 5
_IDLE_STEP_SECONDS = 0.01
_DEVICE_STEP_SECONDS = 0.1


@dataclass(frozen=True)
class Meter:
    """A counter of joules that only grows. It moves at least every `step_seconds` while power is drawn."""

    metric: str
    joules: Callable[[], float | None]
    step_seconds: float


@dataclass(frozen=True)
class Spent:
    """What a counter grew by over a window, and how many iterations ran in it."""

    joules: float
    seconds: float
    iterations: int

    @property
    def watts(self) -> float:
        """Mean power over the window."""
        return self.joules / self.seconds


@dataclass(frozen=True)
class Meters:
    """The counters that can be read, and for each metric without one the reason."""

    meters: tuple[Meter, ...] = ()
    reasons: Mapping[str, str] | None = None


def meters(nvml: Nvml | None, on_device: bool, root: Path = ROOT) -> Meters:
    """Of the host, and where `on_device` of the accelerator that CUDA uses first."""
    found: list[Meter] = []
    reasons: dict[str, str] = {}
    refusal = powercap.refusal(root)
    if refusal is None:
        found.append(Meter(HOST, powercap.HostEnergy(root).joules, powercap.UPDATE_SECONDS))
    else:
        reasons[HOST] = refusal
    if on_device:
        device = _device(nvml)
        if isinstance(device, Meter):
            found.append(device)
        else:
            reasons[DEVICE] = device
    return Meters(tuple(found), reasons)


def _device(nvml: Nvml | None) -> Meter | str:
    """The counter of the first device, or why it cannot be used."""
    if nvml is None:
        return "no accelerator whose library (NVML) tells its energy"
    handle: Any = next(iter(nvml.devices()), None)
    if handle is None:
        return "the driver shows no accelerator to this process"
    mode = nvml("nvmlDeviceGetMigMode", handle)
    if mode is not None and mode[0]:
        return "the accelerator is divided (MIG), and its energy is only known of the whole"
    if nvml("nvmlDeviceGetTotalEnergyConsumption", handle) is None:
        return "the driver keeps no energy counter of this accelerator"

    def joules() -> float | None:
        millijoules = nvml("nvmlDeviceGetTotalEnergyConsumption", handle)
        return None if millijoules is None else millijoules * 1e-3

    return Meter(DEVICE, joules, _DEVICE_STEP_SECONDS)


class _Track:
    """One counter over a window that may still grow; its ends are (time, joules, iterations, error in seconds)."""

    def __init__(self, meter: Meter, now: float) -> None:
        self.meter = meter
        self._last = meter.joules()
        self._seen = now
        start = (now, self._last or 0.0, 0, meter.step_seconds)
        self._first, self._end, self._steps = start, start, 0
        self.lost = self._last is None

    def see(self, now: float, iterations: int) -> None:
        value = self.meter.joules()
        if value is None:
            self.lost = True
        elif value != self._last:
            end = (now, value, iterations, min(self.meter.step_seconds, now - self._seen))
            if self._steps == 0 and end[3] < self._first[3]:
                self._first = end  # the first reading was of a counter that had moved nobody knows when
            self._end, self._last, self._steps = end, value, self._steps + 1
        self._seen = now

    @property
    def error(self) -> float:
        seconds = self._end[0] - self._first[0]
        # A counter of longer steps than its readings are apart is trusted once several were seen.
        few = self._first[3] < self.meter.step_seconds and self._steps <= _FEWEST_STEPS
        return float("inf") if seconds <= 0 or few else (self._first[3] + self._end[3]) / seconds

    def enough(self, least_seconds: float) -> bool:
        return self.lost or (self.error <= LARGEST_ERROR and self._end[0] - self._first[0] >= least_seconds)

    def spent(self) -> Spent | str:
        if self.lost:
            return "the counter could no longer be read while it was needed"
        if self.error > LARGEST_ERROR:
            return (
                f"{LONGEST_SECONDS:g} s are too short for this counter: they would be off by over {LARGEST_ERROR:.0%}"
            )
        first, end = self._first, self._end
        return Spent(end[1] - first[1], end[0] - first[0], end[2] - first[2])


def window(
    meters: Sequence[Meter],
    work: Callable[[], int],
    now: Callable[[], float],
    least_seconds: float = _LEAST_SECONDS,
    longest_seconds: float = LONGEST_SECONDS,
) -> dict[str, Spent | str]:
    """Repeat `work`, which returns its iterations, until each counter's window is long enough; or why it is not."""
    start = now()
    tracks = [_Track(meter, start) for meter in meters]
    iterations = 0
    while not all(track.enough(least_seconds) for track in tracks) and now() - start < longest_seconds:
        iterations += work()
        for track in tracks:
            if not track.enough(least_seconds):
                track.see(now(), iterations)
    return {track.meter.metric: track.spent() for track in tracks}


def idle_watts(
    meters: Sequence[Meter],
    now: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
    least_seconds: float = IDLE_SECONDS,
) -> dict[str, float]:
    """Power by metric while this process sleeps: what a machine draws that does nothing for us."""

    def wait() -> int:
        sleep(_IDLE_STEP_SECONDS)
        return 0

    found = window(meters, wait, now, least_seconds)
    return {metric: spent.watts for metric, spent in found.items() if isinstance(spent, Spent)}


@dataclass(frozen=True)
class Energy:
    """Joules an iteration, the powers they come from, and why a metric is absent."""

    measurements: tuple[Measurement, ...] = ()
    counters: Mapping[str, float] | None = None
    notes: Mapping[str, str] | None = None


def energy(
    session: Session, iterations: int, known: Meters, idle: Mapping[str, float], now: Callable[[], float]
) -> Energy:
    """Joules an iteration, of `iterations` between readings of the counters, less what the `idle` watts come to."""
    runs, wait = [phase.run for phase in session.phases], session.synchronize

    def work() -> int:
        for _ in repeat(None, iterations):
            for run in runs:
                run()
        if wait is not None:
            wait()
        return iterations

    measurements: list[Measurement] = []
    counters: dict[str, float] = {}
    notes = dict(known.reasons or {})
    for metric, spent in window(known.meters, work, now).items() if known.meters else ():
        if metric not in idle:
            notes[metric] = "what the machine draws idle could not be measured"
        elif isinstance(spent, str):
            notes[metric] = spent
        else:
            counters |= _powers(metric, spent, idle[metric])
            if spent.watts > idle[metric]:
                joules = (spent.watts - idle[metric]) * spent.seconds / spent.iterations
                measurements.append(Measurement.of(metric, (joules,), spent.iterations))
            else:
                notes[metric] = f"it drew {spent.watts:.3g} W, no more than idle ({idle[metric]:.3g} W)"
    return Energy(tuple(measurements), counters, notes)


def _powers(metric: str, spent: Spent, idle: float) -> dict[str, float]:
    return {f"{metric}_watts": spent.watts, f"{metric}_idle_watts": idle, f"{metric}_seconds": spent.seconds}
