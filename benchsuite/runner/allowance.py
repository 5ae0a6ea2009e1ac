"""What time a run may still take: until its budget ends, and until rounds beyond the least do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Allowance:
    """Limits in seconds since `start`, by the clock `now`: `budget` of all of it, `extra` of rounds beyond the least.

    A budget is of one sitting. It is meant to be used, and so stands in for `extra`, which counts what was measured
    `before` in earlier sittings as well.
    """

    now: Callable[[], float]
    start: float
    budget: float | None = None
    extra: float | None = None
    before: float = 0.0

    def left(self, *, beyond: bool = False) -> float:
        """Seconds that there are, or that there are for rounds `beyond` the least; infinite where nothing limits."""
        spent = self.now() - self.start
        if self.budget is not None:
            return self.budget - spent
        return math.inf if self.extra is None or not beyond else self.extra - self.before - spent
