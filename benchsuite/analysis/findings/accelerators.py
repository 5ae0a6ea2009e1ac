"""Claims about accelerators: how much faster they are at what, and what a joule does on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchsuite.analysis.crossover import overtakings
from benchsuite.analysis.estimate import Estimate
from benchsuite.analysis.findings.evidence import Evidence
from benchsuite.analysis.findings.finding import Finding, Number
from benchsuite.analysis.findings.gains import (
    WIDE,
    Gain,
    answer,
    extremes,
    fastest,
    gain,
    grouped,
    jobs,
    mean,
    ordered_by_gain,
    sign,
)
from benchsuite.analysis.findings.names import GENERATION, INFERENCE, TRAINING
from benchsuite.analysis.limits import device_kind
from benchsuite.analysis.scaling import latency
from benchsuite.analysis.summary import Summary
from benchsuite.analysis.transfer import combined

_FAMILIES = {"training": TRAINING, "inference": INFERENCE, "generation": GENERATION}
_NONE = "No accelerator was measured: run the preset sweep where there is one, on its backends and on the CPU's."
_ENERGY = ("energy/host", "energy/device")


def accelerators(evidence: Evidence) -> list[Finding]:
    """One finding for training, inference, generation and energy on each kind of accelerator."""
    kinds = [kind for kind in evidence.kinds if kind != "cpu"] or [""]
    found = [_speed(evidence, family, kind) for family in _FAMILIES for kind in kinds]
    return [*found, *(_energy(evidence, kind) for kind in kinds)]


def _speed(evidence: Evidence, family: str, kind: str) -> Finding:
    name, names = f"{kind or 'accelerator'}-{family}", _FAMILIES[family]
    claim = f"{f'The accelerator ({kind})' if kind else 'An accelerator'} speeds up {family}."
    if not kind:
        return Finding(name, claim, "cannot tell", _NONE)
    gains = _gains(evidence.plain(names), kind, latency)
    if not gains:
        missing = f"Measure {names[0]} or its like on the CPU and on {kind}, at the same size and precision."
        return Finding(name, claim, "cannot tell", missing)
    overall = mean(gains)
    found = answer([sign(overall)])
    numbers = _numbers(gains, overall, "times as fast as the fastest backend of the CPU")
    return Finding(
        name, claim, found, _reason(gains, overall, kind), (*numbers, *_places(evidence, names, kind)), jobs(gains)
    )


def _gains(summaries: Sequence[Summary], kind: str, pick: Callable[[Summary], Estimate | None]) -> list[Gain]:
    """Of each case the CPU's fastest backend against the accelerator's, where both have what `pick` finds."""
    found = []
    usable = [s for s in summaries if pick(s) is not None]
    for members in grouped(usable, lambda s: (s.job.case.id, s.job.precision)).values():
        here, there = (fastest(s for s in members if device_kind(s.job) == k) for k in ("cpu", kind))
        if here is not None and there is not None and (each := gain(here, there, pick)) is not None:
            found.append(each)
    return found


def _numbers(gains: Sequence[Gain], overall: Estimate | None, what: str) -> tuple[Number, ...]:
    middle = () if overall is None else (Number(f"{what}, mean over workloads", overall),)
    return (*middle, *extremes(gains, f"{what}, at its best", f"{what}, at its worst"))


def _reason(gains: Sequence[Gain], overall: Estimate | None, kind: str) -> str:
    """Where it is best, and where it is no help."""
    if not sign(overall):
        return f"{WIDE}."
    slower = [g for g in gains if sign(g.value) < 0]
    best = ordered_by_gain(gains)[-1].other.job.case.id
    if slower:
        return f"It is best at {best}; {kind} is surely the slower one at {_listed(slower)}."
    unsure = [g for g in gains if not sign(g.value)]
    if unsure:
        return f"It is best at {best}; it makes no sure difference at {_listed(unsure)}."
    return f"It is faster at every size that was measured on both, most at {best}."


def _listed(gains: Sequence[Gain]) -> str:
    cases = [g.other.job.case.id for g in ordered_by_gain(gains)]
    return ", ".join(cases[:3]) + (" and others" if len(cases) > 3 else "")


def _places(evidence: Evidence, names: Sequence[str], kind: str) -> list[Number]:
    """Sizes from which on the accelerator is the faster one, where both were measured on either side of it."""
    return [
        Number(f"break-even {o.axis} of {o.cpu[0].job.case.workload}, moving data {o.transfer}", o.break_even.at)
        for o in overtakings(evidence.plain(names), evidence.limits)
        if o.kind == kind and o.break_even.outcome == "from" and o.break_even.at is not None
    ]


def _energy(evidence: Evidence, kind: str) -> Finding:
    name = f"{kind or 'accelerator'}-energy"
    claim = f"{f'The accelerator ({kind})' if kind else 'An accelerator'} does more per joule than the CPU."
    if not kind:
        return Finding(name, claim, "cannot tell", _NONE)
    gains = _gains(evidence.plain((*TRAINING, *INFERENCE, *GENERATION)), kind, _joules)
    if not gains:
        wanted = " and ".join(_ENERGY)
        missing = f"No energy was measured on both: it needs {wanted} of one workload on the CPU and on {kind}."
        return Finding(name, claim, "cannot tell", missing)
    overall = mean(gains)
    reason = f"It is best at {ordered_by_gain(gains)[-1].other.job.case.id}." if sign(overall) else f"{WIDE}."
    numbers = _numbers(gains, overall, "times the work of a joule on the CPU")
    return Finding(name, claim, answer([sign(overall)]), reason, numbers, jobs(gains))


def _joules(summary: Summary) -> Estimate | None:
    """Energy of an iteration, the host's and, of an accelerator, the device's with it; None unless all is known."""
    wanted = _ENERGY[: 1 if device_kind(summary.job) == "cpu" else 2]
    parts = [summary.estimates.get(metric) for metric in wanted]
    known = [p for p in parts if p is not None]
    if len(known) < len(parts):
        return None
    return known[0] if len(known) == 1 else combined(known[0], known[1], 1)
