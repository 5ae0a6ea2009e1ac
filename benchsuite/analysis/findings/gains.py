"""Gains: how many times faster one job is than another, over one pair or over many."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from benchsuite.analysis.estimate import Estimate, ratio
from benchsuite.analysis.findings.finding import Answer, Number
from benchsuite.analysis.scaling import latency
from benchsuite.analysis.summary import Summary

WORTH = 1.1
"""Below this a gain is none worth having, however sure it is."""
WIDE = "There is no interval, or it is too wide to tell: measure with more rounds or on a quieter machine"


@dataclass(frozen=True)
class Gain:
    """How many times less `other` takes than `base`."""

    base: Summary
    other: Summary
    value: Estimate

    @property
    def jobs(self) -> tuple[str, str]:
        """The ids of both."""
        return self.base.job.id, self.other.job.id


def gain(base: Summary, other: Summary, pick: Callable[[Summary], Estimate | None] = latency) -> Gain | None:
    """On what `pick` finds in both, time unless said otherwise; None where one lacks it."""
    above, below = pick(base), pick(other)
    found = None if above is None or below is None else ratio(above, below)
    return None if found is None else Gain(base, other, found)


def mean(gains: Iterable[Gain]) -> Estimate | None:
    """The geometric mean over workloads of the geometric means of their cases; None of none.

    Cases are chosen and not drawn, so that the interval is of the measurements alone. Those without an interval do not
    count where others have one.
    """
    workloads: dict[str, list[Estimate]] = {}
    every = list(gains)
    sure = [g for g in every if g.value.relative_half_width is not None]
    for each in sure or every:
        workloads.setdefault(each.base.job.case.workload, []).append(each.value)
    means = [_mean(values) for values in workloads.values()]
    return _mean(means) if means else None


def _mean(values: Sequence[Estimate]) -> Estimate:
    center = math.fsum(math.log(v.value) for v in values) / len(values)
    rounds, samples = min(v.rounds for v in values), sum(v.samples for v in values)
    halves = [v.relative_half_width for v in values]
    known = [h for h in halves if h is not None]
    if len(known) < len(halves):
        return Estimate(math.exp(center), None, None, rounds, samples)
    half = math.hypot(*known) / len(values)
    return Estimate(math.exp(center), math.exp(center - half), math.exp(center + half), rounds, samples)


def sign(item: Estimate | None, over: float = 1.0) -> int:
    """1 where an estimate lies surely above `over`, -1 where surely below, else 0."""
    if item is None or item.low is None or item.high is None:
        return 0
    return (item.low > over) - (item.high < over)


def worth(item: Estimate | None) -> int:
    """1 where there is surely a gain, -1 where there is surely none worth having, else 0."""
    return max(sign(item), 0) if sign(item, WORTH) >= 0 else -1


def answer(signs: Iterable[int]) -> Answer:
    """Supported where all that are sure are so for the claim, not where one is against it, else not to be told."""
    sure = {s for s in signs if s}
    return "cannot tell" if not sure else "not supported" if -1 in sure else "supported"


def extremes(gains: Sequence[Gain], most: str, least: str) -> tuple[Number, ...]:
    """The largest and the smallest gain, where there are several."""
    if len(gains) < 2:
        return ()
    ordered = ordered_by_gain(gains)
    return Number(most, ordered[-1].value), Number(least, ordered[0].value)


def ordered_by_gain(gains: Iterable[Gain]) -> list[Gain]:
    """Smallest first."""
    return sorted(gains, key=lambda g: (g.value.value, g.other.job.id))


def jobs(gains: Iterable[Gain]) -> tuple[str, ...]:
    """The ids of all, each once."""
    return tuple(dict.fromkeys(name for g in gains for name in g.jobs))


def grouped(summaries: Iterable[Summary], key: Callable[[Summary], Hashable]) -> dict[Hashable, list[Summary]]:
    """Summaries by a key, in the order in which keys appear."""
    found: dict[Hashable, list[Summary]] = {}
    for summary in summaries:
        found.setdefault(key(summary), []).append(summary)
    return found


def fastest(summaries: Iterable[Summary]) -> Summary | None:
    """The one with the smallest time, None of none."""
    timed = [(time.value, s.job.id, s) for s in summaries if (time := latency(s)) is not None]
    return min(timed, key=lambda item: item[:2])[2] if timed else None
