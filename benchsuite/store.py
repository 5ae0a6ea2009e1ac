"""Runs on disk: JSON lines, a header then one record a line, each on disk before the next job starts."""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, TypeVar

from benchsuite.errors import RecordError, UsageError
from benchsuite.records import SCHEMA, Duet, Pair, Record, Run
from benchsuite.records.codec import from_data, to_data
from benchsuite.regular import numbered_lines, open_regular

H = TypeVar("H", Run, Duet)
T = TypeVar("T")
_LONGEST_LINE = 64 * 2**20
_MOST_RECORDS = 250_000
_MOST_BYTES = 256 * 2**20  # every sample of which is held in memory


@dataclass(frozen=True)
class Stored:
    """A file read back. `torn` says what was wrong with its last line, if anything was."""

    path: Path
    run: Run
    records: tuple[Record, ...]
    torn: str | None = None


@dataclass(frozen=True)
class StoredDuet:
    """A duet read back. `torn` says what was wrong with its last line, if anything was."""

    path: Path
    duet: Duet
    pairs: tuple[Pair, ...]
    torn: str | None = None


class Writer:
    """The one process that appends to a file. Raises UsageError where it cannot be written or already is being."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{path} is being written by another run: choose another --output") from None
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}; choose another --output") from None

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, item: Run | Record | Duet | Pair) -> None:
        """Add one line and wait until it is on disk. Raises UsageError where the disk refuses; earlier lines stay."""
        line = json.dumps(to_data(item), separators=(",", ":"), allow_nan=False).encode() + b"\n"
        length = os.fstat(self._file.fileno()).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._forget(length)
            raise UsageError(f"cannot write {self.path}: {error.strerror}; what was finished before is kept") from None

    def _forget(self, length: int) -> None:
        """Cut back to `length` so that no half line is left; should that fail, reading tolerates a torn last one."""
        with contextlib.suppress(OSError):
            self._file.truncate(length)

    def cut_torn_line(self) -> None:
        """Drop a last line that has no end, so that appending starts on a fresh one."""
        data = self.path.read_bytes()
        if data and not data.endswith(b"\n"):
            self._forget(data.rfind(b"\n") + 1)


def read(path: Path) -> Stored:
    """A stored run. Raises UsageError where there is no such file, RecordError where a line of it is not a run's."""
    return Stored(path, *_read(path, Run, Record))


def read_duet(path: Path) -> StoredDuet:
    """A stored duet. Raises UsageError where there is no such file, RecordError where a line of it is not a duet's."""
    return StoredDuet(path, *_read(path, Duet, Pair))


def _read(path: Path, head: type[H], kind: type[T]) -> tuple[H, tuple[T, ...], str | None]:
    """Header, lines, and what was wrong with the last line."""
    try:
        with open_regular(path) as stream:
            return _items(path, stream, head, kind)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _items(path: Path, stream: BinaryIO, head: type[H], kind: type[T]) -> tuple[H, tuple[T, ...], str | None]:
    lines = numbered_lines(stream, path, _LONGEST_LINE, _MOST_RECORDS, _MOST_BYTES)
    _, first = next(lines, (1, b""))
    if not first.endswith(b"\n"):
        raise RecordError(path, 1, "no header line: the file is empty or is not a run")
    header = _header(path, first, head)
    items: list[T] = []
    for number, line in lines:
        if not line.endswith(b"\n"):
            torn = f"the last line ({len(line)} bytes) has no end and was left out: its run was cut off while writing"
            return header, tuple(items), torn
        items.append(_parse(kind, path, number, line))
    return header, tuple(items), None


def _header(path: Path, line: bytes, head: type[H]) -> H:
    data = _json(path, 1, line)
    schema = str(data.get("schema", "?"))[:20]
    if schema.split(".", 1)[0] != SCHEMA.split(".", 1)[0]:
        raise RecordError(path, 1, f"schema {schema!r} cannot be read by this version, which reads {SCHEMA}")
    if (data.get("kind") == "duet") != (head is Duet):
        raise RecordError(path, 1, "a duet, not a run" if head is Run else "a run, not a duet")
    header = _parse(head, path, 1, line)
    if not math.isfinite(header.started):
        raise RecordError(path, 1, f"{head.__name__}.started should be a time, not {header.started}")
    return header


def _parse(kind: type[T], path: Path, number: int, line: bytes) -> T:
    try:
        return from_data(kind, _json(path, number, line))
    except (ValueError, RecursionError) as error:
        raise RecordError(path, number, str(error)) from None


def _json(path: Path, number: int, line: bytes) -> dict[str, object]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError(path, number, f"not JSON ({error})") from None
    if not isinstance(data, dict):
        raise RecordError(path, number, "not a JSON object")
    return data
