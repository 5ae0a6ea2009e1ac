"""Which backends find their device: asked in a worker, since asking starts device contexts."""

from __future__ import annotations

from benchsuite.backend import Backend
from benchsuite.catalog import backends
from benchsuite.errors import Unsupported


def devices() -> dict[str, str]:
    """Every backend with why it cannot run, or with an empty string."""
    return {name: backend.missing() or _refusal(backend) for name, backend in backends().items()}


def _refusal(backend: Backend) -> str:
    try:
        backend.check()
    except Unsupported as error:
        return str(error)
    return ""
