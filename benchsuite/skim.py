"""Skimming a stored run: one metric of regular records in a few microseconds each, for reading many thousands of runs.

Whatever is out of the ordinary is left to `medians`, which knows what to make of it and how to say what is wrong.
"""

from __future__ import annotations

import json
import math
import os
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from benchsuite.analysis.history import Columns, Kind, inputs, pooled
from benchsuite.medians import MOST_RECORDS, Samples, Version, spelt
from benchsuite.records import SCHEMA, Run
from benchsuite.records.codec import from_data
from benchsuite.regular import open_regular

_LARGEST = 64 * 2**20
_PIECE = 2**16  # small enough that what is decoded of it stays near the processor
_MOST_NAMES = 100_000
_MOST_ROUNDS = 1000  # so many can be looked through one by one
_BETWEEN = b'}\n{"job":{'
_START = f'{{"schema":"{SCHEMA.split(".", maxsplit=1)[0]}.'.encode()


class _Record(msgspec.Struct, gc=False):
    job: msgspec.Raw
    round: Version
    status: Literal["ok", "failed", "skipped"]
    definition: str = ""
    measurements: tuple[Samples, ...] = ()


class _Found(msgspec.Struct, gc=False):
    """What the records of one job have said so far."""

    definition: str
    rounds: list[int]
    medians: list[float]
    how: tuple[int, str, str] | None = None


class _Irregular(Exception):
    """Something that is for `medians` to judge."""


_RECORD = msgspec.json.Decoder(_Record)
_NUMBERS = msgspec.json.Decoder(tuple[float, ...])
_names: dict[bytes, str] = {}  # of jobs by how they are spelled, which is the same in run after run
_kinds: dict[tuple[object, ...], Kind] = {}


def skim(path: Path, metric: str) -> tuple[Run, Columns] | None:
    """The header and the value of each job; None where anything is irregular. Raises UsageError and OSError."""
    with open_regular(path) as stream:
        data = stream.read() if os.fstat(stream.fileno()).st_size <= _LARGEST else b""
    if not data.startswith(_START) or not data.endswith(b"}\n") or not data.isascii():
        return None
    start = data.index(b"\n") + 1
    try:
        header = json.loads(data[:start])
        run = from_data(Run, header)
        found: dict[bytes, _Found] = {}
        for records in _records(data, start):
            _take(found, records, metric)
        columns = _columns(found, metric, inputs(run))
    except (ValueError, RecursionError, _Irregular):
        return None
    return None if "kind" in header or not math.isfinite(run.started) else (run, columns)


def _records(data: bytes, start: int) -> Iterator[list[_Record]]:
    """The decoded lines after the first, a piece at a time."""
    view, lines = memoryview(data), 0
    while start < len(data):
        stop = (data.rfind(b"\n", start, start + _PIECE) + 1) or data.index(b"\n", start) + 1
        records = _RECORD.decode_lines(view[start:stop])
        lines += len(records)
        # The decoder itself would take several records on a line, and a line without any.
        if data.count(_BETWEEN, start - 2, stop) != len(records) or lines > MOST_RECORDS:
            raise _Irregular
        yield records
        start = stop


def _take(found: dict[bytes, _Found], records: Sequence[_Record], metric: str) -> None:
    """Take in records. Raises _Irregular where one does not fit those before."""
    for record in records:
        spelling = bytes(record.job)
        job = found.get(spelling)
        if job is None:
            job = found[spelling] = _Found(record.definition, [], [])
        elif record.round in job.rounds or record.definition != job.definition or len(job.rounds) >= _MOST_ROUNDS:
            raise _Irregular
        job.rounds.append(record.round)
        if record.status != "ok":
            continue
        for measured in record.measurements:
            if measured.metric == metric:
                how = (measured.protocol, measured.unit, measured.better)
                ordered = sorted(_NUMBERS.decode(measured.samples))
                if how != (job.how or how) or not ordered or not 0 < ordered[0] <= ordered[-1] < math.inf:
                    raise _Irregular
                job.how = how
                middle = len(ordered) // 2
                job.medians.append((ordered[middle] + ordered[~middle]) / 2)
                break


def _columns(found: dict[bytes, _Found], metric: str, drawn_from: str) -> Columns:
    """The values in the order of their kinds, which is that of their jobs, since none is there twice."""
    by_name = dict(zip(map(_name, found), found.values(), strict=True))
    if len(by_name) < len(found):
        raise _Irregular
    kinds, logs, deviations, rounds = [], [], [], []
    for name in sorted(by_name):
        job = by_name[name]
        if job.how is not None:
            log, deviation, count = pooled(job.medians)
            kinds.append(_kind(name, job, metric, drawn_from))
            logs.append(log)
            deviations.append(deviation)
            rounds.append(count)
    return Columns(tuple(kinds), array("d", logs), array("f", deviations), array("i", rounds))


def _name(spelling: bytes) -> str:
    name = _names.get(spelling)
    if name is None:
        if len(_names) >= _MOST_NAMES:
            _names.clear()
        name = _names[spelling] = spelt(spelling)[1]
    return name


def _kind(name: str, job: _Found, metric: str, drawn_from: str) -> Kind:
    assert job.how is not None
    key = (name, metric, job.how, job.definition, drawn_from)
    kind = _kinds.get(key)
    if kind is None:
        if len(_kinds) >= _MOST_NAMES:
            _kinds.clear()
        protocol, unit, better = job.how
        kind = _kinds[key] = Kind(name, metric, protocol, f"{job.definition}/{drawn_from}", unit, better)
    return kind
