"""The claim about generation: a key-value cache avoids repeated work."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.analysis.findings.evidence import Evidence
from benchsuite.analysis.findings.finding import Answer, Finding, Number
from benchsuite.analysis.findings.gains import WIDE, Gain, answer, gain, grouped, jobs, sign
from benchsuite.analysis.findings.names import WITH_CACHE_OR_WITHOUT, place
from benchsuite.analysis.summary import Summary

AXIS, WITH, WITHOUT, LENGTH = "cache", "on", "off", "length"


def cache(evidence: Evidence, kind: str) -> Finding:
    """Generation without the cache over generation with it, of each backend at its longest and its shortest."""
    name = f"key-value-cache-on-{kind}"
    claim = f"On {place(kind)} a key-value cache avoids repeated work."
    series = _by_backend(evidence.on(kind, WITH_CACHE_OR_WITHOUT))
    if not series:
        missing = (
            f"Measure {' or '.join(WITH_CACHE_OR_WITHOUT)} on {place(kind)} with {AXIS}={WITH} and {AXIS}={WITHOUT}."
        )
        return Finding(name, claim, "cannot tell", missing)
    found = answer(sign(gains[-1].value) for gains in series)
    numbers: list[Number] = []
    for gains in series:
        what = f"times as long without the cache, on {gains[0].base.job.backend}"
        numbers.append(Number(f"{what}, longest", gains[-1].value))
        if len(gains) > 1:
            numbers.append(Number(f"{what}, shortest", gains[0].value))
    every = [g for gains in series for g in gains]
    return Finding(name, claim, found, _reason(found, series), tuple(numbers), jobs(every))


def _reason(found: Answer, series: Sequence[Sequence[Gain]]) -> str:
    if found == "cannot tell":
        return f"{WIDE}, and at greater lengths."
    if found == "not supported":
        return "On at least one backend generation with the cache is surely not the faster one at the longest length."
    grows = all(_grows(gains) for gains in series)
    more = ", and it avoids more of it the longer the text" if grows else ""
    return f"At the longest length generation is surely faster with the cache{more}."


def _grows(gains: Sequence[Gain]) -> bool:
    """Whether the gain is surely greater at the longest than at the shortest."""
    first, last = gains[0].value.high, gains[-1].value.low
    return first is not None and last is not None and last > first


def _by_backend(summaries: Sequence[Summary]) -> list[list[Gain]]:
    """Gains of each backend in the order of the length; other sizes than the most often measured stand apart."""
    series: dict[tuple[object, ...], list[Gain]] = {}
    for members in grouped(summaries, lambda s: (_others(s, AXIS), s.job.backend, s.job.threads)).values():
        sides = {s.job.case.axes.get(AXIS): s for s in members}
        if WITH in sides and WITHOUT in sides and (found := gain(sides[WITHOUT], sides[WITH])) is not None:
            key = (_others(found.base, AXIS, LENGTH), found.base.job.backend, found.base.job.threads)
            series.setdefault(key, []).append(found)
    longest: dict[str, list[Gain]] = {}
    for gains in series.values():
        gains.sort(key=_length)
        backend = gains[0].base.job.backend
        longest[backend] = max(longest.get(backend, gains), gains, key=lambda found: (len(found), _length(found[-1])))
    return list(longest.values())


def _length(found: Gain) -> int:
    value = found.base.job.case.axes.get(LENGTH)
    return value if isinstance(value, int) else 0


def _others(summary: Summary, *axes: str) -> tuple[object, ...]:
    case = summary.job.case
    return (case.workload, *(item for item in case.axes.items() if item[0] not in axes))
