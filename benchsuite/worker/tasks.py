"""What a worker can be asked to do."""

from __future__ import annotations

import socket
from typing import Any

from benchsuite.measure.turns import Partner
from benchsuite.records import Request
from benchsuite.worker.allocator import settle
from benchsuite.worker.job import measure
from benchsuite.worker.overhead import overhead
from benchsuite.worker.probe import probe
from benchsuite.worker.survey import survey

try:
    import resource
except ImportError:  # Windows holds no process to a limit

    def _limit_memory(limit: int) -> None:
        pass
else:

    def _limit_memory(limit: int) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def perform(request: Request, imported: dict[str, float], partner: socket.socket | None = None) -> Any:
    """Do the task and return its answer, as data; of a duet with the worker at the other end of `partner`."""
    settle()  # before memory is limited
    if request.memory_bytes is not None:
        _limit_memory(request.memory_bytes)
    if request.task == "probe":
        return probe()
    if request.task == "overhead":
        return overhead(request)
    if request.task == "survey":
        return survey(request)
    return measure(request, imported, None if partner is None else Partner(partner))
