"""What a job should cost next, from what it cost before: caches are filled but once."""

from __future__ import annotations

from benchsuite.records import Record

WALL = "worker/wall_seconds"
"""The counter of what a job took by the parent's clock, from asking to answer."""

_CACHES = "onnx-cache", "compile-cache"
# Preparing from a filled cache took 0.06 to 0.26 of what filling it had taken, by backend and preset. A reference that
# is read again costs the hashing of weights and inputs, which took 0.4 to 0.65 of what making them took.
_PREPARED_AGAIN, _HASHED = 0.2, 0.5


def next_cost(record: Record) -> float | None:
    """Seconds that a further round of the job of `record` should take; None where its own were not stored."""
    counters = record.counters
    seconds = counters.get(WALL)
    if seconds is None:
        return None
    if "cold" in (record.notes.get(note) for note in _CACHES):
        seconds -= (1 - _PREPARED_AGAIN) * counters.get("stage/prepare", 0.0)
    computed = counters.get("stage/reference", 0.0) - _HASHED * counters.get("stage/build", 0.0)
    return max(0.0, seconds - max(0.0, computed))
