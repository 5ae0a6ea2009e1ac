"""Where a report is written: in its folder, whatever lies there already."""

from __future__ import annotations

from pathlib import Path


def own(path: Path) -> Path:
    """The same path, where no link is left: in a folder that came from elsewhere it could lead to any file."""
    if path.is_symlink():
        path.unlink()
    return path
