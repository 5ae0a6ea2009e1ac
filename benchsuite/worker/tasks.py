"""What a worker can be asked to do."""

from __future__ import annotations

import resource
import socket
from typing import Any

from benchsuite.measure.turns import Partner
from benchsuite.records import Request
from benchsuite.worker.job import measure
from benchsuite.worker.overhead import overhead
from benchsuite.worker.probe import probe
from benchsuite.worker.survey import survey


def perform(request: Request, imported: dict[str, float], partner: socket.socket | None = None) -> Any:
    """Do the task and return its answer, as data; of a duet with the worker at the other end of `partner`."""
    if request.memory_bytes is not None:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = request.memory_bytes if most == resource.RLIM_INFINITY else min(request.memory_bytes, most)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    if request.task == "probe":
        return probe()
    if request.task == "overhead":
        return overhead(request)
    if request.task == "survey":
        return survey(request)
    return measure(request, imported, None if partner is None else Partner(partner))
