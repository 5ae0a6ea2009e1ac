"""Regular files, read within bounds. What a pipe or a device gives may have no end, and cannot be read twice."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from benchsuite.errors import RecordError, UsageError

_BUFFER = 2**20


def open_regular(path: Path) -> BinaryIO:
    """A file, open for reading. Raises UsageError where it cannot be read or is none, without waiting for a writer."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _none(path, os.fstat(handle).st_mode)
        return os.fdopen(handle, "rb", _BUFFER)
    except BaseException:
        os.close(handle)
        raise


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
    if stat.S_ISDIR(mode):
        return UsageError(f"cannot read {path}: Is a directory")
    return UsageError(f"cannot read {path}: it is a pipe or a device; save what it gives to a file")


def _unreadable(path: Path, error: OSError | ValueError) -> UsageError:
    return UsageError(f"cannot read {path}: {error.strerror if isinstance(error, OSError) else error}")
