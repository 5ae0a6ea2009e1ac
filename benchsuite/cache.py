"""The user's cache folder, and files in it that are either whole or absent."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def folder(kind: str) -> Path:
    """Where cached files of `kind` live: $BENCHSUITE_CACHE, else $XDG_CACHE_HOME/benchsuite, else ~/.cache/benchsuite."""
    chosen = os.environ.get("BENCHSUITE_CACHE")
    base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "benchsuite"
    return base / kind


def write(path: Path, fill: Callable[[Path], None]) -> bool:
    """Let `fill` write a private temporary file, then move it to `path`; False where the folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        os.close(handle)
        try:
            fill(Path(name))
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError:
        return False
    return True
