"""A job: what the parent asks of one worker."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.records.case import Case

PRECISIONS = ("fp32", "tf32", "bf16", "fp16", "int8")


@dataclass(frozen=True)
class Job:
    """A case on a backend in a precision with a number of CPU threads."""

    case: Case
    backend: str
    precision: str
    threads: int

    @property
    def id(self) -> str:
        """What joins results: `embedding/batch=8@torch-eager-cpu/fp32/t2`."""
        return f"{self.case.id}@{self.backend}/{self.precision}/t{self.threads}"
