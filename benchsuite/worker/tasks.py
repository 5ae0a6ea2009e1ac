"""What a worker can be asked to do."""

from __future__ import annotations

import resource
from typing import Any

from benchsuite.records import Request
from benchsuite.worker.job import measure
from benchsuite.worker.overhead import overhead
from benchsuite.worker.probe import devices


def perform(request: Request, imported: dict[str, float]) -> Any:
    """Do the task and return its answer, as data."""
    if request.memory_bytes is not None:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = request.memory_bytes if most == resource.RLIM_INFINITY else min(request.memory_bytes, most)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    if request.task == "probe":
        return devices()
    if request.task == "overhead":
        return overhead(request)
    return measure(request, imported)
