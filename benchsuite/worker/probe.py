"""Which backends find their device, and how libraries were built: asked in a worker, since asking starts devices."""

from __future__ import annotations

from benchsuite.backend import Backend
from benchsuite.catalog import absence, backends
from benchsuite.errors import Unsupported
from benchsuite.plugins import said
from benchsuite.worker.builds import builds


def probe() -> dict[str, dict[str, str]]:
    """`devices`: every backend with why it cannot run, or with an empty string; `builds`: of the libraries."""
    devices = {name: absence(backend) or _refusal(backend) for name, backend in backends().items()}
    return {"devices": devices, "builds": builds()}


def _refusal(backend: Backend) -> str:
    try:
        backend.check()
    except Unsupported as error:
        return str(error)
    except Exception as error:  # a stranger's backend may raise anything, and the others are to be asked as well
        return said(error)
    return ""
