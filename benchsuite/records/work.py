"""Work: what one iteration does at least, counted by hand."""

from __future__ import annotations

from dataclasses import dataclass

_VALUE_BYTES = {"fp32": 4, "tf32": 4, "bf16": 2, "fp16": 2, "int8": 1}


@dataclass(frozen=True)
class Work:
    """Items of one iteration in the workload's own unit, floating-point operations, and what moves to or from memory.

    `values` move in the job's precision; `bytes` are of a size that no precision changes, such as ids. `launches` is
    how often something must be started that waits for what went before: once, or once a token.
    """

    items: float
    unit: str
    flops: float = 0.0
    bytes: float = 0.0
    values: float = 0.0
    launches: float = 1.0

    def moved(self, precision: str) -> float:
        """Bytes that move in `precision`."""
        return self.bytes + self.values * _VALUE_BYTES.get(precision, 4)
