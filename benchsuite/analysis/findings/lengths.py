"""Claims about the length of a sequence: steps one after another, and the square of attention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchsuite.analysis.crossing import Crossing
from benchsuite.analysis.estimate import Estimate
from benchsuite.analysis.findings.evidence import Evidence
from benchsuite.analysis.findings.finding import Answer, Finding, Number
from benchsuite.analysis.findings.gains import WIDE, answer, sign
from benchsuite.analysis.findings.names import ATTENTION, ATTENTION_BY_LENGTH, RECURRENT, place
from benchsuite.analysis.scaling import Point, Sweep, between, reaching, steps, sweeps
from benchsuite.analysis.summary import Summary
from benchsuite.analysis.transfer import combined

AXIS = "seq"
_OVERTAKEN = 1.5  # the exponent of b n + c n^2 where both terms are equal
_FEWEST_STEPS = 3


def recurrence(evidence: Evidence, kind: str) -> Finding:
    """The recurrent network's exponent against attention's, between lengths that both were measured at."""
    name = f"recurrence-on-{kind}"
    claim = f"On {place(kind)} a recurrent network runs step by step, while attention runs in parallel."
    recurrent, attention = _series(evidence.on(kind, RECURRENT)), _series(evidence.on(kind, ATTENTION))
    compared = [found for r in recurrent for a in attention if (found := _compared(r, a)) is not None]
    if not compared:
        missing = (
            f"Measure {RECURRENT[0]} and {ATTENTION[0]} on {place(kind)}, each at three or more lengths ({AXIS}), two "
            "of them in common, as the preset sweep does."
        )
        return Finding(name, claim, "cannot tell", missing)
    said = answer(sign(combined(c.recurrent, c.attention, -1), over=0) for c in compared)
    numbers = dict.fromkeys(number for c in compared for number in c.numbers)
    return Finding(name, claim, said, _RECURRENCE[said], tuple(numbers), _jobs(s for c in compared for s in c.sweeps))


@dataclass(frozen=True)
class _Compared:
    """A recurrent network's sweep and attention's, with the exponents of both between two lengths that both have."""

    sweeps: tuple[Sweep, Sweep]
    between: tuple[int, int]
    recurrent: Estimate
    attention: Estimate

    @property
    def numbers(self) -> tuple[Number, Number]:
        """Both exponents."""
        ends = f"from {AXIS}={self.between[0]} to {AXIS}={self.between[1]}"
        slow, fast = map(_label, self.sweeps)
        return (
            Number(f"exponent of the recurrent network's time {ends} ({slow})", self.recurrent),
            Number(f"exponent of attention's time {ends} ({fast})", self.attention),
        )


def _compared(recurrent: Sweep, attention: Sweep) -> _Compared | None:
    """From the shortest to the longest length that both were measured at.

    Two lengths tell how much more a long sequence takes than a short one, whatever bends there are in between.
    """
    common = sorted({p.n for p in recurrent.points} & {p.n for p in attention.points})
    if len(common) < 2:
        return None
    ends = common[0], common[-1]
    r, a = (between(_at(ends[0], sweep), _at(ends[1], sweep)) for sweep in (recurrent, attention))
    return None if r is None or a is None else _Compared((recurrent, attention), ends, r, a)


def _at(n: int, sweep: Sweep) -> Point:
    return next(p for p in sweep.points if p.n == n)


_RECURRENCE: dict[Answer, str] = {
    "supported": "From short to long sequences the recurrent network's time grows more than attention's, which fills "
    "units that a single step leaves idle.",
    "not supported": "From short to long sequences attention's time grows more than the recurrent network's: short "
    "ones fill this device already, and nothing is left that could run side by side.",
    "cannot tell": f"{WIDE}, and at more lengths, shorter ones among them.",
}


def square(evidence: Evidence, kind: str) -> Finding:
    """From which length on the exponent between neighbours is surely that of a square that outweighs all else."""
    name = f"attention-square-on-{kind}"
    claim = f"On {place(kind)} the cost of attention grows with the square of the length."
    series = [s for s in _series(evidence.on(kind, ATTENTION_BY_LENGTH)) if len(steps(s.points)) >= _FEWEST_STEPS]
    if not series:
        missing = f"Measure {' or '.join(ATTENTION_BY_LENGTH)} on {place(kind)} at four or more lengths ({AXIS})."
        return Finding(name, claim, "cannot tell", missing)
    places = [(s, reaching(s.points, _OVERTAKEN)) for s in series]
    found = _squared([p for _, p in places])
    numbers = [number for s, p in places for number in _square_numbers(s, p)]
    return Finding(name, claim, found, _SQUARE[found], tuple(numbers), _jobs(series))


_SQUARE: dict[Answer, str] = {
    "supported": "From some length on time surely grows with more than the power of one and a half, which is where a "
    "square overtakes what grows in proportion.",
    "not supported": "Up to the longest length that was measured, what grows in proportion to it outweighs the square.",
    "cannot tell": "It is not sure that the square outweighs the rest at the longest lengths: measure longer ones, "
    "and with more rounds.",
}


def _squared(places: Sequence[Crossing]) -> Answer:
    """A series that was too short is no evidence against one that was long enough."""
    if any(p.surely_from is not None for p in places):
        return "supported"
    return "not supported" if all(p.outcome == "never" for p in places) else "cannot tell"


def _square_numbers(sweep: Sweep, found: Crossing) -> list[Number]:
    label, last = _label(sweep), steps(sweep.points)[-1].exponent
    numbers = [Number(f"exponent at the longest lengths ({label})", last)]
    if found.at is not None and found.surely_from is not None:
        at = Estimate(found.at, found.low, found.high, last.rounds, last.samples)
        numbers.insert(0, Number(f"length from which the square outweighs the rest ({label})", at, "tokens"))
    return numbers


def _series(summaries: Iterable[Summary]) -> list[Sweep]:
    """Sweeps over the length, of each case those of the backend that is fastest at the longest."""
    best: dict[tuple[object, ...], Sweep] = {}
    for sweep in sweeps(summaries):
        if sweep.axis != AXIS:
            continue
        case = sweep.job.case
        key = (case.workload, *(item for item in case.axes.items() if item[0] != AXIS))
        if key not in best or _order(sweep) < _order(best[key]):
            best[key] = sweep
    return list(best.values())


def _order(sweep: Sweep) -> tuple[float, ...]:
    last = sweep.points[-1]
    return -last.n, -len(sweep.points), last.time.value


def _label(sweep: Sweep) -> str:
    job = sweep.job
    words = [value for value in job.case.axes.values() if isinstance(value, str)]
    return f"{' '.join([job.case.workload, *words])} on {job.backend}"


def _jobs(series: Iterable[Sweep]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.job.id for s in series for p in s.points))
