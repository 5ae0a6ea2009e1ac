"""How processes end: a worker with its zygote, and with a worker whatever it started."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import psutil

_DIE_WITH_PARENT, _ADOPT_ORPHANS = 1, 36


def adopt_orphans() -> None:
    """Become the parent of what descendants leave behind, on Linux."""
    _control(_ADOPT_ORPHANS, 1)


def die_with(parent: int) -> None:
    """Ask Linux to kill this process with its `parent`, and to kill it first when memory runs out."""
    _control(_DIE_WITH_PARENT, signal.SIGKILL)
    # A parent that was gone before is never told of.
    if os.getppid() != parent:
        os._exit(1)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(b"1000")


def end(worker: int) -> int:
    """Kill the worker and whatever it started, wherever that went; says how the worker ended."""
    # Both: one that was just forked leads no group yet, and a group outlives its leader.
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    with contextlib.suppress(ChildProcessError):
        while True:
            for child in _children():
                os.kill(child, signal.SIGKILL)
            # Whatever that one started is ours now.
            os.waitpid(-1, 0)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
    return os.waitstatus_to_exitcode(status)


def _children() -> list[int]:
    """From one file for each thread of ours: while all processes are looked through, what forks and leaves is gone."""
    files = [thread / "children" for thread in Path("/proc/self/task").iterdir()]
    if not all(file.exists() for file in files):
        return [child.pid for child in psutil.Process().children()]
    return [int(pid) for file in files for pid in file.read_text().split()]


def _control(option: int, value: int) -> None:
    """Linux's prctl; elsewhere nothing."""
    with contextlib.suppress(OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(option, value)
