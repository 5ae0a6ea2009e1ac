"""Claims about what binds: memory or arithmetic, and moving data against computing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.analysis.estimate import Estimate, ratio
from benchsuite.analysis.findings.evidence import Evidence
from benchsuite.analysis.findings.finding import Answer, Finding, Number
from benchsuite.analysis.findings.gains import fastest, grouped, sign
from benchsuite.analysis.findings.names import CEILINGS, DECODE, PREFILL, WITH_CACHE_OR_WITHOUT, place
from benchsuite.analysis.limits import FLOPS_WORKLOAD, MEMORY_WORKLOADS, Share, share
from benchsuite.analysis.roofline import Placed, places, roofs
from benchsuite.analysis.scaling import latency
from benchsuite.analysis.summary import Summary
from benchsuite.analysis.transfer import moving

BOUND = 0.5
"""The share of a ceiling above which that ceiling explains more of the time than all else together."""
_NEEDED = "matmul, memory-read and launch"
_BY_MEMORY = "time to read and write over time to compute, at most"
_BY_TRANSFER = "time to the device and back over the job's own, at most"


@dataclass(frozen=True)
class Bound:
    """A job, the fastest backend's of its case, with its share of what its ceilings allow."""

    summary: Summary
    share: Share


def decode(evidence: Evidence, kind: str) -> Finding:
    """Whether memory is what limits decoding, and how near to it decoding comes."""
    chosen = [s for s in evidence.on(kind, DECODE) if _is_decode(s)]
    claim = f"On {place(kind)} decoding is bound by the bandwidth of memory."
    return _bound(Finding(f"decode-on-{kind}", claim, "cannot tell", ""), chosen, MEMORY_WORKLOADS, evidence, kind)


def prefill(evidence: Evidence, kind: str) -> Finding:
    """Whether arithmetic is what limits a pass over a whole prompt, and how near to it the pass comes."""
    chosen = evidence.on(kind, PREFILL)
    claim = f"On {place(kind)} prefill is bound by arithmetic."
    return _bound(Finding(f"prefill-on-{kind}", claim, "cannot tell", ""), chosen, (FLOPS_WORKLOAD,), evidence, kind)


def _is_decode(summary: Summary) -> bool:
    case = summary.job.case
    return case.workload not in WITH_CACHE_OR_WITHOUT or case.axes.get("cache") == "on"


def _bound(
    empty: Finding, chosen: Sequence[Summary], limiters: Sequence[str], evidence: Evidence, kind: str
) -> Finding:
    bounds = _bounds(chosen, evidence)
    if not bounds:
        names = DECODE if empty.name.startswith("decode") else PREFILL
        missing = f"Measure one of {', '.join(names)} on {place(kind)}, with {_NEEDED} in the same run."
        return Finding(empty.name, empty.claim, "cannot tell", missing)
    right = [b for b in bounds if b.share.limiter.partition(" ")[0] in limiters]
    best = max(right or bounds, key=lambda b: b.share.value.value)
    numbers = [_number(b) for b in bounds]
    found, told = _judged(right, bounds, best)
    return Finding(empty.name, empty.claim, found, told, tuple(numbers), tuple(b.summary.job.id for b in bounds))


def _judged(right: Sequence[Bound], bounds: Sequence[Bound], best: Bound) -> tuple[Answer, str]:
    """By the ceilings alone, then by how near the job comes that comes nearest."""
    other = [b for b in bounds if b not in right]
    where, limiter = best.summary.job.case.id, best.share.limiter
    if not right:
        return (
            "not supported",
            f"Nothing is limited so: for {where} the ceiling that is reached first is {limiter}.",
        )
    if sign(best.share.value, BOUND) <= 0:
        return "cannot tell", (
            f"For {where} the ceiling that is reached first is {limiter}, but it does not surely explain more than "
            "half of the time: something else, which no ceiling measures, may bind."
        )
    exception = f" For {other[0].summary.job.case.id} it is {other[0].share.limiter} instead." if other else ""
    return "supported", f"For {where} the ceiling of {limiter} explains more than half of the time.{exception}"


