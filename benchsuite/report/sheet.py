"""Sheets: a stored run with everything a report says of it worked out, one row a job."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.analysis import (
    Ceilings,
    Estimate,
    Share,
    Speedup,
    Summary,
    ceilings,
    ratio,
    share,
    speedup,
    summarize,
)
from benchsuite.records import PRECISIONS
from benchsuite.store import Stored


@dataclass(frozen=True)
class Row:
    """One job of one run. `rank` is set among the backends of its case and precision.

    It is `best` for the fastest, `first` where it is the fastest but too few rounds say so, `level` where the interval
    does not tell it from the fastest, and empty otherwise.
    """

    run: str
    summary: Summary
    speedup: Speedup | None = None
    share: Share | None = None
    rank: str = ""

    @property
    def throughput(self) -> Estimate | None:
        """Items a second, None where the job has no time or its items were not counted."""
        return self._rate(self.summary.work.items if self.summary.work else 0)

    @property
    def flops(self) -> Estimate | None:
        """FLOP/s."""
        return self._rate(self.summary.work.flops if self.summary.work else 0)

    @property
    def bytes(self) -> Estimate | None:
        """B/s, of the bytes that had to be moved."""
        return self._rate(self.summary.work.moved(self.summary.job.precision) if self.summary.work else 0)

    def _rate(self, amount: float) -> Estimate | None:
        pace = self.summary.pace
        return None if pace is None or amount <= 0 else pace.per(amount)


@dataclass(frozen=True)
class Sheet:
    """One run: its letter, its file, its ceilings, its rows in the order of reading."""

    label: str
    stored: Stored
    ceilings: Ceilings
    rows: tuple[Row, ...]


def sheets(stored: Sequence[Stored]) -> tuple[Sheet, ...]:
    """One sheet a run, labelled A, B, ... in the order given."""
    return tuple(_sheet(_label(i), s) for i, s in enumerate(stored))


def reading_order(row: Row) -> tuple[object, ...]:
    """By workload, case, precision, backend, threads, run; numbers by size."""
    job = row.summary.job
    axes = tuple((0, v, "") if isinstance(v, int) else (1, 0, v) for v in job.case.axes.values())
    precision = PRECISIONS.index(job.precision) if job.precision in PRECISIONS else len(PRECISIONS)
    return (job.case.workload, axes, precision, job.precision, backend_order(job.backend), job.threads, row.run)


def _label(index: int) -> str:
    letters = string.ascii_uppercase
    return (
        letters[index]
        if index < len(letters)
        else f"{_label(index // len(letters) - 1)}{letters[index % len(letters)]}"
    )


def backend_order(backend: str) -> tuple[object, ...]:
    """Host before device; plain PyTorch, its other ways, ONNX Runtime."""
    runtime, _, device = backend.rpartition("-")
    return (device != "cpu", device, runtime == "onnxruntime", "eager" not in runtime, runtime)


def _sheet(label: str, stored: Stored) -> Sheet:
    summaries = summarize(stored.records)
    limits = ceilings(summaries)
    ranks = _ranks(summaries)
    cases: dict[str, list[Summary]] = {}
    for summary in summaries:
        cases.setdefault(summary.job.case.id, []).append(summary)
    rows = [
        Row(label, s, speedup(s, cases[s.job.case.id]), share(s, limits), rank)
        for s, rank in zip(summaries, ranks, strict=True)
    ]
    return Sheet(label, stored, limits, tuple(sorted(rows, key=reading_order)))


def _ranks(summaries: Sequence[Summary]) -> list[str]:
    """Rank like with like: the backends of one case in one precision."""
    rivals: dict[tuple[str, str], list[Summary]] = {}
    for s in summaries:
        if s.pace is not None and s.pace.value > 0:
            rivals.setdefault((s.job.case.id, s.job.precision), []).append(s)
    return [_rank(s, rivals.get((s.job.case.id, s.job.precision), [])) for s in summaries]


def _rank(summary: Summary, rivals: Sequence[Summary]) -> str:
    if summary not in rivals or len(rivals) < 2:
        return ""
    best = min(rivals, key=_pace)
    if best is summary:
        return "best" if all(_lead(best, r) is not None for r in rivals) else "first"
    lead = _lead(best, summary)
    return "level" if lead is not None and lead <= 1 else ""


def _lead(best: Summary, other: Summary) -> float | None:
    """How many times faster `best` is at the least; None where there are too few rounds to say."""
    assert best.pace is not None
    assert other.pace is not None
    found = ratio(other.pace, best.pace)
    return None if found is None else found.low


def _pace(summary: Summary) -> float:
    assert summary.pace is not None
    return summary.pace.value
