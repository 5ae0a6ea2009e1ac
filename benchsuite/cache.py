"""The user's cache folder, and files in it that are either whole or absent."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def folder(kind: str) -> Path:
    """Where files of `kind` are: in $BENCHSUITE_CACHE, else $XDG_CACHE_HOME/benchsuite, else ~/.cache/benchsuite."""
    chosen = os.environ.get("BENCHSUITE_CACHE")
    base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "benchsuite"
    return base / kind


def write(path: Path, content: bytes | Callable[[Path], None]) -> bool:
    """Put `content`, or what it writes to a private temporary file, at `path`; False where that cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        os.close(handle)
        try:
            if callable(content):
                content(Path(name))
            else:
                Path(name).write_bytes(content)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError:
        return False
    return True
