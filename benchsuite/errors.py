"""The errors a user can meet; everything else is a defect."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from benchsuite import harmless

_LONGEST_REASON = 500


class BenchsuiteError(Exception):
    """Base of every error that is shown without a traceback."""


class UsageError(BenchsuiteError):
    """What the user asked for cannot be understood; the message names the value and the remedy."""


class Unsupported(BenchsuiteError):
    """What was asked for is understood but cannot run here; becomes a `skipped` record."""


class RecordError(BenchsuiteError):
    """A stored line cannot be read; names file and line. The reason may quote the file, of which little is shown."""

    def __init__(self, path: Path | str, line: int, reason: str) -> None:
        self.path, self.line, self.reason = path, line, harmless.line(reason)[:_LONGEST_REASON]
        super().__init__(f"{harmless.line(str(path))}, line {line}: {self.reason}")


def did_you_mean(value: str, names: Iterable[str]) -> str:
    """The end of a message on an unknown `value`: up to three nearest names, else all of them."""
    known = list(names)

    def likeness(name: str) -> float:
        # A name is often cut short, so its beginning counts as much as its whole.
        return max(difflib.SequenceMatcher(None, value, part).ratio() for part in (name, name[: len(value)]))

    near = [name for name in sorted(known, key=likeness, reverse=True) if likeness(name) >= 0.6][:3]
    return f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
