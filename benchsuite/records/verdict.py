"""A verdict: what a comparison says of one job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal[
    "faster", "slower", "same", "unclear", "ungateable", "incomparable", "added", "removed", "failed", "wrong"
]


@dataclass(frozen=True)
class Verdict:
    """A job on two sides, on one metric. `faster` is the better side of any metric, `slower` the worse.

    `ratio` is candidate over base with its 95 % interval `low` to `high`; `smallest` is the relative change (0.03 is
    3 %) that would have been seen four times in five. What is `ungateable` is too noisy here for any verdict. `added`
    and `removed` are on one side only, `failed` and `wrong` are what the candidate came to where the base was measured.
    `reason` says why where there is no ratio to go by.
    """

    job: str
    metric: str
    outcome: Outcome
    unit: str = ""
    base: float | None = None
    candidate: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    smallest: float | None = None
    base_rounds: int = 0
    candidate_rounds: int = 0
    reason: str = ""
