"""Processes by a mark in their environment, which all inherit from a command that was started with it."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Iterator

import psutil

MARK = "BENCHSUITE_TESTED"
_SECONDS = 30.0


def left(mark: str) -> list[str]:
    """What still lives of all that was started under `mark`, after some time to end by itself."""
    return [name for pid, name in list(_marked(mark)) if not _ends(pid)]


def _marked(mark: str) -> Iterator[tuple[int, str]]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                yield process.pid, " ".join(process.cmdline())


def _ends(pid: int) -> bool:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(process, "rb", buffering=0):
        return bool(select.select([process], [], [], _SECONDS)[0])
