"""What each tool would have collected: comparisons of the same code, put together from the bank."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np

from tests.bench.gate_score.bank import Array, Bank, Duet, Process

T = TypeVar("T")
_CLUSTER_SECONDS = 60.0
_TWO_THREADS = "mm2t"


@dataclass(frozen=True)
class Comparison:
    """Data of both sides, of one workload; `group` is what was recorded together, `seconds` what the verdict costs."""

    workload: str
    group: str
    x: Array
    y: Array
    seconds: float
    injected: float = 0.0


Half = Literal["earlier", "later"]
"""Of a workload's data in order of time: rules learn on the earlier half, and are scored on the later one."""


class Collector(Protocol):
    """Comparisons of one workload."""

    def __call__(self, bank: Bank, workload: str, half: Half = "later") -> Iterator[Comparison]:
        """Those of one half."""
        ...


def one_thread(workload: str) -> bool:
    """Whether a workload leaves one of two processors to others."""
    threads = re.search(r"/t(\d+)$", workload)
    return workload != _TWO_THREADS and (threads is None or threads[1] == "1")


def back_to_back(bank: Bank, workload: str, half: Half = "later") -> Iterator[Comparison]:
    """One process a side, the candidate's right after the base's."""
    return _chunks(bank, workload, half, "AB", lambda rows: rows[0])


def in_sequence(a_side: int) -> Collector:
    """Several processes a side, first all of the base, then all of the candidate."""
    order = "A" * a_side + "B" * a_side
    return lambda bank, workload, half="later": _chunks(bank, workload, half, order, lambda rows: rows)


def interleaved(a_side: int) -> Collector:
    """Several processes a side in blocks A B B A."""
    order = "ABBA" * (a_side // 2)
    return lambda bank, workload, half="later": _chunks(bank, workload, half, order, lambda rows: rows)


def _chunks(bank: Bank, workload: str, half: Half, order: str, shape: Callable[[Array], Array]) -> Iterator[Comparison]:
    for group in halved(_groups(bank, workload), half):
        for start in range(0, len(group) - len(order) + 1, len(order)):
            chunk = group[start : start + len(order)]
            x, y = (np.array([p.wall for p, side in zip(chunk, order, strict=True) if side == s]) for s in "AB")
            yield Comparison(workload, _name(group), shape(x), shape(y), sum(p.seconds for p in chunk))


def stored(bank: Bank, workload: str, half: Half = "later") -> Iterator[Comparison]:
    """One process a side; the base's was stored about a minute ago, and costs nothing now."""
    for before, group in _with_previous(_groups(bank, workload), half):
        for old, new in zip(before, group, strict=False):
            yield Comparison(workload, _name(group), old.wall, new.wall, new.seconds)


def stored_group(bank: Bank, workload: str, half: Half = "later") -> Iterator[Comparison]:
    """Twelve processes a side, the base's first, the candidate's about a minute later."""
    for before, group in _with_previous(_groups(bank, workload), half):
        x, y = (np.array([p.wall for p in side]) for side in (before, group))
        yield Comparison(workload, _name(group), x, y, sum(p.seconds for p in (*before, *group)))


def history(statistic: Callable[[Array], np.floating]) -> Collector:
    """One value a process; the history is of all groups before the candidate's."""

    def collect(bank: Bank, workload: str, half: Half = "later") -> Iterator[Comparison]:
        groups = _groups(bank, workload)
        middle = len(groups) // 2
        for index in range(middle, len(groups)) if half == "later" else range(middle // 2, middle):
            earlier = np.array([statistic(p.wall) for group in groups[:index] for p in group])
            for p in groups[index]:
                yield Comparison(workload, _name(groups[index]), earlier, np.array([statistic(p.wall)]), p.seconds)

    return collect


def windows(bank: Bank, workload: str, half: Half = "later") -> Iterator[Comparison]:
    """Twelve medians of processes, after the 24 of the two groups before."""
    groups = _groups(bank, workload)
    middle = max(2, len(groups) // 2)
    for index in range(middle, len(groups)) if half == "later" else range(2, middle):
        back = np.array([np.median(p.wall) for group in groups[index - 2 : index] for p in group])
        fore = np.array([np.median(p.wall) for p in groups[index]])
        yield Comparison(workload, _name(groups[index]), back, fore, sum(p.seconds for p in groups[index]))


def one_pair(load: str, schedule: str) -> Collector:
    """Each pair of processes that took turns, alone."""

    def collect(bank: Bank, workload: str, half: Half = "later") -> Iterator[Comparison]:
        found = [d for d in bank.duets if (d.load, d.schedule, d.workload) == (load, schedule, workload)]
        for duet in halved(found, half):
            yield Comparison(workload, _minute(duet), duet.base, duet.candidate, duet.seconds, duet.injected)

    return collect


@dataclass(frozen=True)
class Series:
    """The log-ratios of pairs of one kind in order of time; `controls` are those of the same code before the cut."""

    load: str
    workload: str
    schedule: str
    injected: float
    values: tuple[float, ...]
    controls: tuple[float, ...]
    seconds: float

    def half(self, half: Half) -> Sequence[float]:
        """Those of one half."""
        return halved(self.values, half)


def series(bank: Bank) -> list[Series]:
    """Every series of the bank."""
    kinds: dict[tuple[str, str, str, float, str], list[Duet]] = {}
    for duet in bank.duets:
        kinds.setdefault((duet.load, duet.workload, duet.schedule, duet.injected, duet.arm), []).append(duet)
    values = {kind: tuple(d.log_ratio for d in duets) for kind, duets in kinds.items()}
    found = []
    for (load, workload, schedule, injected, arm), duets in kinds.items():
        same = [v for k, v in values.items() if k[:4] == (load, workload, schedule, 0.0)]
        controls = tuple(x for v in same for x in v[: len(v) // 2])
        seconds = float(np.mean([d.seconds for d in duets]))
        kind = (load, workload, schedule, injected, arm)
        found.append(Series(load, workload, schedule, injected, values[kind], controls, seconds))
    return found


def _groups(bank: Bank, workload: str) -> list[list[Process]]:
    found = [p for p in bank.processes if p.workload == workload]
    return [list(group) for _, group in itertools.groupby(found, key=lambda p: (p.load, p.group))]


def halved(items: Sequence[T], half: Half) -> Sequence[T]:
    """The earlier or the later half of what stands in order of time."""
    middle = len(items) // 2
    return items[middle:] if half == "later" else items[:middle]


def _with_previous(groups: list[list[Process]], half: Half) -> list[tuple[list[Process], list[Process]]]:
    pairs, middle = list(itertools.pairwise(groups)), max(0, len(groups) // 2 - 1)
    return pairs[middle:] if half == "later" else pairs[:middle]


def _name(group: list[Process]) -> str:
    return f"{group[0].workload} {group[0].load} {group[0].group}"


def _minute(duet: Duet) -> str:
    return f"{duet.load} {int(duet.started // _CLUSTER_SECONDS)}"
