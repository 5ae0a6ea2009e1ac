"""A fresh interpreter for every request, by portable calls alone: what stands in for a zygote where none can fork."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, BinaryIO

import psutil

from benchsuite.catalog import imports_of
from benchsuite.records import Request
from benchsuite.records.codec import to_data
from benchsuite.runner.zygote import Outcome, environment, outcome_of

_LOG_TAIL = 4000


class Spawner:
    """The workers of one round: each imports for itself, all under the round's one hash seed and padding.

    What a worker imports counts towards its timeout. What it left behind in a session of its own is found only while it
    runs, not once it has ended.
    """

    def __init__(self, imports: Sequence[str], seed: int, environ: Mapping[str, str]) -> None:
        self._imports, self._environ = list(imports), environment(seed, environ)

    def __enter__(self) -> Spawner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left: a worker lives no longer than its request."""

    def ask(self, request: Request, timeout: float) -> Outcome:
        """Have an interpreter do `request`; blocks until it ended or until it is killed after `timeout` seconds."""
        asked = {
            "imports": self._imports if request.job is None else imports_of([request.job]),
            "request": to_data(request),
        }
        # Note: files, not pipes. A pipe has no end while anything that the worker started holds it open.
        with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as log:
            try:
                worker = _start(self._environ, answer, log)
            except OSError as error:
                return Outcome(None, f"no worker could be started: {error}", "")
            late = _wait(worker, asked, timeout)
            ended = {"answer": _tail(answer, None), "ended": worker.returncode, "log": _tail(log, _LOG_TAIL)}
            return outcome_of(ended, late)


def _start(environ: Mapping[str, str], answer: BinaryIO, log: BinaryIO) -> psutil.Popen:
    """The interpreter, out of reach of the terminal's interrupts, which are for the parent."""
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    command = [sys.executable, "-P", "-m", "benchsuite.worker"]
    return psutil.Popen(command, stdin=subprocess.PIPE, stdout=answer, stderr=log, env=dict(environ), **apart)


def _wait(worker: psutil.Popen, asked: Mapping[str, Any], timeout: float) -> str:
    """Block until the worker and what it started are gone; says whether it was killed for taking too long."""
    late = ""
    try:
        with contextlib.suppress(OSError):  # one that ended at once says why by its status
            worker.stdin.write(json.dumps(asked).encode() + b"\n")
            worker.stdin.flush()
        worker.wait(timeout)
    except psutil.TimeoutExpired:
        late = f"hung: killed after {timeout:g} s"
    finally:
        _kill(worker)
        with contextlib.suppress(OSError):
            worker.stdin.close()
    return late


def _kill(worker: psutil.Popen) -> None:
    """The worker and whatever it started, as far as that can be found."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [worker, *worker.children(recursive=True)]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    worker.wait()
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)


def _tail(file: BinaryIO, most: int | None) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(0 if most is None else max(0, size - most))
    return file.read().decode(errors="replace")
