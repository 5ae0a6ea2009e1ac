"""Histories: one job over many runs of a machine, as series of session values in the order of time."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from benchsuite.records import Reading, Run

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Moment:
    """One stored run as a point in time: its name, when it began (seconds since 1970), its machine class and commit."""

    name: str
    started: float
    machine: str
    commit: str = ""


class Kind(NamedTuple):
    """What the values of one history share besides the machine.

    The definition is of the workload, the protocol of the run, and what its inputs were drawn from: seed and corpus.
    """

    job: str
    metric: str
    protocol: int
    definition: str
    unit: str
    better: str


class Value(NamedTuple):
    """What one run says of one kind: the mean over rounds of the log median, and the deviation between rounds.

    The deviation is NaN where there was one round.
    """

    kind: Kind
    log: float
    deviation: float
    rounds: int


class Columns(NamedTuple):
    """The values of one run as columns of one length: kinds in their order, each once.

    There may be many thousands of runs of hundreds of kinds: so they are 16 bytes a value, and their kinds are shared.
    """

    kinds: tuple[Kind, ...]
    logs: array[float]
    deviations: array[float]
    rounds: array[int]


@dataclass(frozen=True)
class History:
    """Values of one kind on one machine class in the order of time: arrays of one length, and the run of each.

    `when` holds places in `moments`, which all histories share.
    """

    kind: Kind
    machine: str
    moments: tuple[Moment, ...] = field(repr=False)
    when: Whole = field(repr=False)
    logs: Floats = field(repr=False)
    deviations: Floats = field(repr=False)
    rounds: Whole = field(repr=False)

    def __len__(self) -> int:
        return len(self.logs)

    def moment(self, i: int) -> Moment:
        """The run that value `i` is of."""
        return self.moments[int(self.when[i])]


def moment(name: str, run: Run) -> Moment:
    """The point in time that a stored run is."""
    return Moment(name, run.started, run.environment.machine_class, run.environment.commit or "")


def inputs(run: Run) -> str:
    """What the jobs of a run drew their inputs from, and its protocol: a part of their definition."""
    return f"{run.protocol}/{run.settings.seed}/{run.settings.corpus or ''}"


def values(reading: Reading) -> list[Value]:
    """What a stored run says, one value a job; of jobs without a positive median nothing."""
    drawn_from = inputs(reading.run)
    found = []
    for series in reading.series.values():
        if series.medians and all(0 < m < math.inf for m in series.medians):
            definition = f"{series.definition}/{drawn_from}"
            kind = Kind(series.job, series.metric, series.protocol, definition, series.unit, series.better)
            found.append(Value(kind, *pooled(series.medians)))
    return found


def pooled(medians: Sequence[float]) -> tuple[float, float, int]:
    """What the medians of rounds, all positive, say together: mean log, deviation and number."""
    if len(medians) == 1:
        return math.log(medians[0]), math.nan, 1
    # Note: not by `statistics`, whose exact sums would take longer than reading the file does.
    logs = [math.log(m) for m in medians]
    mean = math.fsum(logs) / len(logs)
    return mean, math.sqrt(math.fsum((x - mean) ** 2 for x in logs) / (len(logs) - 1)), len(logs)


def columns(values: Iterable[Value]) -> Columns:
    """Values of one run, no two of a kind, in any order, as columns. Raises OverflowError on 2**31 rounds."""
    ordered = sorted(values, key=lambda value: value.kind)
    return Columns(
        tuple(value.kind for value in ordered),
        array("d", [value.log for value in ordered]),
        array("f", [value.deviation for value in ordered]),
        array("i", [value.rounds for value in ordered]),
    )


def _identity(moment: Moment, found: Columns) -> tuple[object, ...]:
    """What a copy of a run has in common with it, and hardly another run has."""
    return (moment.started, moment.machine, *zip(found.kinds[:3], found.logs[:3], strict=True))


class Gathering:
    """Histories while runs are being read, in any order: 24 bytes a value."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self._places: dict[tuple[object, ...], int] = {}
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._numbered: dict[tuple[tuple[Kind, ...], str], array[int]] = {}
        self._of: array[int] = array("i")
        self._when: array[int] = array("i")
        self._logs: array[float] = array("d")
        self._deviations: array[float] = array("f")
        self._rounds: array[int] = array("i")

    def add(self, moment: Moment, found: Columns) -> int:
        """Add what one run says, unless that was added from a copy of it; return its place in `moments`.

        Copies of one run would pass for runs that agree.
        """
        place = len(self.moments)
        known = self._places.setdefault(_identity(moment, found), place)
        if known != place:
            return known
        self.moments.append(moment)
        self._of.extend(self._numbers_of(found.kinds, moment.machine))
        self._when.extend(array("i", [place]) * len(found.kinds))
        self._logs.extend(found.logs)
        self._deviations.extend(found.deviations)
        self._rounds.extend(found.rounds)
        return place

    def _numbers_of(self, kinds: tuple[Kind, ...], machine: str) -> array[int]:
        """The number of the history that each kind is of."""
        found = self._numbered.get((kinds, machine))
        if found is None:
            numbers = self._numbers
            found = array("i", [numbers.setdefault((kind, machine), len(numbers)) for kind in kinds])
            self._numbered[kinds, machine] = found
        return found

    def histories(self) -> list[History]:
        """All histories, each in the order of time, by job, metric and machine."""
        import numpy as np

        moments = tuple(self.moments)
        times = sorted(range(len(moments)), key=lambda i: (moments[i].started, moments[i].name))
        rank = np.empty(len(times), np.int64)
        rank[times] = np.arange(len(times))
        of, when = np.asarray(self._of, np.int64), np.asarray(self._when, np.int32)
        order = np.argsort(of * len(moments) + rank[when])
        stops = np.cumsum(np.bincount(of, minlength=len(self._numbers)))
        parts = np.split(order, stops[:-1])
        logs, rounds = np.asarray(self._logs, np.float64), np.asarray(self._rounds, np.int32)
        deviations = np.asarray(self._deviations, np.float32)
        return [
            History(kind, machine, moments, when[part], logs[part], deviations[part].astype(np.float64), rounds[part])
            for (kind, machine), part in ((key, parts[self._numbers[key]]) for key in sorted(self._numbers))
        ]