def _bounds(chosen: Sequence[Summary], evidence: Evidence) -> list[Bound]:
    """Of each workload the case that comes nearest to its limiter, on the backend that is fastest there."""
    best: dict[object, Bound] = {}
    for members in grouped(chosen, lambda s: s.job.case.id).values():
        quickest = fastest(members)
        found = None if quickest is None else share(quickest, evidence.limits)
        if quickest is None or found is None:
            continue
        key = quickest.job.case.workload
        if key not in best or found.value.value > best[key].share.value.value:
            best[key] = Bound(quickest, found)
    return list(best.values())


def _number(bound: Bound) -> Number:
    return Number(f"share of {bound.share.limiter} ({_label(bound.summary)})", bound.share.value)


def moving_data(evidence: Evidence, kind: str) -> Finding:
    """Whether any job moves data for longer than it computes, by the ceilings of this machine."""
    name = f"moving-data-on-{kind}"
    claim = f"On {place(kind)} moving data can cost more than computing."
    moves = [*_by_memory(evidence, kind), *_by_transfer(evidence, kind)]
    if not moves:
        across = "" if kind == "cpu" else ", and the transfers to and from it"
        missing = f"Measure jobs with counted work on {place(kind)}, with {_NEEDED}{across} in the same run."
        return Finding(name, claim, "cannot tell", missing)
    signs = [move.sign for move in moves]
    found: Answer = "supported" if 1 in signs else "not supported" if set(signs) == {-1} else "cannot tell"
    numbers = tuple(Number(f"{move.what} ({_label(move.summary)})", move.value) for move in moves)
    return Finding(name, claim, found, _MOVING[found], numbers, tuple(dict.fromkeys(m.summary.job.id for m in moves)))


_MOVING: dict[Answer, str] = {
    "supported": "There is a job that needs longer to move its data, at the rate that was measured, than to compute.",
    "not supported": "Wherever it was measured, computing takes longer than moving.",
    "cannot tell": "Of no job is it sure that moving takes longer than computing and explains more than half of its "
    "time: measure with more rounds or on a quieter machine.",
}


@dataclass(frozen=True)
class _Move:
    """The time of moving over that of computing, of one job, and whether either explains what the job costs."""

    what: str
    value: Estimate
    summary: Summary
    explained: bool = True

    @property
    def sign(self) -> int:
        """1 where moving surely takes longer, -1 where computing does, 0 where neither is sure."""
        found = sign(self.value)
        return found if self.explained else min(found, 0)


def _by_memory(evidence: Evidence, kind: str) -> list[_Move]:
    """Bytes at the ceiling of memory over operations at theirs, where that is most.

    Jobs of which memory explains more than half of the time come first: where something else takes most of it, such as
    launching, neither moving nor computing is what they cost.
    """
    moves = []
    for roof in roofs(evidence.limits):
        places = [p for p in _places(evidence, kind) if p.precision == roof.precision]
        if roof.kind == kind and roof.ridge is not None and places:
            chosen = max(places, key=lambda p: (_is_explained(p.summary, evidence), -p.intensity))
            low, high = (None if x is None else x / chosen.intensity for x in (roof.ridge.low, roof.ridge.high))
            value = Estimate(roof.ridge.value / chosen.intensity, low, high, roof.ridge.rounds, roof.ridge.samples)
            explained = _is_explained(chosen.summary, evidence)
            moves.append(_Move(_BY_MEMORY, value, chosen.summary, explained))
    return moves


def _places(evidence: Evidence, kind: str) -> list[Placed]:
    return [p for p in places(evidence.on(kind)) if p.summary.job.case.workload not in CEILINGS]


def _is_explained(summary: Summary, evidence: Evidence) -> bool:
    found = share(summary, evidence.limits)
    return found is not None and found.limiter in MEMORY_WORKLOADS and sign(found.value, BOUND) > 0


def _by_transfer(evidence: Evidence, kind: str) -> list[_Move]:
    """Time to move inputs and outputs between host and device over the time of the job, where that is most."""
    moves = []
    for summary in evidence.on(kind):
        moved, time = moving(summary.job, evidence.limits), latency(summary)
        value = None if moved is None or time is None else ratio(moved, time)
        if value is not None:
            moves.append(_Move(_BY_TRANSFER, value, summary))
    return [max(moves, key=lambda move: move.value.value)] if moves else []


def _label(summary: Summary) -> str:
    return f"{summary.job.case.workload} on {summary.job.backend}"
