"""Verdicts in the order of reading: worst first, in groups, counted."""

from __future__ import annotations

import collections
import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchsuite import units
from benchsuite.records import METRICS, Verdict

OUTCOMES = ("wrong", "failed", "removed", "slower", "incomparable", "ungateable", "unclear", "same", "faster", "added")


@dataclass(frozen=True)
class Section:
    """Verdicts that belong together, and what is said above them: a title, and lines of a name and a text.

    `minimum` is the relative change that matters, where there is one. `extra` goes into the JSON beside the rest.
    """

    title: str
    lines: Sequence[tuple[str, str]]
    verdicts: Sequence[Verdict]
    minimum: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Some of the verdicts, worst first; `mean` is the geometric mean of their ratios, None where there are none."""

    name: str
    verdicts: tuple[Verdict, ...]
    mean: float | None

    @property
    def ratios(self) -> int:
        """How many ratios the mean is of."""
        return sum(v.ratio is not None for v in self.verdicts)


def worst_first(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """By outcome, then by how much worse the candidate is, then by name."""
    return sorted(verdicts, key=lambda v: (_rank(v.outcome), -harm(v), v.job))


def _rank(outcome: str) -> int:
    return OUTCOMES.index(outcome) if outcome in OUTCOMES else OUTCOMES.index("incomparable")


def harm(verdict: Verdict) -> float:
    """The logarithm of the ratio, positive where the candidate is the worse; 0 where there is no ratio."""
    if verdict.ratio is None or not 0 < verdict.ratio < math.inf:
        return 0.0
    metric = METRICS.get(verdict.metric)
    return math.log(verdict.ratio) * (-1 if metric is not None and metric.better == "higher" else 1)


def workload(job: str) -> str:
    """The workload in a job's id."""
    return job.rpartition("@")[0].partition("/")[0]


def backend(job: str) -> str:
    """The backend in a job's id."""
    return job.rpartition("@")[2].partition("/")[0]


def precision(job: str) -> str:
    """The precision in a job's id."""
    return job.rpartition("@")[2].partition("/")[2].partition("/")[0]


GROUPINGS: dict[str, Callable[[Verdict], str]] = {
    "workload": lambda v: workload(v.job),
    "backend": lambda v: backend(v.job),
    "precision": lambda v: precision(v.job),
    "outcome": lambda v: v.outcome,
}


def groups(verdicts: Sequence[Verdict], by: str | None) -> list[Group]:
    """The verdicts in groups of one workload, backend, precision or outcome, that with the worst mean first."""
    if by is None:
        return [_group("", verdicts)]
    found: dict[str, list[Verdict]] = {}
    for verdict in worst_first(verdicts):
        found.setdefault(GROUPINGS[by](verdict), []).append(verdict)
    made = [_group(name, members) for name, members in found.items()]
    return made if by == "outcome" else sorted(made, key=lambda g: -_mean_harm(g.verdicts))


def _group(name: str, verdicts: Sequence[Verdict]) -> Group:
    return Group(name, tuple(worst_first(verdicts)), geometric_mean(verdicts))


def geometric_mean(verdicts: Iterable[Verdict]) -> float | None:
    """Of the ratios, leaving out those that are none."""
    logs = [math.log(v.ratio) for v in verdicts if v.ratio is not None and 0 < v.ratio < math.inf]
    return math.exp(statistics.fmean(logs)) if logs else None


def _mean_harm(verdicts: Sequence[Verdict]) -> float:
    found = [harm(v) for v in verdicts if v.ratio is not None]
    return statistics.fmean(found) if found else 0.0


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many there are of each outcome, worst first, those that there are."""
    found = collections.Counter(verdict.outcome for verdict in verdicts)
    return {outcome: found[outcome] for outcome in sorted(found, key=_rank)}


def summary(verdicts: Sequence[Verdict]) -> str:
    """One line: how many of each outcome, the geometric mean, and what the unclear ones could not have seen."""
    if not verdicts:
        return "There is no job to compare."
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts(verdicts).items())
    parts = [f"{told}: {len(verdicts)} job{'s' if len(verdicts) != 1 else ''}"]
    if (mean := geometric_mean(verdicts)) is not None:
        parts.append(f"geometric mean of the ratios {mean:.4g}×")
    seen = [v.smallest for v in verdicts if v.outcome == "unclear" and v.smallest is not None]
    if seen:
        ends = dict.fromkeys((units.percent(min(seen)), units.percent(max(seen))))
        parts.append(f"of the unclear ones a change below {' to '.join(ends)} may have gone unseen")
    return "; ".join(parts) + "."
