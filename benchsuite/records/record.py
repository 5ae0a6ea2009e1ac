"""A record: all that is stored of one job in one round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchsuite.records.job import Job
from benchsuite.records.measurement import Measurement
from benchsuite.records.validity import Validity
from benchsuite.records.work import Work

Status = Literal["ok", "wrong", "failed", "skipped"]


@dataclass(frozen=True)
class Check:
    """One comparison with the reference: relative error, its tolerance, and the reference's own precision."""

    when: str
    what: str
    error: float
    tolerance: float
    reference: str
    passed: bool


@dataclass(frozen=True)
class Record:
    """A job's outcome in one round. `status` other than ok always carries a `reason`."""

    job: Job
    round: int
    status: Status
    reason: str = ""
    started: float = 0.0
    seed: int = 0
    definition: str = ""
    work: Work | None = None
    measurements: tuple[Measurement, ...] = ()
    checks: tuple[Check, ...] = ()
    validity: tuple[Validity, ...] = ()
    counters: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    log: str = ""

    def measurement(self, metric: str) -> Measurement | None:
        """The samples of `metric`, or None where it was not measured."""
        return next((m for m in self.measurements if m.metric == metric), None)
