"""Preparation: how long it takes with an empty cache of graphs or kernels, and with a filled one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from benchsuite.analysis.estimate import Estimate, estimate
from benchsuite.records import Record

_METRIC = "time/prepare"
_NOTES = "onnx-cache", "compile-cache"


def by_cache(good: Iterable[Record]) -> Mapping[str, Estimate]:
    """`time/prepare` of the rounds in which a backend's own cache was `cold` or was `warm`, as far as there are any.

    The first round fills the cache, so that there is often one cold round alone.
    """
    seconds: dict[str, list[float]] = {}
    for record in good:
        state, measured = _state(record), record.measurement(_METRIC)
        if state and measured is not None and measured.samples and 0 < measured.samples[0] < math.inf:
            seconds.setdefault(state, []).append(measured.samples[0])
    return {state: estimate(found, len(found)) for state, found in seconds.items()}


def _state(record: Record) -> str:
    return next((record.notes[note] for note in _NOTES if note in record.notes), "")
