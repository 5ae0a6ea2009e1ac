"""A finding: a claim that people make, and what this machine says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchsuite.analysis.estimate import Estimate

Answer = Literal["supported", "not supported", "cannot tell"]


@dataclass(frozen=True)
class Number:
    """One figure of the evidence. `unit` is a base unit (`s`, `B`, `J`, `tokens`), or `1` for ratios and exponents."""

    what: str
    value: Estimate
    unit: str = "1"


@dataclass(frozen=True)
class Finding:
    """What a run says of one claim.

    `reason` is a sentence without figures: why the answer is what it is, or what would have to be measured. `jobs` are
    the ids of the evidence.
    """

    name: str
    claim: str
    answer: Answer
    reason: str
    numbers: tuple[Number, ...] = ()
    jobs: tuple[str, ...] = ()
