"""The claim about batches: they raise throughput until a limiter binds."""

from __future__ import annotations

from collections.abc import Iterable

from benchsuite.analysis.estimate import Estimate, ratio
from benchsuite.analysis.findings.evidence import Evidence
from benchsuite.analysis.findings.finding import Answer, Finding, Number
from benchsuite.analysis.findings.gains import WIDE, answer, sign, worth
from benchsuite.analysis.findings.names import BATCHED, place
from benchsuite.analysis.limits import Share, share
from benchsuite.analysis.scaling import Point, Sweep, sweeps
from benchsuite.analysis.summary import Summary

AXIS = "batch"


def batches(evidence: Evidence, kind: str) -> Finding:
    """The rate at the best batch over that at the smallest, of each model on the backend that reaches most."""
    name = f"batching-on-{kind}"
    claim = f"On {place(kind)} batching raises throughput until a limiter binds."
    summaries = evidence.on(kind, BATCHED)
    series = _series(summaries)
    if not series:
        missing = f"Measure minilm-embed or its like on {place(kind)} at three or more values of {AXIS}."
        return Finding(name, claim, "cannot tell", missing)
    by_job = {s.job.id: s for s in summaries}
    signs, numbers, reasons = [], [], []
    for sweep in series:
        best = max(sweep.points[1:], key=_rate)
        label, rise = f"{sweep.job.case.workload} on {sweep.job.backend}", _rise(sweep.points[0], best)
        signs.append(worth(rise))
        if rise is not None:
            numbers.append(Number(f"times the items a second of the smallest batch, at the best ({label})", rise))
        if sign(rise) > 0:
            enough = next(p for p in sweep.points if p is best or not sign(_rise(p, best)) > 0)
            bound = share(by_job[enough.job.id], evidence.limits)
            numbers += _numbers(label, enough, bound)
            reasons.append(_reason(sweep, enough, bound))
    found = answer(signs)
    told = _WITHOUT[found] if found in _WITHOUT else " ".join(dict.fromkeys(reasons))
    return Finding(name, claim, found, told, tuple(numbers), tuple(p.job.id for s in series for p in s.points))


_WITHOUT: dict[Answer, str] = {
    "not supported": "A batch is worked off no faster than its items one by one: one alone already fills the device.",
    "cannot tell": f"{WIDE}.",
}


def _numbers(label: str, enough: Point, bound: Share | None) -> list[Number]:
    fixed = Estimate(enough.n, enough.n, enough.n, enough.time.rounds, enough.time.samples)
    numbers = [Number(f"batch from which more is no sure gain ({label})", fixed)]
    return numbers if bound is None else [*numbers, Number(f"share of its limiter there ({label})", bound.value)]


def _reason(sweep: Sweep, enough: Point, bound: Share | None) -> str:
    workload = sweep.job.case.workload
    if enough is sweep.points[-1]:
        return f"The rate of {workload} still rises at the largest batch: larger ones would tell what binds."
    if bound is None:
        return f"What binds {workload} is not known: measure matmul, memory-read and launch in the same run."
    return f"The rate of {workload} stops rising where {bound.limiter} is its limiter."


def _rate(point: Point) -> float:
    return point.n / point.time.value


def _rise(small: Point, large: Point) -> Estimate | None:
    """Items a second at `large` over those at `small`."""
    found = ratio(small.time, large.time)
    if found is None or small is large:
        return None
    scale = large.n / small.n
    low, high = (None if x is None else x * scale for x in (found.low, found.high))
    return Estimate(found.value * scale, low, high, found.rounds, found.samples)


def _series(summaries: Iterable[Summary]) -> list[Sweep]:
    """Sweeps over the batch by the time that counts when many wait, one a workload: that with the greatest rate."""
    best: dict[str, Sweep] = {}
    for sweep in sweeps(summaries, lambda s: s.pace):
        known = best.get(sweep.job.case.workload)
        if sweep.axis == AXIS and (known is None or _most(sweep) > _most(known)):
            best[sweep.job.case.workload] = sweep
    return list(best.values())


def _most(sweep: Sweep) -> tuple[int, float]:
    return len(sweep.points), max(map(_rate, sweep.points))
