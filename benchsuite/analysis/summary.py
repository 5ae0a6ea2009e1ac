"""Summaries: what all rounds of one job say together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchsuite.analysis.estimate import FEWEST_ROUNDS, Estimate, estimate
from benchsuite.analysis.preparation import by_cache
from benchsuite.records import Check, Job, Record, Status, Validity, Work


@dataclass(frozen=True)
class Doubt:
    """A validity code at its worst over the rounds, and how many of them it touched."""

    code: str
    value: float
    limit: float
    advice: str
    rounds: int


@dataclass(frozen=True)
class Summary:
    """All rounds of one job. `estimates` is empty unless `status` is ok; `statuses` has one entry a round, in order.

    The status is `wrong` if any round was: a backend that is right most of the time is not right. Otherwise it is `ok`
    if any round was, the lost rounds being a doubt `rounds-lost`; otherwise `failed` if any round failed; otherwise
    `skipped`. `prepared` has `time/prepare` by the state of a backend's cache, `cold` or `warm`.
    """

    job: Job
    status: Status
    reason: str
    statuses: tuple[Status, ...]
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    work: Work | None = None
    check: Check | None = None
    doubts: tuple[Doubt, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    prepared: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def pace(self) -> Estimate | None:
        """Seconds an iteration: back to back where that was measured, else synchronised after each."""
        return self.estimates.get("time/throughput") or self.estimates.get("time/latency")


def summarize(records: Iterable[Record]) -> tuple[Summary, ...]:
    """One summary a job, in the order in which jobs first appear; every record counts as a round of its own."""
    jobs: dict[str, list[Record]] = {}
    for record in records:
        jobs.setdefault(record.job.id, []).append(record)
    return tuple(_summary(sorted(rounds, key=lambda r: r.round)) for rounds in jobs.values())


def _summary(rounds: Sequence[Record]) -> Summary:
    status, reason = _verdict(rounds)
    good = [r for r in rounds if r.status == "ok"] if status == "ok" else []
    estimates = {}
    for metric in dict.fromkeys(m.metric for r in good for m in r.measurements):
        if (found := _estimate(good, metric)) is not None:
            estimates[metric] = found
    doubts = (*_stored_doubts(rounds), *_own_doubts(rounds, good))
    work = next((r.work for r in rounds if r.work is not None), None)
    statuses = tuple(r.status for r in rounds)
    check, notes, prepared = _worst_check(rounds), _notes(rounds), by_cache(good)
    return Summary(rounds[0].job, status, reason, statuses, estimates, work, check, doubts, notes, prepared)


def _verdict(rounds: Sequence[Record]) -> tuple[Status, str]:
    order: tuple[Status, ...] = ("wrong", "ok", "failed", "skipped")
    status = next(s for s in order if any(r.status == s for r in rounds))
    lost = [r for r in rounds if r.status not in ("ok", "wrong")]
    if status == "ok":
        return status, f"{_share_lost(rounds, lost)}: {lost[0].reason}" if lost else ""
    reason = next((r.reason for r in rounds if r.status == status and r.reason), "no reason was stored")
    return status, reason


def _share_lost(rounds: Sequence[Record], lost: Sequence[Record]) -> str:
    return f"{len(lost)} of {len(rounds)} rounds {' or '.join(sorted({r.status for r in lost}))}"


def _estimate(good: Sequence[Record], metric: str) -> Estimate | None:
    medians, samples = [], 0
    for record in good:
        if (measurement := record.measurement(metric)) is None:
            continue
        usable = [x for x in measurement.samples if math.isfinite(x)]
        # Zeros count towards a time's median, since leaving them out would slow it down; a median of zero says nothing.
        if usable and (median := statistics.median(usable)) >= 0 and (median > 0 or measurement.unit != "s"):
            medians.append(median)
            samples += len(usable)
    return estimate(medians, samples) if medians else None


def _worst_check(rounds: Sequence[Record]) -> Check | None:
    checks = [c for r in rounds for c in r.checks]
    return max(
        checks, key=lambda c: (not c.passed, _badness(c.error / c.tolerance if c.tolerance else c.error)), default=None
    )


def _badness(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _stored_doubts(rounds: Sequence[Record]) -> list[Doubt]:
    codes: dict[str, list[Validity]] = {}
    for record in rounds:
        seen: dict[str, Validity] = {}
        for v in record.validity:
            seen[v.code] = max(seen.get(v.code, v), v, key=_distance)
        for code, v in seen.items():
            codes.setdefault(code, []).append(v)
    return [_doubt(found) for _, found in sorted(codes.items())]


def _doubt(found: Sequence[Validity]) -> Doubt:
    worst = max(found, key=_distance)
    return Doubt(worst.code, worst.value, worst.limit, worst.advice, len(found))


def _distance(v: Validity) -> float:
    # Some limits are floors and some ceilings: the worst is whatever lies farthest beyond its own.
    return _badness(abs(v.value - v.limit))


def _own_doubts(rounds: Sequence[Record], good: Sequence[Record]) -> list[Doubt]:
    doubts = []
    if good and len(good) < FEWEST_ROUNDS:
        advice = f"There is no interval below {FEWEST_ROUNDS} rounds: ask for more rounds or more time."
        doubts.append(Doubt("too-few-rounds", len(good), FEWEST_ROUNDS, advice, len(good)))
    lost = [r for r in rounds if r.status != "ok"]
    if good and lost:
        advice = f"Find out why some rounds gave nothing: {lost[0].reason}"
        doubts.append(Doubt("rounds-lost", len(lost), 0, advice, len(lost)))
    unusable = [sum(_unusable(m.samples, m.unit) for m in r.measurements) for r in good]
    if any(unusable):
        advice = "Samples that are no number, negative, or a time of zero were stored: suspect the clock or the file."
        doubts.append(Doubt("unusable-samples", sum(unusable), 0, advice, sum(map(bool, unusable))))
    return doubts


def _unusable(samples: Iterable[float], unit: str) -> int:
    return sum(not math.isfinite(x) or x < 0 or (x == 0 and unit == "s") for x in samples)


def _notes(rounds: Sequence[Record]) -> dict[str, str]:
    keys = dict.fromkeys(key for r in rounds for key in r.notes)
    return {key: " | ".join(dict.fromkeys(r.notes[key] for r in rounds if key in r.notes)) for key in keys}
