"""Files of known content in the user's cache folder, and what they lie on."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from benchsuite import Unsupported, cache

if TYPE_CHECKING:
    from torch import Tensor


def stored(values_N: Tensor, kind: str) -> Path:
    """A file of exactly these bytes, on disk as far as the system can tell; written where it is missing or differs.

    Raises Unsupported where the cache folder cannot be written.
    """
    content = values_N.contiguous().flatten().numpy().view("u1").data
    path = cache.folder(kind) / f"{hashlib.sha256(content).hexdigest()[:32]}.bin"
    if not _holds(path, content) and not cache.write(path, content.tobytes()):
        raise Unsupported(
            f"the file to read cannot be written to {path.parent}: set BENCHSUITE_CACHE to a folder of yours"
        )
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return path


def _holds(path: Path, content: memoryview) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def file_system(path: Path) -> tuple[str, str]:
    """Type and device of the file system that `path` is on, such as `ext4` and `/dev/sda1`; empty if not known."""
    import psutil

    mounts = {part.mountpoint: part for part in psutil.disk_partitions(all=True)}
    for folder in path.resolve().parents:
        if found := mounts.get(str(folder)):
            return found.fstype, found.device
    return "", ""
