"""A run: one invocation, the header line of its file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchsuite.records.environment import Environment
from benchsuite.records.record import Record

SCHEMA = "1.0"
PROTOCOL = 1


@dataclass(frozen=True)
class Settings:
    """What the user asked for; enough to ask for it again.

    The run ends at `budget_seconds`, which stand in for `extra_seconds`, after which no round beyond the least begins.
    """

    patterns: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ("fp32",)
    preset: str = "quick"
    threads: int = 1
    min_rounds: int = 1
    max_rounds: int = 1
    target_width: float = 0.02
    sample_seconds: float = 0.5
    least_samples: int = 3
    budget_seconds: float | None = None
    extra_seconds: float | None = None
    corpus: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class Run:
    """Schema and protocol versions, settings, where it ran, and the ids of the `jobs` that it set out to measure."""

    schema: str
    protocol: int
    version: str
    started: float
    settings: Settings
    environment: Environment
    jobs: tuple[str, ...] = ()

    def unreached(self, records: Iterable[Record]) -> tuple[str, ...]:
        """The ids of those jobs that none of `records` is of: time was up, or the run ended, before their turn."""
        reached = {record.job.id for record in records}
        return tuple(job for job in self.jobs if job not in reached)
