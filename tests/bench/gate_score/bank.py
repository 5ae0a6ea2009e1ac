"""The sample bank: recorded processes and duets, read from results/noise/."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

FOLDER = Path(__file__).parents[3] / "results" / "noise"
_GROUP_OF = 12
_SAME_GROUP_SECONDS = 15.0
_SLOWED = re.compile(r"(.+)-(time|work)-[\d.]+")
_NUMBER = re.compile(r"-?\d+$")


@dataclass(frozen=True)
class Process:
    """One fresh process: seconds an iteration, sample by sample, and how long it took from its start to the next."""

    load: str
    workload: str
    wall: Array
    cpu: Array
    started: float
    seconds: float
    group: int


@dataclass(frozen=True)
class Duet:
    """One fresh pair of processes that took turns: seconds an iteration, two samples a side and block A B B A.

    `injected` is the true change of the candidate (0.03 is 3 % slower), 0 where both sides are the same code.
    """

    load: str
    workload: str
    schedule: str
    base: Array
    candidate: Array
    base_cpu: Array
    candidate_cpu: Array
    started: float
    seconds: float
    arm: str = "control"
    injected: float = 0.0

    @property
    def log_ratio(self) -> float:
        """The value of the pair: the median over blocks of log(candidate / base)."""
        blocks = min(len(self.base), len(self.candidate)) // 2 * 2
        logs = np.log(self.candidate[:blocks]) - np.log(self.base[:blocks])
        return float(np.median((logs[0::2] + logs[1::2]) / 2))


@dataclass(frozen=True)
class Bank:
    """All of it, each kind in order of time."""

    processes: tuple[Process, ...]
    duets: tuple[Duet, ...]


def read(folder: Path = FOLDER) -> Bank:
    """Every file of the folder. Names say kind and load: `solo-heavy.jsonl.gz`, `duet-moderate.jsonl.gz`."""
    processes: list[Process] = []
    duets: list[Duet] = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        kind, _, load = path.name.removesuffix(".jsonl.gz").partition("-")
        lines = _lines(path)
        if kind == "solo":
            processes += _processes(lines, load)
        elif kind == "duet":
            duets += _duets(lines, load)
        elif kind == "pairs":
            duets += _pairs(lines, load)
        else:
            raise ValueError(f"{path.name} is of no known kind: it should begin with solo-, duet- or pairs-")
    return Bank(
        tuple(sorted(processes, key=lambda item: item.started)), tuple(sorted(duets, key=lambda item: item.started))
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _processes(lines: Sequence[Mapping[str, Any]], load: str) -> Iterator[Process]:
    """Fresh processes one after another; a change of workload, a gap, or twelve of them end a group."""
    seconds = _start_to_start([(line["wl"], line["ts"]) for line in lines])
    group, count, before = 0, 0, lines[0]
    for line in lines:
        gap = line["ts"] - before["ts"] > _SAME_GROUP_SECONDS
        ends = gap or line["wl"] != before["wl"] or count == _GROUP_OF
        group, count, before = group + ends, 1 if ends else count + 1, line
        wall, cpu = np.array(line["t"]), np.array(line["c"])
        yield Process(load, line["wl"], wall, cpu, line["ts"], seconds[line["wl"]], group)


def _duets(lines: Sequence[Mapping[str, Any]], load: str) -> Iterator[Duet]:
    """Pairs of two live processes: a row is wall A, wall B, CPU A, CPU B of one alternation."""
    seconds = _start_to_start([(line["wl"], line["ts"]) for line in lines])
    for line in lines:
        columns = np.array(line["p"]).T
        took = line.get("dur", seconds[line["wl"]])
        yield Duet(load, line["wl"], line.get("v", "15free"), *columns[:4], line["ts"], took)


def _pairs(lines: Sequence[Mapping[str, Any]], name: str) -> Iterator[Duet]:
    """What a duet stores: a header, then a pair a line with a record of each side.

    The name is that of a session, and how its candidate was slowed: `quiet-2-time-0.05` is the second of `quiet`.
    """
    session, schedule = (found[1], found[2]) if (found := _SLOWED.fullmatch(name)) else (name, "own")
    load = _NUMBER.sub("", session)
    header, *pairs = lines
    injected = float(header.get("injected", 0.0))
    good = [pair for pair in pairs if pair["base"]["status"] == pair["other"]["status"] == "ok"]
    seconds = _own_seconds(good)
    for pair in good:
        sides = [_latency(pair[side]["measurements"]) for side in ("base", "other")]
        walls = [np.array(m["samples"]) for m in sides]
        cpus = [np.array(m.get("cpu", ())) for m in sides]
        true = injected if pair["arm"] == "candidate" else 0.0
        started, took = pair["base"]["started"], seconds[pair["job"]]
        yield Duet(load, pair["job"], schedule, *walls, *cpus, started, took, pair["arm"], true)


def _latency(measurements: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next(m for m in measurements if m["metric"] in ("time/latency", "time/device"))


def _own_seconds(pairs: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Median seconds from the start of a pair to that of the next one of its replicate, by job.

    Other slow-downs were recorded between replicates, and are no part of this; nor is starting the interpreters, which
    all jobs of a replicate share.
    """
    spent: dict[str, list[float]] = {pair["job"]: [] for pair in pairs}
    for pair, following in itertools.pairwise(pairs):
        if pair["replicate"] == following["replicate"]:
            spent[pair["job"]].append(following["base"]["started"] - pair["base"]["started"])
    every = [x for own in spent.values() for x in own] or [float("nan")]
    return {job: statistics.median(own or every) for job, own in spent.items()}


def _start_to_start(starts: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Median seconds from one start to the next, by workload, where two of a workload follow each other closely."""
    gaps: dict[str, list[float]] = {name: [] for name, _ in starts}
    for (name, at), (following, later) in itertools.pairwise(starts):
        if later - at <= _SAME_GROUP_SECONDS and (following == name):
            gaps[name].append(later - at)
    every = [later - at for (_, at), (_, later) in itertools.pairwise(starts)]
    return {name: statistics.median(found or every or [float("nan")]) for name, found in gaps.items()}
