"""What reading the files of other tools has in common: limits, errors, and the shape of a reading."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from benchsuite.errors import RecordError, UsageError
from benchsuite.records import METRICS, PROTOCOL, SCHEMA, Cpu, Environment, Reading, Run, Series, Settings
from benchsuite.regular import open_regular

T = TypeVar("T")

LARGEST = 256 * 2**20
METRIC = "time/latency"


def load(path: Path) -> bytes:
    """The bytes of a file. Raises UsageError where it cannot be read, RecordError where it is larger than 256 MiB."""
    try:
        with open_regular(path) as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    if len(data) > LARGEST:
        raise RecordError(path, 1, f"over the limit of {LARGEST} bytes")
    return data


def decode(path: Path, data: bytes, kind: type[T]) -> T:
    """`data` as `kind`, other fields passed over. Raises RecordError where it does not fit or is nested too deeply."""
    try:
        return msgspec.json.decode(data, type=kind)
    except RecursionError:
        raise RecordError(path, 1, "nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(path, 1, f"not what it seems to be ({error})") from None


def since_1970(path: Path, date: str = "") -> float:
    """Seconds, of a date as ISO 8601 writes it; without one, of the file's last change. Raises RecordError."""
    try:
        return datetime.datetime.fromisoformat(date).timestamp() if date else path.stat().st_mtime
    except (ValueError, OverflowError, OSError):
        raise RecordError(path, 1, f"{date[:40]!r} is not a date") from None


def processor(model: str = "", architecture: str = "", cpus: int = 0) -> Cpu:
    """A processor of which little is told; 0 is what is not known."""
    return Cpu(model or "unknown", architecture, cpus, cpus, cpus)


def environment(
    cpu: Cpu, host: str = "", system: str = "", kernel: str = "", python: str = "", commit: str = ""
) -> Environment:
    """An environment of which little is told; 0 and the empty string are what is not known."""
    return Environment(host, system, kernel, python, cpu, memory_bytes=0, commit=commit or None)


def reading(path: Path, tool: str, started: float, where: Environment, found: Iterable[Series]) -> Reading:
    """A reading of `found` as of a stored run; `tool` is its name and version. Raises RecordError on a name twice."""
    by_job: dict[str, Series] = {}
    for series in found:
        if series.job in by_job:
            raise RecordError(path, 1, f"{series.job[:60]!r} is there twice")
        by_job[series.job] = series
    return Reading(str(path), Run(SCHEMA, PROTOCOL, tool, started, Settings(), where), by_job)


def series(tool: str, job: str, metric: str, medians: Sequence[float], samples: int, reason: str = "") -> Series:
    """One series of a median for each process, in seconds; `reason` says why it failed.

    Medians that are no positive number are left out. Only `time/latency` is known: of other metrics there is nothing.
    """
    good = tuple(m for m in medians if 0 < m < math.inf) if metric == METRIC and not reason else ()
    known = METRICS[METRIC]
    return Series(
        job=job,
        workload=job,
        backend=tool,
        precision="",
        metric=metric,
        status="failed" if reason else "ok",
        reason=reason,
        rounds=max(1, len(medians)),
        medians=good,
        unit=known.unit if good else "",
        better=known.better if good else "",
        protocol=known.protocol if good else 0,
        measured=samples,
        unusable=sum(not 0 < m < math.inf for m in medians),
    )
