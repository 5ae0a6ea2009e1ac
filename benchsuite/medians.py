"""Medians of stored runs: one metric read quickly, the rest of the file passed over.

A run of 100,000 records takes about a second here; `store`, which checks every field of every record, takes minutes.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Literal

import msgspec

from benchsuite.errors import RecordError, UsageError
from benchsuite.records import SCHEMA, Reading, Run, Series, Status
from benchsuite.records.codec import from_data
from benchsuite.regular import numbered_lines, open_regular

LONGEST_LINE = 8 * 2**20
MOST_RECORDS = 250_000
MOST_BYTES = 4 * 2**30
MOST_NAMES = 64 * 2**20
_LONGEST_TEXT = 300
_LARGEST = 2**53
Version = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
Count = Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
_ORDER: tuple[Status, ...] = ("wrong", "ok", "failed", "skipped")


class _Case(msgspec.Struct, gc=False):
    workload: str
    axes: dict[str, int | str]


class SpeltJob(msgspec.Struct, gc=False):
    """A job as a record spells it."""

    case: _Case
    backend: str
    precision: str
    threads: int


class Samples(msgspec.Struct, gc=False):
    """A measurement whose samples are not read until they are wanted."""

    metric: str
    unit: str
    better: Literal["lower", "higher"]
    protocol: Version
    samples: msgspec.Raw
    iterations: Count = 1


class _Record(msgspec.Struct, gc=False):
    job: msgspec.Raw
    round: Version  # beyond what a float tells apart, numbers can be chosen that a set finds slowly
    status: Status
    reason: str = ""
    definition: str = ""
    measurements: tuple[Samples, ...] = ()


_RECORD = msgspec.json.Decoder(_Record)
_JOB = msgspec.json.Decoder(SpeltJob)
_NUMBERS = msgspec.json.Decoder(tuple[float, ...])
_NUMBERS_AND_WORDS = msgspec.json.Decoder(tuple[float | Literal["nan", "inf", "-inf"], ...])


@dataclass(slots=True)
class _Gathered:
    """What the records of one job have said so far."""

    job: SpeltJob
    id: str
    rounds: set[int] = field(default_factory=set)
    good: int = 0
    reasons: dict[Status, str] = field(default_factory=dict)
    definitions: set[str] = field(default_factory=set)
    how: tuple[str, Literal["lower", "higher"], int] | None = None
    iterations: int = 0
    medians: list[float] = field(default_factory=list)
    measured: int = 0
    unusable: int = 0


def read_medians(path: Path, metric: str) -> Reading:
    """The medians of `metric` of every job in a file. Raises UsageError where it cannot be opened, and RecordError."""
    try:
        with open_regular(path) as stream:
            return medians_of(stream, str(path), metric)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def medians_of(stream: IO[bytes], name: str, metric: str) -> Reading:
    """The same of a stream of bytes that is called `name`.

    Raises RecordError, with the line, where one is not a run's, repeats a round, or is beyond what a run may be.
    """
    lines = numbered_lines(stream, name, LONGEST_LINE, MOST_RECORDS, MOST_BYTES)
    number, line = next(lines, (1, b""))
    if not line.endswith(b"\n"):
        raise RecordError(name, number, "no header line: the file is empty or is not a run")
    run = _header(name, line)
    jobs = _Jobs(metric)
    torn = None
    for number, line in lines:
        if not line.endswith(b"\n"):
            torn = f"the last line ({len(line)} bytes) has no end and was left out: its run was cut off while writing"
            break
        try:
            jobs.add(_decode(line))
        except (ValueError, RecursionError) as error:
            raise RecordError(name, number, f"not a record of a run: {_said(error)}") from None
    return Reading(name, run, {job: _series(found, metric) for job, found in jobs.by_id.items()}, torn)


def _header(name: str, line: bytes) -> Run:
    try:
        data = json.loads(line)
        if not isinstance(data, dict):
            raise RecordError(name, 1, "not a JSON object")
        schema = str(data.get("schema", "?"))[:20]
        if schema.split(".", 1)[0] != SCHEMA.split(".", 1)[0]:
            raise RecordError(name, 1, f"schema {schema!r} cannot be read by this version, which reads {SCHEMA}")
        if data.get("kind") == "duet":
            raise RecordError(name, 1, "a duet, not a run: it holds a comparison of its own")
        run = from_data(Run, data)
        if not math.isfinite(run.started):
            raise RecordError(name, 1, f"Run.started should be a time, not {run.started}")
        return run
    except (ValueError, RecursionError) as error:
        raise RecordError(name, 1, f"not the header of a run: {_said(error)}") from None


def _said(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _decode(line: bytes) -> _Record:
    if not line.isascii():
        line.decode()  # what is passed over unread has to be text as well
    return _RECORD.decode(line)


class _Jobs:
    """The jobs of a run, from one record after another."""

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self.by_id: dict[str, _Gathered] = {}
        # Most records spell their job as the first one did, and need not have it decoded again.
        self._by_spelling: dict[bytes, _Gathered] = {}
        self._named = 0

    def add(self, record: _Record) -> None:
        """Take in one record. Raises ValueError where it does not fit with those before."""
        gathered = self._by_spelling.get(spelling := bytes(record.job)) or self._new(spelling)
        status = record.status
        if record.round in gathered.rounds:
            raise ValueError(f"round {record.round} of {gathered.id} is there twice")
        gathered.rounds.add(record.round)
        if status not in gathered.reasons:
            gathered.reasons[status] = record.reason[:_LONGEST_TEXT]
        if record.definition not in gathered.definitions:
            gathered.definitions.add(record.definition[:_LONGEST_TEXT])
        if status != "ok":
            return
        gathered.good += 1
        metric = self.metric
        for found in record.measurements:
            if found.metric == metric:
                _take(gathered, found)
                return

    def _new(self, spelling: bytes) -> _Gathered:
        self._named += len(spelling)
        if self._named > MOST_NAMES:
            raise ValueError(f"the jobs take more than {MOST_NAMES} bytes to describe")
        job, name = spelt(spelling)
        gathered = self.by_id.setdefault(name, _Gathered(job, name))
        self._by_spelling[spelling] = gathered
        return gathered


def spelt(spelling: bytes) -> tuple[SpeltJob, str]:
    """A job of its JSON, and its id as `Case.id` and `Job.id` make it. Raises ValueError where it is no job."""
    job = _JOB.decode(spelling)
    axes = ",".join([f"{axis}={value}" for axis, value in job.case.axes.items()])
    case = f"{job.case.workload}/{axes}" if axes else job.case.workload
    return job, f"{case}@{job.backend}/{job.precision}/t{job.threads}"


def _take(gathered: _Gathered, found: Samples) -> None:
    how = (found.unit, found.better, found.protocol)
    if gathered.how != how:
        if gathered.how is not None:
            raise ValueError(f"the rounds of {gathered.id} measured {found.metric} in different ways")
        if len(found.unit) > _LONGEST_TEXT:
            raise ValueError(f"a unit of {len(found.unit)} characters is none")
        gathered.how, gathered.iterations = how, found.iterations
    samples = _numbers(found.samples)
    gathered.measured += len(samples)
    ordered = sorted(samples) if math.isfinite(sum(samples)) else ()
    if ordered and ordered[0] > 0:
        middle = len(ordered) // 2
        gathered.medians.append(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)
    else:
        _take_odd(gathered, samples, found.unit)


def _take_odd(gathered: _Gathered, samples: Sequence[float], unit: str) -> None:
    """As in a report: zeros count towards a time's median, and a median of zero says nothing."""
    gathered.unusable += sum(not math.isfinite(x) or x < 0 or (x == 0 and unit == "s") for x in samples)
    usable = [x for x in samples if math.isfinite(x)]
    if not usable:
        return
    median = statistics.median(usable)
    if 0 < median < math.inf or (median == 0 and unit != "s"):
        gathered.medians.append(median)


def _numbers(samples: msgspec.Raw) -> tuple[float, ...]:
    try:
        return _NUMBERS.decode(samples)
    except msgspec.ValidationError:
        return tuple(map(float, _NUMBERS_AND_WORDS.decode(samples)))


def _series(found: _Gathered, metric: str) -> Series:
    status = min(found.reasons, key=_ORDER.index)
    troubles: dict[Status, str] = {s: reason for s, reason in found.reasons.items() if s != "ok"}
    unit, better, protocol = found.how or ("", "", 0)
    return Series(
        job=found.id,
        workload=found.job.case.workload,
        backend=found.job.backend,
        precision=found.job.precision,
        metric=metric,
        status=status,
        reason=troubles.get(status) or next(iter(troubles.values()), ""),
        rounds=len(found.rounds),
        lost=len(found.rounds) - found.good,
        medians=tuple(found.medians) if status == "ok" else (),
        unit=unit,
        better=better,
        protocol=protocol,
        definition="+".join(sorted(found.definitions)),
        iterations=found.iterations,
        measured=found.measured,
        unusable=found.unusable,
    )
