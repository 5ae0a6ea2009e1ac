"""Results of other tools as readings: JSON of pytest-benchmark, google-benchmark and hyperfine, told apart."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchsuite.errors import RecordError
from benchsuite.imports import google_benchmark, hyperfine, pytest_benchmark
from benchsuite.imports.document import decode, load
from benchsuite.records import Reading
from benchsuite.regular import open_regular

__all__ = ["is_document", "read_document"]

_FIRST_BYTES = 200
_READERS = {
    "machine_info": pytest_benchmark.read,
    "context": google_benchmark.read,
    "results": hyperfine.read,
}


class _Outline(msgspec.Struct):
    """The fields by which the tools are told apart, unread."""

    machine_info: msgspec.Raw = msgspec.Raw()
    context: msgspec.Raw = msgspec.Raw()
    results: msgspec.Raw = msgspec.Raw()


def is_document(path: Path) -> bool:
    """Whether a file is one JSON object, as other tools write, and not a stored run, whose first line says `schema`.

    Raises UsageError where the file cannot be read.
    """
    with open_regular(path) as stream:
        first = stream.read(_FIRST_BYTES).lstrip()
    return first.startswith(b"{") and b'"schema"' not in first.partition(b"\n")[0]


def read_document(path: Path, metric: str) -> Reading:
    """What one file of another tool says; only `time/latency` has medians. One process is one round.

    Raises UsageError where there is no such file, RecordError where it is of none of the tools, or too large or deep.
    """
    data = load(path)
    outline = decode(path, data, _Outline)
    for name, reader in _READERS.items():
        if bytes(getattr(outline, name)):
            return reader(path, data, metric)
    raise RecordError(path, 1, "neither a stored run nor JSON of pytest-benchmark, google-benchmark or hyperfine")
