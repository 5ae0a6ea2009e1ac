"""One pair: a job on two sides, by workers that share turns or, where two do not fit in memory, by one at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import psutil

from benchsuite import cache
from benchsuite.measure.turns import GONE
from benchsuite.records import LOST_PARTNER, Arm, Found, Measurement, Pair, Record, Request, Settings, Turn
from benchsuite.records.codec import from_data
from benchsuite.runner.engine import engine_folder
from benchsuite.runner.sides import Place
from benchsuite.runner.zygote import Outcome, Zygote, ZygoteDied

_GRACE_SECONDS = 5.0
_MEMORY_SHARE = 0.9
_NO_MEMORY = re.compile(r"memory|bad_alloc", re.IGNORECASE)


@dataclass
class Sides:
    """The environments of a duet, and what every replicate shares.

    That is the settings, the inner loops that were chosen, and the jobs of which two copies do not fit in memory.
    """

    base: Place
    candidate: Place
    control: Place
    settings: Settings
    timeout: float
    iterations: dict[str, int] = field(default_factory=dict)
    too_large: set[str] = field(default_factory=set)

    def zygote(self, place: Place, imports: Sequence[str], seed: int) -> Zygote:
        """A fresh interpreter of `place` that runs this engine."""
        environ = {
            "PYTHONPATH": os.pathsep.join(filter(None, [str(engine_folder()), os.environ.get("PYTHONPATH")])),
            "OMP_NUM_THREADS": str(self.settings.threads),
            # A pool that spins after its work would take a processor from the other side.
            "OMP_WAIT_POLICY": "PASSIVE",
        }
        if place.caches:
            environ["BENCHSUITE_CACHE"] = str(cache.folder("sides") / place.caches / "cache")
        return Zygote(imports, seed, environ, place.interpreter)


@dataclass(frozen=True)
class Asked:
    """A pair that is wanted, whether the base begins, and a number that says which processor they share."""

    found: Found
    arm: Arm
    stage: int
    replicate: int
    base_leads: bool
    place: int = 0


class PairLost(Exception):
    """An interpreter died while it measured; the pair says on which side."""

    def __init__(self, pair: Pair) -> None:
        super().__init__(pair.job)
        self.pair = pair


def measure(sides: Sides, asked: Asked, base: Zygote, other: Zygote) -> Pair:
    """Both sides of a pair. Raises PairLost."""
    job = asked.found.job.id
    if job not in sides.too_large:
        records = _in_turn(sides, asked, base, other)
        if not any(r.status == "failed" and _NO_MEMORY.search(r.reason) for r in records):
            return _pair(sides, asked, records)
        sides.too_large.add(job)
    return _pair(sides, asked, _one_at_a_time(sides, asked, base, other))


def lost(asked: Asked, side: Literal["base", "other"], reason: str) -> Pair:
    """A pair that was not measured, for what happened on one side."""
    failed = _failed(asked, reason)
    records = (failed, _lost_partner(failed)) if side == "base" else (_lost_partner(failed), failed)
    return Pair(asked.found.job.id, asked.arm, asked.stage, asked.replicate, _led(asked), *records)


@contextlib.contextmanager
def _blaming(asked: Asked, side: Literal["base", "other"]) -> Iterator[None]:
    try:
        yield
    except ZygoteDied as error:
        raise PairLost(lost(asked, side, str(error))) from None


def _pair(sides: Sides, asked: Asked, records: Sequence[Record]) -> Pair:
    _keep_iterations(sides, asked, records)
    return Pair(asked.found.job.id, asked.arm, asked.stage, asked.replicate, _led(asked), *records)


def _led(asked: Asked) -> Literal["base", "other"]:
    return "base" if asked.base_leads else "other"


def _keep_iterations(sides: Sides, asked: Asked, records: Sequence[Record]) -> None:
    """The inner loop that was chosen first is that of all further pairs."""
    timed = (m for r in records for m in r.measurements if m.metric in ("time/latency", "time/device"))
    if (first := next(timed, None)) is not None:
        sides.iterations.setdefault(asked.found.job.id, first.iterations)


def _in_turn(sides: Sides, asked: Asked, base: Zygote, other: Zygote) -> list[Record]:
    """Two live workers that alternate; the records of base and other. Raises PairLost."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with _blaming(asked, "base"):
            base.begin(_request(sides, asked, 2, leads=asked.base_leads), ours)
        with _blaming(asked, "other"):
            other.begin(_request(sides, asked, 2, leads=not asked.base_leads), theirs)
    ended = _ends(asked, base, other, sides.timeout)
    records = [_record(outcome, asked) for outcome in ended]
    if all(outcome.late for outcome in ended):
        records[1] = _lost_partner(records[1])
    return [_lost_partner(r) if r.status == "failed" and GONE in r.reason else r for r in records]


