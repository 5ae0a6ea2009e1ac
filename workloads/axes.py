"""Values of axes that a workload can make sense of."""

from __future__ import annotations

from benchsuite import Case
from benchsuite.errors import UsageError


def word(case: Case, axis: str, *known: str) -> str:
    """The word on `axis`, which is one of `known`. Raises UsageError where it is not."""
    value = case.choice(axis)
    if value not in known:
        choices = " or ".join(f"{axis}={choice}" for choice in known)
        raise UsageError(f"{axis}={value} is unknown: choose {choices}")
    return value


def is_fused(case: Case) -> bool:
    """Whether attention is the library's scaled_dot_product_attention, or else the plain formula. Raises UsageError."""
    return word(case, "implementation", "sdpa", "plain") == "sdpa"
