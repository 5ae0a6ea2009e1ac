"""How workers start here: forked from a zygote, or where that is missing or unsafe each an interpreter of its own."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Mapping, Sequence

from benchsuite.errors import UsageError
from benchsuite.runner.spawn import Spawner
from benchsuite.runner.zygote import Zygote

Workers = Zygote | Spawner
_NEEDED = ("fork", "pidfd_open")


def why_spawned() -> str | None:
    """Why workers do not fork here; None where they do. Raises UsageError where BENCHSUITE_START is not understood."""
    asked, system = os.environ.get("BENCHSUITE_START", ""), platform.system()
    if asked not in ("", "spawn"):
        raise UsageError(f"BENCHSUITE_START={asked!r} is no way to start workers: set it to spawn, or unset it")
    if asked:
        return "BENCHSUITE_START asks for it"
    if system != "Linux":
        # Note: macOS has fork, but what its own libraries start when torch is imported does not survive one.
        return f"{system} has no fork that is safe once torch is imported"
    lacking = [name for name in _NEEDED if not hasattr(os, name)]
    return f"this Python has no os.{lacking[0]}" if lacking else None


def workers(imports: Sequence[str], seed: int, environ: Mapping[str, str]) -> Workers:
    """What does the requests of one round, to be entered. Raises UsageError where no temporary file can be written."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError as error:
        raise UsageError(f"{error.strerror or error}: set TMPDIR to a folder that can be written") from None
    start = Zygote if why_spawned() is None else Spawner
    return start(imports, seed, environ)


def must_fork() -> None:
    """Raises UsageError where workers cannot be forked, and therefore cannot share turns."""
    if (why := why_spawned()) is not None:
        raise UsageError(
            f"two sides can share turns only where workers are forked, and here they are spawned ({why}): "
            "measure each side by `benchsuite run`, and compare the files by `benchsuite compare`"
        )
