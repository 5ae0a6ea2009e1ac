"""What the parent watches while workers measure, and what the machine draws while none does."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchsuite.measure.energy import idle_watts, meters
from benchsuite.measure.joining import clock_of, join
from benchsuite.measure.telemetry import Source, Watch, accelerator, processors
from benchsuite.nvml import Nvml, open_nvml
from benchsuite.procfs import ROOT
from benchsuite.records import Record

# Fewer jobs say too little of what clock a device keeps in this run.
_FEWEST_CLOCKS = 3


class Telemetry:
    """The watch over a whole run. `nominal_hertz` is what the processors are promised to keep."""

    def __init__(
        self,
        nominal_hertz: float | None = None,
        nvml: Nvml | None = None,
        root: Path = ROOT,
        idle: Callable[..., dict[str, float]] = idle_watts,
    ) -> None:
        self._nominal, self._root, self._idle = nominal_hertz, root, idle
        self._nvml = nvml
        self._device: Any = next(iter(nvml.devices()), None) if nvml is not None else None
        self._clocks: list[float] = []

    @classmethod
    def of_this_machine(cls, nominal_hertz: float | None) -> Telemetry:
        """With the driver's library, where there is one."""
        return cls(nominal_hertz, open_nvml())

    def idle(self, devices: Sequence[str]) -> dict[str, float]:
        """Power by metric while nothing of ours runs, of the counters that jobs on `devices` need."""
        found = meters(self._nvml, any(device != "cpu" for device in devices), self._root)
        return self._idle(found.meters) if found.meters else {}

    def watch(self, device: str, threads: int) -> Watch:
        """To be entered before the worker starts."""
        return Watch(self._source(device, threads))

    def join(self, record: Record, device: str, watch: Watch) -> Record:
        """The record with what was seen while it was measured."""
        expected = self._nominal if device == "cpu" else self._usual_clock()
        joined = join(record, watch.readings, expected)
        if device != "cpu" and (clock := clock_of(joined)) is not None:
            self._clocks.append(clock)
        return joined

    def _source(self, device: str, threads: int) -> Source | None:
        if device == "cpu":
            return processors(threads, self._root)
        if device == "cuda" and self._nvml is not None and self._device is not None:
            return accelerator(self._nvml, self._device)
        return None

    def _usual_clock(self) -> float | None:
        """The median over the jobs so far: there is no one clock that an accelerator under any load should have."""
        return statistics.median(self._clocks) if len(self._clocks) >= _FEWEST_CLOCKS else None