def _ends(asked: Asked, base: Zygote, other: Zygote, timeout: float) -> tuple[Outcome, Outcome]:
    """How both workers ended."""
    deadline = time.monotonic() + timeout
    try:
        theirs = other.end(timeout)
    except ZygoteDied as error:
        # Where the base's died as well, the candidate is not to blame.
        with _blaming(asked, "base"):
            base.end(_GRACE_SECONDS)
        raise PairLost(lost(asked, "other", str(error))) from None
    with _blaming(asked, "base"):
        # Where the other side hung, this one learns now that it has no partner, if it does not hang itself.
        ours = base.end(max(_GRACE_SECONDS, deadline - time.monotonic()))
    return (dataclasses.replace(ours, fault=theirs.fault) if ours.late and theirs.late else ours), theirs


def _one_at_a_time(sides: Sides, asked: Asked, base: Zygote, other: Zygote) -> list[Record]:
    """Four whole processes, A B B A, as one record a side whose blocks pair the processes' samples in order."""
    order = [base, other, other, base] if asked.base_leads else [other, base, base, other]
    halves: dict[int, list[Record]] = {id(base): [], id(other): []}
    for zygote in order:
        with _blaming(asked, "base" if zygote is base else "other"):
            record = _record(zygote.ask(_request(sides, asked, 1), sides.timeout), asked)
        halves[id(zygote)].append(record)
        if record.status != "ok":
            unmeasured = _lost_partner(record)
            return [record, unmeasured] if zygote is base else [unmeasured, record]
        _keep_iterations(sides, asked, [record])
    return [_interleaved(*halves[id(zygote)]) for zygote in (base, other)]


def _interleaved(first: Record, second: Record) -> Record:
    """The record of two processes of one side: their samples of each metric in alternation."""
    both = []
    for mine in first.measurements:
        theirs = second.measurement(mine.metric)
        if theirs is not None:
            both.append(
                Measurement.of(
                    mine.metric,
                    _alternated(mine.samples, theirs.samples),
                    mine.iterations,
                    _alternated(mine.cpu, theirs.cpu),
                )
            )
    return dataclasses.replace(first, measurements=tuple(both))


def _alternated(first: Sequence[float], second: Sequence[float]) -> tuple[float, ...]:
    return tuple(x for pair in zip(first, second, strict=False) for x in pair)


def _request(sides: Sides, asked: Asked, copies: int, *, leads: bool | None = None) -> Request:
    settings = sides.settings
    on_host = asked.found.device == "cpu"
    return Request(
        "job",
        asked.found.job,
        asked.replicate,
        seed=settings.seed,
        sample_seconds=settings.sample_seconds,
        iterations=sides.iterations.get(asked.found.job.id),
        memory_bytes=int(_MEMORY_SHARE * psutil.virtual_memory().available / copies) if on_host else None,
        turn=None if leads is None else Turn(leads, settings.sample_seconds, _shared_cpu(asked)),
    )


def _shared_cpu(asked: Asked) -> int | None:
    """One processor for both sides of what runs on one thread, another for other pairs; None where it may roam.

    Left to the system, pairs of the same code differed by a third now and then on a virtual machine with two: most
    likely each side keeps a processor, and whatever slows that one for a second slows one side alone.
    """
    found = asked.found
    if found.job.threads != 1 or found.device != "cpu" or not found.alone or not hasattr(os, "sched_getaffinity"):
        return None
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[asked.place % len(cpus)]


def _record(outcome: Outcome, asked: Asked) -> Record:
    if outcome.fault:
        return _failed(asked, outcome.fault, outcome.log)
    try:
        return from_data(Record, outcome.answer)
    except ValueError as error:
        return _failed(asked, f"the worker's answer is not a record: {error}", outcome.log)


def _failed(asked: Asked, reason: str, log: str = "") -> Record:
    found = asked.found
    return Record(
        found.job, asked.replicate, "failed", reason, started=time.time(), definition=found.definition, log=log
    )


def _lost_partner(record: Record) -> Record:
    """A side that only lost its partner was not measured, which is no fault of its own."""
    return dataclasses.replace(record, status="skipped", reason=LOST_PARTNER, log="", measurements=())
