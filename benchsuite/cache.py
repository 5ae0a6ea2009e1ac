"""The user's cache folder, which nobody else may write to, and files in it that are either whole or absent."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchsuite.errors import UsageError

_HASH_BYTES = 32
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def folder(kind: str) -> Path:
    """Where files of `kind` are: in $BENCHSUITE_CACHE, else $XDG_CACHE_HOME/benchsuite, else ~/.cache/benchsuite.

    Raises UsageError where another user could write there: kernels and packages are run from it.
    """
    chosen = os.environ.get("BENCHSUITE_CACHE")
    return _private(Path(chosen) if chosen else _of_user() / "benchsuite") / kind


def _of_user() -> Path:
    """The user's caches; of a user without a home, as in some containers, a place where nothing can be kept."""
    if named := os.environ.get("XDG_CACHE_HOME"):
        return Path(named)
    try:
        return Path.home() / ".cache"
    except RuntimeError:
        return Path(os.devnull) / "home"


@functools.cache
def _private(base: Path) -> Path:
    """The folder, made for its owner alone where it is missing; where it cannot be made, nothing is kept."""
    with contextlib.suppress(OSError):
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        if trouble := _open_to_others(base):
            raise UsageError(f"the cache {base} {trouble}: set BENCHSUITE_CACHE to a folder of your own")
    return base


def _open_to_others(base: Path) -> str | None:
    """Why another user may write there, None where nobody may as far as the system tells. Raises OSError."""
    if not hasattr(os, "geteuid"):
        return None
    found = base.stat()
    # Whoever owns a link may have it lead elsewhere.
    if not {found.st_uid, base.lstat().st_uid} <= {0, os.geteuid()}:
        return "belongs to another user"
    return "may be written to by other users (chmod go-w it)" if found.st_mode & _OTHERS_WRITE else None


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


def store(path: Path, content: bytes) -> bool:
    """Put `content` at `path`, behind a hash of it; False where that cannot be written."""
    return write(path, hashlib.sha256(content).digest() + content)


def load(path: Path) -> bytes | None:
    """What `store` put at `path`; None where nothing is there, or not what was put."""
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    digest, content = stored[:_HASH_BYTES], stored[_HASH_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None
