"""What the parent asks of a worker, and what it says back about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchsuite.records.environment import Environment
from benchsuite.records.job import Job
from benchsuite.records.run import Settings


@dataclass(frozen=True)
class Turn:
    """A worker's part in a duet: whether it leads, for how many seconds each side is sampled, and on which processor.

    Without `cpu` the system places it where it likes.
    """

    leads: bool
    seconds: float
    cpu: int | None = None


@dataclass(frozen=True)
class Request:
    """One task for one forked worker.

    Measure a job (in turn with a partner where `turn` is given), look for devices (`probe`), say which jobs of
    `settings` there are and where this is (`survey`), or measure ourselves (`overhead`). Energy is measured where
    `idle_watts` are given: what the machine draws idle, by metric.
    """

    task: Literal["job", "probe", "survey", "overhead"]
    job: Job | None = None
    round: int = 0
    seed: int = 0
    sample_seconds: float = 0.5
    least_samples: int = 3
    iterations: int | None = None
    memory_bytes: int | None = None
    turn: Turn | None = None
    settings: Settings | None = None
    idle_watts: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Found:
    """A job of a survey: what defines its workload, what it imports, its device, and the reason why it cannot run.

    The work of one that is `alone` is all done by the worker's own threads.
    """

    job: Job
    definition: str
    imports: tuple[str, ...] = ()
    device: str = "cpu"
    alone: bool = True
    reason: str | None = None


@dataclass(frozen=True)
class Survey:
    """An environment, the jobs it has, and what is amiss with each pattern that is not known there."""

    environment: Environment
    jobs: tuple[Found, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)
