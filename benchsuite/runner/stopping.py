"""When a job has been measured enough: by its interval, between a least and a most number of rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.analysis.estimate import relative_half_width


@dataclass(frozen=True)
class RelativeWidth:
    """Stop once the 95 % interval's half-width is within `target` of the estimate. It sees spread, never direction."""

    target: float
    least: int
    most: int

    def wants_more(self, medians: Sequence[float]) -> bool:
        """Whether one more round is wanted after rounds with these medians."""
        if len(medians) < self.least:
            return True
        return len(medians) < self.most and self.need(medians) > 1.0

    def need(self, medians: Sequence[float]) -> float:
        """How many times the target the half-width is; infinite where there is none yet."""
        width = relative_half_width(medians)
        return float("inf") if width is None else width / self.target
