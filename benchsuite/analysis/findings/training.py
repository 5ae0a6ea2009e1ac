"""The claim about training: what a step costs in forward passes."""

from __future__ import annotations

from benchsuite.analysis.estimate import Estimate
from benchsuite.analysis.findings.evidence import Evidence
from benchsuite.analysis.findings.finding import Answer, Finding, Number
from benchsuite.analysis.findings.gains import WIDE, Gain, answer, gain, grouped, jobs, sign
from benchsuite.analysis.findings.names import STEP_AND_FORWARD, place


def step(evidence: Evidence, kind: str) -> Finding:
    """Backward and the optimizer together in forward passes: the whole step less its own."""
    name = f"training-step-on-{kind}"
    claim = f"On {place(kind)} backward and the optimizer cost more than the forward pass."
    gains = _gains(evidence, kind)
    if not gains:
        pairs = " or ".join(f"{step} and {forward}" for step, forward in STEP_AND_FORWARD.items())
        missing = f"Measure {pairs} on {place(kind)} with the same axes, as the preset sweep does."
        return Finding(name, claim, "cannot tell", missing)
    costs = {g.other.job.backend: _less_one(g.value) for g in sorted(gains, key=_size)}
    found = answer(sign(cost) for cost in costs.values())
    numbers = [Number(f"forward passes that backward and the optimizer cost on {b}", c) for b, c in costs.items()]
    return Finding(name, claim, found, _REASON[found], tuple(numbers), jobs(gains))


_REASON: dict[Answer, str] = {
    "supported": "Backward computes two products for each one of forward, and the optimizer passes over every "
    "weight; how the cost divides between them is not measured.",
    "not supported": "On at least one backend they surely cost less than one forward pass.",
    "cannot tell": f"{WIDE}.",
}


def _gains(evidence: Evidence, kind: str) -> list[Gain]:
    """Steps over forward passes of the same axes on the same backend."""
    found = []
    summaries = evidence.on(kind, (*STEP_AND_FORWARD, *STEP_AND_FORWARD.values()))
    alike = grouped(summaries, lambda s: (tuple(s.job.case.axes.items()), s.job.backend, s.job.threads))
    for members in alike.values():
        by_name = {s.job.case.workload: s for s in members}
        for training, forward in STEP_AND_FORWARD.items():
            if training in by_name and forward in by_name:
                each = gain(by_name[training], by_name[forward])
                found += [] if each is None else [each]
    return found


def _size(found: Gain) -> float:
    work = found.base.work
    return 0.0 if work is None else work.flops


def _less_one(item: Estimate) -> Estimate:
    low, high = (None if x is None else x - 1 for x in (item.low, item.high))
    return Estimate(item.value - 1, low, high, item.rounds, item.samples)
