"""Replaying the bank: every rule on the data of its tool, at several true changes."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchsuite.analysis.gate import Policy
from tests.bench.gate_score.bank import Bank
from tests.bench.gate_score.collect import Collector, Series, one_thread, series
from tests.bench.gate_score.rules import Call, Rule
from tests.bench.gate_score.rules.replicated import TooFewPairs, one_stage, raised, two_stage
from tests.bench.gate_score.tally import Said, Tally

CHANGES = (0.0, 0.02, 0.03, 0.05, 0.10)
_POOLS = 200
_ASKED = 2000
MOST_PAIRS = 28
_FEWEST_TO_DRAW = 12
"""Of fewer pairs the same come too often, and make the spread look smaller than it is."""
_SEED = 20261122
_FLOOR_OF = 8
_FALSE_ALARMS = 0.01

Threads = Literal["one", "two"]


@dataclass(frozen=True)
class Tool:
    """A rule of another tool, and how that tool collects what it decides on."""

    name: str
    data: str
    rule: Rule
    collect: Collector


@dataclass(frozen=True)
class Ours:
    """The replicated duet: `pairs` in one stage, or 0 for the whole gate.

    With a `floor` its limits are raised to the noise of the earlier half, which the gate itself does not do.
    """

    name: str
    data: str
    load: str
    schedule: str
    pairs: int
    floor: bool
    drawn: bool

    def decide(self, values: Iterator[float], controls: Sequence[float]) -> Call:
        """The call on the next pairs. Raises TooFewPairs where they end before it has enough."""
        if not self.pairs:
            return two_stage(values, raised(Policy(), controls, _FLOOR_OF) if self.floor else Policy())
        taken = list(itertools.islice(values, self.pairs))
        if len(taken) < self.pairs:
            raise TooFewPairs
        return one_stage(taken, Policy())


@dataclass(frozen=True)
class Score:
    """What came of one rule. `independent` is how many comparisons the recorded pairs would make without drawing.

    `earlier` is the evidence that it found on equal sides in the half that is not scored.
    """

    entry: Tool | Ours
    tally: Tally
    independent: int
    earlier: tuple[float, ...] = ()

    @property
    def drawn(self) -> bool:
        """Whether its pairs were drawn, and not taken as they were recorded."""
        return isinstance(self.entry, Ours) and self.entry.drawn

    @property
    def threshold(self) -> float | None:
        """The evidence that one in a hundred of the earlier calls was beyond, at most; None where there were none."""
        if not self.earlier:
            return None
        return sorted(self.earlier, reverse=True)[int(_FALSE_ALARMS * len(self.earlier))]


def score(entry: Tool | Ours, bank: Bank, threads: Threads) -> Score:
    """One rule on all workloads with that many threads."""
    if isinstance(entry, Tool):
        return _score_tool(entry, bank, threads)
    return _score_ours(entry, bank, threads)


def _wanted(workload: str, threads: Threads) -> bool:
    return one_thread(workload) == (threads == "one")


def _score_tool(entry: Tool, bank: Bank, threads: Threads) -> Score:
    tally, earlier = Tally(), []
    names = {p.workload for p in bank.processes} | {d.workload for d in bank.duets}
    for workload in sorted(name for name in names if _wanted(name, threads)):
        for comparison in entry.collect(bank, workload):
            for change in CHANGES if comparison.injected == 0 else ():
                call = entry.rule(comparison.x, comparison.y * (1 + change))
                tally.add(workload, comparison.group, change, call, comparison.seconds)
        before = entry.collect(bank, workload, "earlier")
        earlier += [entry.rule(c.x, c.y).evidence for c in before if c.injected == 0]
    return Score(entry, tally, tally.count("all", 0.0), tuple(earlier))


def _score_ours(entry: Ours, bank: Bank, threads: Threads) -> Score:
    tally, independent, earlier = Tally(), 0, []
    for number, item in enumerate(series(bank)):
        same = (item.load, item.schedule, item.injected) == (entry.load, entry.schedule, 0.0)
        if not same or not _wanted(item.workload, threads):
            continue
        independent += len(item.half("later") if entry.floor or entry.drawn else item.values) // (entry.pairs or 12)
        (_draw if entry.drawn else _follow)(entry, item, number, tally, CHANGES)
        if entry.drawn and not entry.floor:
            earlier += _draw_earlier(entry, item, number)
    return Score(entry, tally, independent, tuple(earlier))


def _follow(entry: Ours, item: Series, number: int, tally: Tally, changes: Iterable[float]) -> None:
    """Pairs in the order in which they were recorded, each used once; a call begins where the one before ended.

    The series of a schedule were recorded in turn, so calls of one ordinal saw the same minutes: they are a group.
    """
    values = np.array(item.half("later") if entry.floor else item.values)
    for change in changes:
        for ordinal, call in enumerate(_calls(entry, iter((values + math.log1p(change)).tolist()), item)):
            tally.add(item.workload, str(ordinal), change or item.injected, call, item.seconds * (call.used or 0))


def _calls(entry: Ours, pairs: Iterator[float], item: Series) -> Iterator[Call]:
    """One after the other; what the end of the series leaves nominated is unclear, as where a budget ends."""
    while True:
        try:
            yield entry.decide(pairs, item.controls)
        except TooFewPairs as end:
            if end.nominated:
                yield Call("unclear")
            return


def _draw(entry: Ours, item: Series, number: int, tally: Tally, changes: Iterable[float]) -> None:
    """Pairs of the later half drawn with replacement, sides exchanged by a coin, from pools drawn the same way.

    The same draws serve every change. Then the change is tried that calls on equal sides typically said they could see.
    """
    recorded = np.array(item.half("later"))
    if len(recorded) < _FEWEST_TO_DRAW:
        return
    random = np.random.default_rng([_SEED, number])
    said = []
    for pool in range(_POOLS):
        among = random.choice(recorded, len(recorded))
        for _ in range(15 if entry.pairs else 6):
            values = _flipped(random, among)
            for change in changes:
                call = entry.decide(iter((values + math.log1p(change)).tolist()), item.controls)
                tally.add(item.workload, str(pool), change, call, item.seconds * (call.used or 0))
                if change == 0 and call.smallest is not None:
                    said.append(call.smallest)
    tally.said.append(_said(entry, item, statistics.median(said), random))


def _said(entry: Ours, item: Series, smallest: float, random: np.random.Generator) -> Said:
    """Fresh draws, the same for all three changes."""
    streams = [_flipped(random, np.array(item.half("later"))) for _ in range(_ASKED)]

    def seen(change: float) -> float:
        calls = (entry.decide(iter((s + math.log1p(change)).tolist()), item.controls) for s in streams)
        return sum(call.outcome == "slower" for call in calls) / _ASKED

    return Said(smallest, _ASKED, (seen(0.8 * smallest), seen(smallest), seen(1.25 * smallest)))


def _draw_earlier(entry: Ours, item: Series, number: int) -> list[float]:
    """The evidence of calls on equal sides, drawn in the same way from the earlier half."""
    recorded = np.array(item.half("earlier"))
    if len(recorded) < _FEWEST_TO_DRAW:
        return []
    random = np.random.default_rng([_SEED, number, 1])
    streams = (_flipped(random, recorded).tolist() for _ in range(_ASKED))
    return [entry.decide(iter(stream), item.controls).evidence for stream in streams]


def _flipped(random: np.random.Generator, among: np.ndarray) -> np.ndarray:
    return random.choice(among, MOST_PAIRS) * random.choice([-1.0, 1.0], MOST_PAIRS)


def score_injected(entry: Ours, bank: Bank, threads: Threads) -> Score:
    """The rule on pairs with real slow-downs, nothing scaled: as they were recorded, or drawn from all of a series."""
    tally, independent = Tally(), 0
    for number, item in enumerate(series(bank)):
        same = (item.load, item.schedule) == (entry.load, entry.schedule)
        if same and item.injected > 0 and _wanted(item.workload, threads):
            independent += len(item.values) // (entry.pairs or 12)
            (_draw_injected if entry.drawn else _follow)(entry, item, number, tally, (0.0,))
    return Score(entry, tally, independent)


def _draw_injected(entry: Ours, item: Series, number: int, tally: Tally, changes: Iterable[float]) -> None:
    """Sides are not exchanged, since they differ."""
    if len(item.values) < _FEWEST_TO_DRAW:
        return
    random = np.random.default_rng([_SEED, number])
    for pool in range(_POOLS):
        among = random.choice(item.values, len(item.values))
        for _ in range(6):
            call = entry.decide(iter(random.choice(among, MOST_PAIRS).tolist()), item.controls)
            tally.add(item.workload, str(pool), item.injected, call, item.seconds * (call.used or 0))
