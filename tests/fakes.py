"""Synthetic records and runs: what a machine might have stored, worked out without measuring."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchsuite.records import (
    PROTOCOL,
    SCHEMA,
    Accelerator,
    Case,
    Check,
    Cpu,
    Environment,
    Job,
    Measurement,
    Record,
    Run,
    Settings,
    Validity,
    Work,
)
from benchsuite.store import Stored

CONTENDED = Validity("contended", 0.12, 0.05, "close other programs")


def job(
    workload: str = "embedding", backend: str = "torch-eager-cpu", precision: str = "fp32", **axes: int | str
) -> Job:
    """A job with two threads."""
    return Job(Case(workload, axes), backend, precision, 2)


def series(center: float, spread: float, round: int, count: int = 5) -> tuple[float, ...]:
    """Samples whose median is `center` times an effect of the round, the same on every call; one is an outlier."""
    effect = math.exp(spread * math.sin(7.0 * round + 1.0))
    return (*(center * effect * (1 + 0.001 * (i - count // 2)) for i in range(count - 1)), center * effect * 3)


def ok(job: Job, work: Work | None, times: Mapping[str, float], round: int = 0, **fields: Any) -> Record:
    """A good record of `times`, a value for each metric."""
    spread = 0.01
    measurements = tuple(Measurement.of(metric, series(value, spread, round)) for metric, value in times.items())
    checks = (Check("after", "output", 1e-6 * (1 + round), 1e-4, "fp64", passed=True),)
    return Record(job, round, "ok", work=work, measurements=measurements, checks=checks, **fields)


def rounds(job: Job, work: Work | None, times: Mapping[str, float], count: int = 5, **fields: Any) -> list[Record]:
    """The good records of `count` rounds."""
    return [ok(job, work, times, r, **fields) for r in range(count)]


def stored(records: Iterable[Record], environment: Environment | None = None, name: str = "run.jsonl") -> Stored:
    """A run as it is read back from a file."""
    settings = Settings(preset="quick", threads=2, min_rounds=3, max_rounds=5)
    run = Run(SCHEMA, PROTOCOL, "0.1.0", 1_760_000_000.0, settings, environment or laptop())
    return Stored(Path(name), run, tuple(records))


def laptop() -> Environment:
    """Two cores and no accelerator."""
    cpu = Cpu("Example CPU 2000", "x86_64", 2, 4, 4)
    return Environment("laptop", "Linux", "6.1.0", "3.11.9", cpu, 8 * 2**30, packages={"torch": "2.11.0"})


def server() -> Environment:
    """Many cores and one accelerator."""
    cpu = Cpu("Example CPU 9000", "x86_64", 48, 96, 16, quota_cores=16.0, virtualization="kvm")
    gpu = Accelerator("cuda", "Example H100 80GB HBM3", 80 * 2**30, driver="570.1", power_limit_watts=700.0)
    packages = {"torch": "2.11.0", "onnxruntime-gpu": "1.22.0"}
    return Environment("server", "Linux", "6.8.0", "3.11.9", cpu, 128 * 2**30, accelerators=(gpu,), packages=packages)
