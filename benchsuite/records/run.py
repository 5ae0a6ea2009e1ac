"""A run: one invocation, the header line of its file."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.records.environment import Environment

SCHEMA = "1.0"
PROTOCOL = 1


@dataclass(frozen=True)
class Settings:
    """What the user asked for; enough to ask for it again.

    No job starts after `budget_seconds`, and no round beyond the least after `extra_seconds`.
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
    """Schema and protocol versions, settings, and where it ran."""

    schema: str
    protocol: int
    version: str
    started: float
    settings: Settings
    environment: Environment
