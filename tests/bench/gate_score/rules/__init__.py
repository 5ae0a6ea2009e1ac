"""Decision rules, a file a family. Each takes data as its tool would collect them, and makes a call."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Outcome = Literal["slower", "faster", "same", "unclear", "ungateable"]
NONE = float("-inf")


@dataclass(frozen=True)
class Call:
    """What a rule says: where it gives them, its 95 % interval of the ratio and the smallest change it could have seen.

    `used` is the number of pairs that a rule took which decides for itself how many it wants. `evidence` is how much
    speaks for slower on the scale of the rule's own main threshold (or of another that rises with it), so that the
    threshold can be put where it gives another rate of false alarms; with none at all it is minus infinity.
    """

    outcome: Outcome
    low: float | None = None
    high: float | None = None
    smallest: float | None = None
    used: int | None = None
    evidence: float = NONE


Rule = Callable[[Array, Array], Call]


def improbable(p: float, change: float) -> float:
    """Evidence of a test with this two-sided p-value: its decimal digits, negative for a change to the better."""
    return math.copysign(-math.log10(max(p, 1e-300)), change)


def signed(worse: bool, change: float) -> Outcome:
    """A change in either direction, if the rule says there is one."""
    if not worse or change == 0:
        return "same"
    return "slower" if change > 0 else "faster"
