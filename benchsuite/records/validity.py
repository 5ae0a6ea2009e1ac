"""Validity codes: what may be wrong with a number, with the value, the limit and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Validity:
    """One doubt about a record."""

    code: str
    value: float
    limit: float
    advice: str
