"""`benchsuite run` in this process, with workers that answer at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from benchsuite.cli import main, report
from benchsuite.cli import run as command
from benchsuite.runner import execute
from benchsuite.store import Stored
from tests.runner.world import TIMEOUT, World

ARGUMENTS = ["run", "matmul/size=16|32", "--backend", "torch-eager-cpu", "--rounds", "4", "--output", "run.jsonl"]


class Machine:
    """A world for the command, and the reports that it wrote."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.world = World(seconds=0.0)
        self.reports: list[int] = []
        patch.setattr(execute, "workers", self.world.zygote)
        patch.setattr(command.Telemetry, "idle", lambda *_: {})
        patch.setattr(report, "present", self.present)
        self.patch = patch

    def present(self, stored: Sequence[Stored], *_: Any) -> None:
        """Take note of a report instead of writing it."""
        self.reports.append(len(stored[0].records))

    def run(self, *arguments: str) -> int:
        """The exit status of the command, as `main` gives it."""
        self.patch.setattr("sys.argv", ["benchsuite", *(arguments or ARGUMENTS), "--timeout", f"{TIMEOUT:g}s"])
        handler = signal.getsignal(signal.SIGTERM)
        try:
            with pytest.raises(SystemExit) as left:
                main()
        finally:
            signal.signal(signal.SIGTERM, handler)
        return left.value.code if isinstance(left.value.code, int) else 1

    def signal_in(self, number: int, target: object, name: str, when: Callable[..., bool] = lambda *_: True) -> None:
        """Have the process get a signal as it enters a function."""
        real = getattr(target, name)

        def signalled(*arguments: Any, **options: Any) -> Any:
            if when(*arguments):
                self.patch.setattr(target, name, real)
                os.kill(os.getpid(), number)
            return real(*arguments, **options)

        self.patch.setattr(target, name, signalled)
