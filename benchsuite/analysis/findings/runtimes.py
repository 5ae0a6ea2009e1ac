"""Claims about runtimes: ONNX Runtime and compilation against eager PyTorch, and when their preparation pays off."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.analysis.crossover import PayOff, pay_off
from benchsuite.analysis.findings.evidence import Evidence
from benchsuite.analysis.findings.finding import Finding, Number
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
)
from benchsuite.analysis.findings.names import CEILINGS, place

EAGER = "torch-eager"
RUNTIMES = {"onnxruntime": "ONNX Runtime", "torch-compile": "compiled PyTorch"}
_CACHE = "the preparation was not timed with an empty cache: set BENCHSUITE_CACHE to an empty folder"


def runtimes(evidence: Evidence, kind: str) -> list[Finding]:
    """One finding for each runtime on one kind of device."""
    return [_runtime(evidence, kind, runtime, spoken) for runtime, spoken in RUNTIMES.items()]


def _runtime(evidence: Evidence, kind: str, runtime: str, spoken: str) -> Finding:
    name = f"{runtime}-on-{kind}"
    claim = f"On {place(kind)} {spoken} is faster than eager PyTorch once it is prepared."
    gains = _gains(evidence, kind, runtime)
    if not gains:
        missing = f"Measure models or kernels on both {EAGER}-{kind} and {runtime}-{kind}, in one run."
        return Finding(name, claim, "cannot tell", missing)
    overall = mean(gains)
    what = "times as fast as eager"
    middle = () if overall is None else (Number(f"{what}, mean over workloads", overall),)
    best_and_worst = extremes(gains, f"{what}, at its best", f"{what}, at its worst")
    paid = [(g, p) for g in gains if (p := pay_off(g.base, g.other)) is not None]
    numbers = (*middle, *best_and_worst, *_runs(paid))
    found = answer([sign(overall)])
    told = f"{WIDE}." if found == "cannot tell" else f"{_where(gains)}; {_when(paid)}."
    return Finding(name, claim, found, told, numbers, jobs(gains))


def _gains(evidence: Evidence, kind: str, runtime: str) -> list[Gain]:
    found = []
    usable = [s for s in evidence.on(kind) if s.job.case.workload not in CEILINGS]
    for members in grouped(usable, lambda s: (s.job.case.id, s.job.threads)).values():
        sides = {s.job.backend: s for s in members}
        base, other = sides.get(f"{EAGER}-{kind}"), sides.get(f"{runtime}-{kind}")
        if base is not None and other is not None and (each := gain(base, other)) is not None:
            found.append(each)
    return found


def _where(gains: Sequence[Gain]) -> str:
    """Where it gains most, and where it loses."""
    ordered = ordered_by_gain(gains)
    told = f"It gains most at {ordered[-1].other.job.case.id}"
    slower = [g for g in ordered if sign(g.value) < 0]
    return (
        f"{told} and is surely slower at {slower[0].other.job.case.id}"
        if slower
        else f"{told} and is nowhere surely slower"
    )


def _when(paid: Sequence[tuple[Gain, PayOff]]) -> str:
    """In which words preparation pays off."""
    if not paid:
        return _CACHE
    outcomes = {p.outcome for _, p in paid}
    if outcomes <= {"after", "at once"}:
        return "everywhere its preparation pays off in the end"
    if "after" in outcomes or "at once" in outcomes:
        return "its preparation pays off where it is surely faster, and not elsewhere"
    return "its preparation surely pays off nowhere"


def _runs(paid: Sequence[tuple[Gain, PayOff]]) -> tuple[Number, ...]:
    """After how many runs it pays off, soonest and latest."""
    runs = sorted((p.runs for _, p in paid if p.outcome == "after" and p.runs is not None), key=lambda r: r.value)
    if not runs:
        return ()
    first = Number("runs until the preparation pays off, soonest", runs[0])
    return (first, Number("runs until the preparation pays off, latest", runs[-1])) if len(runs) > 1 else (first,)
