"""The errors a user can meet; everything else is a defect."""

from __future__ import annotations

from pathlib import Path


class BenchsuiteError(Exception):
    """Base of every error that is shown without a traceback."""


class UsageError(BenchsuiteError):
    """What the user asked for cannot be understood; the message names the value and the remedy."""


class Unsupported(BenchsuiteError):
    """What was asked for is understood but cannot run here; becomes a `skipped` record."""


class RecordError(BenchsuiteError):
    """A stored line cannot be read; names file and line."""

    def __init__(self, path: Path | str, line: int, reason: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}")
        self.path, self.line, self.reason = path, line, reason
