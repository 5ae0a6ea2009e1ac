"""Regular files, read within bounds. What a pipe or a device gives may have no end, and cannot be read twice."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from benchsuite import harmless
from benchsuite.errors import RecordError, UsageError

LONGEST_TEXT = 8 * 2**20  # characters of a corpus: the rest is not read
_BUFFER = 2**20
# Windows has neither flag, no pipe among its paths, and another way to end lines unless asked for none.
_READ = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


def open_regular(path: Path) -> BinaryIO:
    """A file, open for reading. Raises UsageError where it cannot be read or is none, without waiting for a writer."""
    try:
        handle = os.open(path, _READ)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _none(path, os.fstat(handle).st_mode)
        return os.fdopen(handle, "rb", _BUFFER)
    except BaseException:
        os.close(handle)
        raise


def read_text(path: Path, longest: int) -> str:
    """The first `longest` characters of a UTF-8 file. Raises UsageError as `open_regular`, and UnicodeDecodeError."""
    try:
        with io.TextIOWrapper(open_regular(path), encoding="utf-8") as stream:
            return stream.read(longest)
    except OSError as error:
        raise _unreadable(path, error) from None


def expanded(path: str) -> Path:
    """With the user's home for a leading ~; as it is where nobody knows that."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 (Path.expanduser raises where the home is not known)


def numbered_lines(
    stream: IO[bytes], name: Path | str, longest: int, records: int, size: int
) -> Iterator[tuple[int, bytes]]:
    """Lines with their ends, from 1 on, of which never more is in memory than one may be long.

    Raises RecordError where a line has more than `longest` bytes, or all of them more than `size` or, after a header,
    more than `records` lines.
    """
    read, number = 0, 0
    while line := stream.readline(longest + 1):
        number += 1
        read += len(line)
        if len(line) > longest:
            raise RecordError(name, number, f"over the limit of {longest} bytes a line")
        if read > size or number > records + 1:
            raise RecordError(name, number, f"over the limit of {records} records and {size} bytes a run")
        yield number, line


def state(path: Path) -> str:
    """What changes whenever a file's content does. Raises UsageError where it cannot be read or is none."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if not stat.S_ISREG(found.st_mode):
        raise _none(path, found.st_mode)
    return f"{found.st_size} {found.st_mtime_ns}"


def _none(path: Path, mode: int) -> UsageError:
    what = "Is a directory" if stat.S_ISDIR(mode) else "it is a pipe or a device; save what it gives to a file"
    return UsageError(f"cannot read {harmless.line(str(path))}: {what}")


def _unreadable(path: Path, error: OSError | ValueError) -> UsageError:
    why = error.strerror if isinstance(error, OSError) else error
    return UsageError(f"cannot read {harmless.line(str(path))}: {why}")
