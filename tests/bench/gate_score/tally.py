"""Counting what a rule called, group by group."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.bench.gate_score.intervals import across_pools, by_group, clopper_pearson
from tests.bench.gate_score.rules import Call, Outcome

Key = tuple[float, str]
_SEEN = 0.8


@dataclass(frozen=True)
class Said:
    """The change that calls on one workload typically said they could see, and how such changes fared in fresh draws.

    `seen` is the share that was called slower where the true change was four fifths of it, the whole, and five fourths.
    """

    change: float
    asked: int
    seen: tuple[float, float, float]

    @property
    def holds(self) -> bool:
        """Whether what is really seen four times in five is within a quarter of what was said."""
        return self.seen[0] <= _SEEN <= self.seen[2]


class Tally:
    """The calls of one rule at each true change, in the groups that were recorded, or drawn, together."""

    def __init__(self) -> None:
        self.groups: dict[str, Counter[Key]] = {}
        self.workloads: dict[str, Counter[Key]] = {}
        self.evidence: dict[float, list[float]] = {}
        self.seconds = 0.0
        self.said: list[Said] = []

    def add(self, workload: str, group: str, change: float, call: Call, seconds: float) -> None:
        """One call where the true change was `change`."""
        counts = self.groups.setdefault(group, Counter())
        for each in (counts, self.workloads.setdefault(workload, Counter())):
            each[change, "all"] += 1
            each[change, call.outcome] += 1
        self.evidence.setdefault(change, []).append(call.evidence)
        if call.low is not None and call.high is not None:
            counts[change, "intervals"] += 1
            counts[change, "covering"] += call.low <= 1 + change <= call.high
        self.seconds += seconds

    def count(self, what: str, change: float | None = None) -> int:
        """How often, at one change or at all of them."""
        return sum(n for c in self.groups.values() for (at, k), n in c.items() if k == what and change in (None, at))

    def rate(self, what: Outcome, change: float) -> float | None:
        """The share of calls at a change; None where there are none."""
        among = self.count("all", change)
        return self.count(what, change) / among if among else None

    def worst(self, what: Outcome, change: float, *, most: bool) -> tuple[float, str] | None:
        """The largest or the smallest share of calls among workloads, and which one's that is; None without any."""
        shares = [(c[change, what] / c[change, "all"], name) for name, c in self.workloads.items() if c[change, "all"]]
        return (max if most else min)(shares, default=None)

    def beyond(self, threshold: float, change: float) -> float:
        """The share of calls with more evidence of a slow-down than `threshold`."""
        found = self.evidence.get(change, [])
        return sum(evidence > threshold for evidence in found) / max(1, len(found))

    @property
    def changes(self) -> list[float]:
        """Those that were tried."""
        return sorted({change for counts in self.groups.values() for change, _ in counts})

    @property
    def sign_errors(self) -> int:
        """Calls of faster where the truth was slower."""
        return sum(self.count("faster", change) for change in self.changes if change > 0)

    def coverage(self, change: float | None = None) -> float | None:
        """The share of intervals that held the true ratio, at one change or at all; None for a rule without."""
        intervals = self.count("intervals", change)
        return self.count("covering", change) / intervals if intervals else None

    @property
    def seconds_a_call(self) -> float:
        """Mean wall time that one verdict costs on both sides together."""
        return self.seconds / max(1, self.count("all"))

    def exact(self, what: Outcome, change: float) -> tuple[float, float]:
        """Interval of the rate if every comparison were independent."""
        return clopper_pearson(self.count(what, change), self.count("all", change))

    def grouped(self, what: Outcome, change: float, *, pools: bool) -> tuple[float, float]:
        """Interval of the rate with groups as the units; pools of drawn pairs are such already."""
        counts = [c[change, what] for c in self.groups.values()]
        among = [c[change, "all"] for c in self.groups.values()]
        kept = [(n, m) for n, m in zip(counts, among, strict=True) if m]
        return (across_pools if pools else by_group)([n for n, _ in kept], [m for _, m in kept])
