"""Work: what one iteration does, counted by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """Items of one iteration in the workload's own unit, its floating-point operations, and the bytes it must move."""

    items: float
    unit: str
    flops: float = 0.0
    bytes: float = 0.0
