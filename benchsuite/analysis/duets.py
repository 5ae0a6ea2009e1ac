"""What the pairs of a duet say: log-ratios by job, and the gate's verdicts from them; the same live and replayed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchsuite.analysis.gate import Decision, Policy, confirm, screened, unfit
from benchsuite.analysis.paired import log_ratio, paired
from benchsuite.records import LOST_PARTNER, METRICS, Pair, Record, Verdict

AUTO = "auto"
_AUTOMATIC = ("time/device", "time/latency")


@dataclass(frozen=True)
class Judgement:
    """Verdicts on all jobs of a duet, and why the session is not to be believed if its control arm says so."""

    verdicts: tuple[Verdict, ...]
    unfit: str | None = None


def judge(pairs: Sequence[Pair], policy: Policy, metric: str = AUTO) -> Judgement:
    """The gate's verdicts: of stage 2 where a job has pairs of it, else of stage 1.

    `metric` auto is the device's own time where both sides have it, else latency. A session that is unfit blames
    nobody: what would be slower or faster is unclear.
    """
    candidates = [p for p in pairs if p.arm == "candidate"]
    chosen = metrics(candidates, metric)
    controls = ratios((p for p in pairs if p.arm == "control"), chosen)
    first = ratios((p for p in candidates if p.stage == 1), chosen)
    second = ratios((p for p in candidates if p.stage == 2), chosen)
    middles = {job: _middle(candidates, job, name, "base") for job, name in chosen.items()}
    seconds = {job: middle for job, middle in middles.items() if middle is not None}
    confirmed = confirm(second, policy, controls, seconds)
    found = []
    for job in dict.fromkeys(p.job for p in candidates):
        own = [p for p in candidates if p.job == job]
        if (refused := _refused(own, chosen.get(job) or _likely(metric))) is not None:
            found.append(refused)
            continue
        decision = confirmed.get(job) or screened(first.get(job, ()), policy, controls.get(job, ()))
        verdict = _verdict(job, chosen[job], decision, candidates)
        found.append(_in_cpu_time(verdict, own) if verdict.outcome in ("slower", "faster") else verdict)
    reason = unfit(controls, policy)
    return Judgement(tuple(_excused(v, reason) for v in found), reason)


def metrics(pairs: Iterable[Pair], metric: str) -> dict[str, str]:
    """The metric of each job that was measured; `auto` is the device's own time where both sides have it."""
    return {p.job: _metric(p, metric) for p in pairs if p.ok}


def ratios(pairs: Iterable[Pair], metrics: Mapping[str, str], *, cpu: bool = False) -> dict[str, list[float]]:
    """Log-ratios of the pairs that were measured, by job, in order; of wall time or of the process's CPU time."""
    found: dict[str, list[float]] = {}
    for pair in pairs:
        sides = [_samples(record, metrics.get(pair.job, ""), cpu=cpu) for record in (pair.base, pair.other)]
        if pair.ok and all(len(s) >= 2 and all(0 < x < math.inf for x in s) for s in sides):
            found.setdefault(pair.job, []).append(log_ratio(*sides))
    return found


def _samples(record: Record, metric: str, *, cpu: bool = False) -> tuple[float, ...]:
    measurement = record.measurement(metric)
    if measurement is None:
        return ()
    return measurement.cpu if cpu else measurement.samples


def _metric(pair: Pair, metric: str) -> str:
    if metric != AUTO:
        return metric
    return next((m for m in _AUTOMATIC if pair.base.measurement(m) and pair.other.measurement(m)), _likely(metric))


def _likely(metric: str) -> str:
    """The metric that is spoken of where nothing was measured."""
    return _AUTOMATIC[-1] if metric == AUTO else metric


def _refused(pairs: Sequence[Pair], metric: str) -> Verdict | None:
    """The verdict on a job that cannot be compared at all; one bad pair is enough."""
    job = pairs[0].job
    lost = next((p for p in pairs if not p.ok), None)
    if lost is not None and lost.base.status != "ok" and lost.base.reason != LOST_PARTNER:
        return Verdict(job, metric, "incomparable", reason=f"the base was {lost.base.status}: {lost.base.reason}")
    if lost is not None:
        return Verdict(job, metric, "wrong" if lost.other.status == "wrong" else "failed", reason=lost.other.reason)
    works = {(r.work.items, r.work.unit, r.work.flops) for p in pairs for r in (p.base, p.other) if r.work}
    if len(works) > 1:
        return Verdict(job, metric, "incomparable", reason="the two sides count different work an iteration")
    counts = [len(_samples(record, metric)) for p in pairs for record in (p.base, p.other)]
    if not all(counts):
        return Verdict(job, metric, "incomparable", reason=f"{metric} was not measured on both sides")
    if max(counts) < 2:
        reason = f"{metric} is measured once a process and not in turn: compare stored runs for it"
        return Verdict(job, metric, "incomparable", reason=reason)
    return None


def _middle(pairs: Iterable[Pair], job: str, metric: str, side: str) -> float | None:
    """The median over pairs of one side's median; None where it was not measured."""
    medians = [
        statistics.median(samples)
        for p in pairs
        if p.job == job and (samples := _samples(p.base if side == "base" else p.other, metric))
    ]
    return statistics.median(medians) if medians else None


def _verdict(job: str, metric: str, decision: Decision, pairs: Sequence[Pair]) -> Verdict:
    return Verdict(
        job,
        metric,
        decision.outcome,
        METRICS[metric].unit,
        _middle(pairs, job, metric, "base"),
        _middle(pairs, job, metric, "other"),
        decision.ratio,
        decision.low,
        decision.high,
        decision.smallest,
        decision.pairs,
        decision.pairs,
        decision.reason,
    )


def _in_cpu_time(verdict: Verdict, pairs: Sequence[Pair]) -> Verdict:
    """What one thread does in wall time must not be contradicted by what it does in CPU time."""
    if pairs[0].base.job.threads != 1 or verdict.metric != "time/latency":
        return verdict
    second = (p for p in pairs if p.stage == 2)
    found = paired(ratios(second, {verdict.job: verdict.metric}, cpu=True).get(verdict.job, ()))
    if found is None:
        return verdict
    low, high = found.interval()
    if (high < 1 and verdict.outcome == "slower") or (low > 1 and verdict.outcome == "faster"):
        reason = f"{verdict.outcome} in wall time, but CPU time says the opposite ({found.ratio:.3f})"
        return replace(verdict, outcome="unclear", reason=reason)
    return verdict


def _excused(verdict: Verdict, reason: str | None) -> Verdict:
    if reason is None or verdict.outcome not in ("slower", "faster"):
        return verdict
    return replace(verdict, outcome="unclear", reason=f"looked {verdict.outcome}, but this session is unfit: {reason}")
