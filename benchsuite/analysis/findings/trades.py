"""Claims about trades: error for speed, by fewer bits and by fewer weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchsuite.analysis.estimate import Estimate
from benchsuite.analysis.findings.evidence import Evidence
from benchsuite.analysis.findings.finding import Answer, Finding, Number
from benchsuite.analysis.findings.gains import (
    WIDE,
    Gain,
    answer,
    extremes,
    gain,
    grouped,
    jobs,
    mean,
    ordered_by_gain,
    sign,
    worth,
)
from benchsuite.analysis.findings.names import PRUNED, place
from benchsuite.analysis.limits import device_kind
from benchsuite.analysis.summary import Summary

WHOLE, QUANTISED, SPARSITY = "fp32", "int8", "sparsity"


def quantisation(evidence: Evidence, kind: str) -> Finding:
    """fp32 over int8 on the same backend, and the errors of both against the reference."""
    name = f"quantisation-on-{kind}"
    claim = f"On {place(kind)} quantising to {QUANTISED} trades error for speed."
    usable = [s for s in evidence.of() if device_kind(s.job) == kind and s.job.precision in (WHOLE, QUANTISED)]
    gains = []
    for members in grouped(usable, lambda s: (s.job.case.id, s.job.backend, s.job.threads)).values():
        sides = {s.job.precision: s for s in members}
        if len(sides) == 2 and (found := gain(sides[WHOLE], sides[QUANTISED])) is not None:
            gains.append(found)
    if not gains:
        missing = f"Measure models on {place(kind)} with --precision {WHOLE} --precision {QUANTISED}."
        return Finding(name, claim, "cannot tell", missing)
    overall = mean(gains)
    what = f"times as fast in {QUANTISED} as in {WHOLE}"
    numbers = _numbers(gains, overall, what)
    for precision, summaries in ((WHOLE, [g.base for g in gains]), (QUANTISED, [g.other for g in gains])):
        numbers += _worst_error(precision, summaries)
    return Finding(name, claim, answer([sign(overall)]), _reason(gains, overall), tuple(numbers), jobs(gains))


def pruning(evidence: Evidence, kind: str) -> Finding:
    """Dense weights over the same with most of them zero, which are stored as they were."""
    name = f"pruning-on-{kind}"
    claim = f"On {place(kind)} setting weights to zero trades error for speed."
    gains = []
    for members in grouped(evidence.on(kind, PRUNED), _unpruned).values():
        sides = {s.job.case.axes.get(SPARSITY): s for s in members}
        pruned = [s for sparsity, s in sides.items() if isinstance(sparsity, int) and sparsity > 0]
        gains += [each for s in pruned if 0 in sides and (each := gain(sides[0], s)) is not None]
    if not gains:
        missing = f"Measure {' or '.join(PRUNED)} on {place(kind)} with {SPARSITY}=0 and with another, such as 50."
        return Finding(name, claim, "cannot tell", missing)
    overall = mean(gains)
    numbers = tuple(_numbers(gains, overall, "times as fast with weights set to zero"))
    found = answer([worth(overall)])
    return Finding(name, claim, found, _PRUNED[found], numbers, jobs(gains))


_PRUNED: dict[Answer, str] = {
    "supported": "It is faster; what it costs in error is not measured, as outputs are checked against the same zeros.",
    "not supported": "Zeros are stored and multiplied like any other weight: there is no speed to trade the error for.",
    "cannot tell": f"{WIDE}.",
}


def _unpruned(summary: Summary) -> tuple[object, ...]:
    job = summary.job
    others = tuple(item for item in job.case.axes.items() if item[0] != SPARSITY)
    return job.case.workload, others, job.backend, job.threads


def _numbers(gains: Sequence[Gain], overall: Estimate | None, what: str) -> list[Number]:
    middle = [] if overall is None else [Number(f"{what}, mean over workloads", overall)]
    return [*middle, *extremes(gains, f"{what}, at its best", f"{what}, at its worst")]


def _reason(gains: Sequence[Gain], overall: Estimate | None) -> str:
    if not sign(overall):
        return f"{WIDE}."
    ordered = ordered_by_gain(gains)
    slower = any(sign(g.value) < 0 for g in gains)
    told = f"It gains most at {ordered[-1].other.job.case.id} on {ordered[-1].other.job.backend}"
    less = f", and is surely slower at {ordered[0].other.job.case.id} on {ordered[0].other.job.backend}"
    return f"{told}{less if slower else ''}."


def _worst_error(precision: str, summaries: Sequence[Summary]) -> list[Number]:
    """The largest relative error in a precision, which is computed and not measured: it has no interval."""
    errors = [s.check.error for s in summaries if s.check is not None and math.isfinite(s.check.error)]
    if not errors:
        return []
    worst = max(errors)
    return [Number(f"largest relative error in {precision}", Estimate(worst, worst, worst, len(errors), len(errors)))]
