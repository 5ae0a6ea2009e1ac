"""Metrics and their raw samples, in order and in base units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """A quantity, its base unit, its better direction, and the version of its timing boundary."""

    name: str
    unit: str
    better: Literal["lower", "higher"]
    protocol: int
    meaning: str


METRICS = {
    metric.name: metric
    for metric in (
        Metric("time/latency", "s", "lower", 1, "one iteration, synchronised after each"),
        Metric("time/throughput", "s", "lower", 1, "one iteration of several back to back, synchronised once"),
        Metric("time/device", "s", "lower", 1, "one iteration back to back, between events on the device"),
        Metric("time/prefill", "s", "lower", 1, "the prompt to the first new token"),
        Metric("time/per_token", "s", "lower", 1, "one token after the first"),
        Metric("time/cold_python", "s", "lower", 1, "starting a Python process, to its first statement"),
        Metric("time/cold_import", "s", "lower", 1, "importing torch and the model's files in that process"),
        Metric("time/cold_build", "s", "lower", 1, "building the network there, without weights"),
        Metric("time/cold_load", "s", "lower", 1, "giving it the weights of a file, ready to run"),
        Metric("time/cold_first", "s", "lower", 1, "the prompt to the first token, in that process"),
        Metric("time/import", "s", "lower", 1, "importing the modules the job needs, in the fresh interpreter"),
        Metric("time/build", "s", "lower", 1, "case to program: network, weights and input"),
        Metric("time/prepare", "s", "lower", 1, "program to session: export, compile, load, first compiled call"),
        Metric("time/first", "s", "lower", 1, "the first iteration after preparing"),
        Metric("memory/host_peak", "B", "lower", 1, "resident memory at its highest while timing"),
        Metric("memory/device_peak", "B", "lower", 1, "allocated device memory at its highest while timing"),
        Metric("energy/host", "J", "lower", 1, "one iteration back to back, of packages and memory, less what is idle"),
        Metric("energy/device", "J", "lower", 1, "one iteration back to back, of the accelerator, less what is idle"),
    )
}


@dataclass(frozen=True)
class Measurement:
    """Raw samples of one metric in one round; `cpu` is process CPU time per iteration beside each sample.

    Of accelerators `at` is when each sample began, in seconds since measuring did. `tainted` are the samples, by
    number, that something else touched as far as counters tell.
    """

    metric: str
    unit: str
    better: str
    protocol: int
    samples: tuple[float, ...]
    iterations: int = 1
    cpu: tuple[float, ...] = ()
    involuntary: tuple[int, ...] = ()
    at: tuple[float, ...] = ()
    tainted: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        metric: str,
        samples: tuple[float, ...],
        iterations: int = 1,
        cpu: tuple[float, ...] = (),
        involuntary: tuple[int, ...] = (),
        at: tuple[float, ...] = (),
        tainted: tuple[int, ...] = (),
    ) -> Measurement:
        """A measurement of a known metric, with that metric's unit, direction and protocol."""
        known = METRICS[metric]
        return cls(metric, known.unit, known.better, known.protocol, samples, iterations, cpu, involuntary, at, tainted)
