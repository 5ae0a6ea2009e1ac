"""Parts of one measurement, such as the shards of a suite, joined into one run: what must be alike, what is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchsuite.errors import UsageError
from benchsuite.records import Record, Run, Status
from benchsuite.records.codec import to_data
from benchsuite.remote.address import said

HOSTS = " + "
"""Between the names of the hosts that the parts of a run were measured on."""

# Hosts of one kind have names of their own, and differ by what their systems keep of the memory for themselves.
_JOINED = (
    *("started", "jobs", "settings.patterns", "settings.backends", "settings.precisions", "settings.budget_seconds"),
    *("environment.host", "environment.memory_bytes", "environment.swap_bytes"),
)
_PASSING = ".pcie_width"  # a link to a device that has nothing to do grows narrow


@dataclass(frozen=True, slots=True)
class Line:
    """A record as the bytes that store it, and what of it joining goes by."""

    job: str
    workload: str
    round: int
    status: Status
    started: float
    text: bytes

    @classmethod
    def of(cls, record: Record, text: bytes) -> Line:
        """The line that a record stands on."""
        job = record.job
        return cls(job.id, job.case.workload, record.round, record.status, record.started, text)


@dataclass(frozen=True)
class Part:
    """A stored run that is part of a measurement: what its file is called, its header, its records."""

    name: str
    run: Run
    lines: tuple[Line, ...]

    @property
    def session(self) -> tuple[float, str]:
        """Of one invocation, and of copies of its file."""
        return self.run.started, self.run.environment.host


_Found = Mapping[bytes, tuple[Line, str]]
"""Records of one job in one session, by what they are, and the file that each is in."""


def join(parts: Sequence[Part]) -> tuple[Run, tuple[Line, ...]]:
    """The run that the parts are of: its header, and its records in the order in which they were measured.

    Settings are the union, which may ask for more than was measured. Records that are the same are kept once, and a job
    that is only skipped is skipped once. Raises UsageError where parts were not measured alike, or a job in several
    sessions: sessions differ by more than the rounds of one do, so that rounds of several would look too sure.
    """
    ordered = sorted(parts, key=lambda part: part.run.started)
    for part in ordered[1:]:
        _alike(ordered[0], part)
    return _header(ordered), _records(ordered)


def _alike(first: Part, other: Part) -> None:
    ours, theirs = (dict(_fields(to_data(part.run))) for part in (first, other))
    names = [name for name in {**ours, **theirs} if name not in _JOINED and not name.endswith(_PASSING)]
    differing = [name for name in names if ours.get(name) != theirs.get(name)]
    if differing:
        name = differing[0]
        where = " and ".join(
            f"{_words(fields.get(name))} in {part.name}" for part, fields in ((first, ours), (other, theirs))
        )
        more = f" (also {', '.join(differing[1:4])}{', ...' * bool(differing[4:])})" if differing[1:] else ""
        raise UsageError(
            f"{name} is {where}{more}: only parts of one measurement are joined; benchsuite report shows such runs "
            "side by side, and compare takes several a side"
        )


def _fields(data: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Every field of plain data by its path, such as `environment.accelerators.0.name`."""
    if isinstance(data, list) and any(isinstance(item, dict) for item in data):
        data = dict(enumerate(data))
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _fields(value, f"{name}.{key}" if name else str(key))
    else:
        yield name, data


def _words(value: object) -> str:
    return said(" ".join(map(str, value)) if isinstance(value, list) else "none" if value is None else value)


def _header(parts: Sequence[Part]) -> Run:
    runs = [part.run for part in parts]
    settings = [run.settings for run in runs]
    environments = [run.environment for run in runs]
    return dataclasses.replace(
        runs[0],
        jobs=_union(run.jobs for run in runs),
        settings=dataclasses.replace(
            settings[0],
            patterns=_patterns(parts),
            backends=_union(s.backends for s in settings) if all(s.backends for s in settings) else (),
            precisions=_union(s.precisions for s in settings),
            budget_seconds=settings[0].budget_seconds if len(parts) == 1 else None,  # it is of one sitting
        ),
        environment=dataclasses.replace(
            environments[0],
            host=HOSTS.join(_union(e.host.split(HOSTS) for e in environments)),
            memory_bytes=min(e.memory_bytes for e in environments),
            swap_bytes=min(e.swap_bytes for e in environments),
        ),
    )


def _patterns(parts: Sequence[Part]) -> tuple[str, ...]:
    """All patterns. No pattern stands for the whole preset beside others: there its workloads are named."""
    if not any(part.run.settings.patterns for part in parts):
        return ()
    return _union(part.run.settings.patterns or [line.workload for line in part.lines] for part in parts)


def _union(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _records(parts: Sequence[Part]) -> tuple[Line, ...]:
    jobs: dict[str, dict[tuple[float, str], dict[bytes, tuple[Line, str]]]] = {}
    for part in parts:
        for line in part.lines:
            jobs.setdefault(line.job, {}).setdefault(part.session, {}).setdefault(line.text, (line, part.name))
    kept = [line for sessions in jobs.values() for line in _of_one_session(list(sessions.values()))]
    return tuple(sorted(kept, key=lambda line: line.started))


def _of_one_session(sessions: Sequence[_Found]) -> list[Line]:
    """The records of one job. A session may hold those of another, where that is a copy or was joined before."""
    measured = [found for found in sessions if any(line.status != "skipped" for line, _ in found.values())]
    whole = max(measured, key=len) if measured else sessions[0]
    for found in measured:
        apart = next((item for text, item in found.items() if text not in whole), None)
        if apart is not None:
            line, name = apart
            (_, other), *_ = whole.values()
            raise UsageError(
                f"{line.job} was measured in {other} and, in another session, in {name}: rounds of several sessions "
                "must not pass for those of one. Leave one file out, or give both to report or compare"
            )
    _each_round_once(whole)
    return [line for line, _ in whole.values()]


def _each_round_once(found: _Found) -> None:
    rounds: dict[int, str] = {}
    for line, name in found.values():
        if line.round in rounds:
            raise UsageError(
                f"round {line.round} of {line.job} is not the same in {rounds[line.round]} and {name}, of one session: "
                "leave one file out"
            )
        rounds[line.round] = name
