"""Runs on disk: JSON lines, a header then one record a line, each on disk before the next job starts."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from benchsuite.errors import RecordError, UsageError
from benchsuite.records import SCHEMA, Duet, Pair, Record, Run
from benchsuite.records.codec import from_data, to_data
from benchsuite.regular import numbered_lines, open_regular

if TYPE_CHECKING:
    from benchsuite.remote import Remote

H = TypeVar("H", Run, Duet)
T = TypeVar("T")
_LONGEST_LINE = 64 * 2**20
_BEYOND = 2**40
MOST_RECORDS = 250_000
MOST_BYTES = 256 * 2**20  # every sample of which is held in memory


@dataclass(frozen=True)
class Stored:
    """A file read back. `torn` says what was wrong with its last line, if anything was."""

    path: Path | Remote
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


try:
    import fcntl
except ImportError:  # Windows

    def _lock(file: FileIO) -> None:
        """Raises OSError where another process has it."""
        import msvcrt

        # A locked byte cannot be read either, so that it is one beyond any end; what is appended comes before it.
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
else:

    def _lock(file: FileIO) -> None:
        """Raises BlockingIOError where another process has it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Writer:
    """The one process that appends to a file. Raises UsageError where it cannot be written or already is being."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}; choose another --output") from None
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                raise UsageError(f"cannot lock {path}: {error.strerror}; choose another --output") from None
            raise UsageError(f"{path} is being written by another run: choose another --output") from None

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, item: Run | Record | Duet | Pair) -> None:
        """Add one line and wait until it is on disk. Raises UsageError where the disk refuses; earlier lines stay."""
        line = line_of(item)
        length = os.fstat(self._file.fileno()).st_size
        if length + len(line) > MOST_BYTES:
            raise UsageError(f"{self.path} is full: more than {MOST_BYTES} bytes are not read again; start another run")
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


def line_of(item: Run | Record | Duet | Pair) -> bytes:
    """One line of a file, with its end."""
    return json.dumps(to_data(item), separators=(",", ":"), allow_nan=False).encode() + b"\n"


def read(path: Path) -> Stored:
    """A stored run. Raises UsageError where there is no such file, RecordError where a line of it is not a run's."""
    return Stored(path, *_read(path, Run, Record))


def read_duet(path: Path) -> StoredDuet:
    """A stored duet. Raises UsageError where there is no such file, RecordError where a line of it is not a duet's."""
    return StoredDuet(path, *_read(path, Duet, Pair))


def walk(path: Path, take: Callable[[Record, bytes], None]) -> tuple[Run, str | None]:
    """Give each record of a stored run, and the line that it stands on, to `take`, and keep none of them.

    Returns the header and what was wrong with the last line. Raises as `read` does.
    """
    return _walk(path, Run, Record, take)


def _read(path: Path, head: type[H], kind: type[T]) -> tuple[H, tuple[T, ...], str | None]:
    """Header, lines, and what was wrong with the last line."""
    items: list[T] = []
    header, torn = _walk(path, head, kind, lambda item, _: items.append(item))
    return header, tuple(items), torn


def _walk(path: Path, head: type[H], kind: type[T], take: Callable[[T, bytes], None]) -> tuple[H, str | None]:
    try:
        with open_regular(path) as stream:
            return _items(path, stream, head, kind, take)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def _items(
    path: Path, stream: BinaryIO, head: type[H], kind: type[T], take: Callable[[T, bytes], None]
) -> tuple[H, str | None]:
    lines = numbered_lines(stream, path, _LONGEST_LINE, MOST_RECORDS, MOST_BYTES)
    _, first = next(lines, (1, b""))
    if not first.endswith(b"\n"):
        raise RecordError(path, 1, "no header line: the file is empty or is not a run")
    header = _header(path, first, head)
    for number, line in lines:
        if not line.endswith(b"\n"):
            torn = f"the last line ({len(line)} bytes) has no end and was left out: its run was cut off while writing"
            return header, torn
        take(_parse(kind, path, number, line), line)
    return header, None


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
    except RecursionError:
        raise RecordError(path, number, "nested too deeply") from None
    except ValueError as error:
        raise RecordError(path, number, f"not JSON ({error})") from None
    if not isinstance(data, dict):
        raise RecordError(path, number, "not a JSON object")
    return data
