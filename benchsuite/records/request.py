"""What the parent asks of a worker, and what it says back about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchsuite.records.job import Job


@dataclass(frozen=True)
class Request:
    """One task for one forked worker: measure a job, look for devices (`probe`), or measure ourselves (`overhead`)."""

    task: Literal["job", "probe", "overhead"]
    job: Job | None = None
    round: int = 0
    seed: int = 0
    sample_seconds: float = 0.5
    least_samples: int = 3
    iterations: int | None = None
    memory_bytes: int | None = None
