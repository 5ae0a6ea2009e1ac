"""Comparing stored runs: a verdict on every job of two sides, and none that noise alone could have given.

A change has to be beyond what is tolerated, at a false-discovery rate held over the whole suite, and large enough to
matter. The rounds of a job, each a fresh process, are the only n, and two sessions differ by more than rounds show.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchsuite.analysis.comparable import Judgement, judge
from benchsuite.analysis.contrast import Contrast, contrast, levels
from benchsuite.analysis.estimate import FEWEST_ROUNDS
from benchsuite.analysis.pairing import Matched, matches, mismatch, one_sided, verdict
from benchsuite.records import Outcome, Reading, Verdict

# Standard deviations of a session's log-median to begin with; several runs of a side correct them.
ON_DEVICE, BARE_METAL, VIRTUAL, OTHER_HOST = 0.01, 0.015, 0.04, 0.06


@dataclass(frozen=True)
class Rule:
    """What counts as a change, as relative changes (0.03 is 3 %), and the share of false ones among those reported."""

    tolerance: float = 0.01
    minimum: float = 0.03
    false_discoveries: float = 0.05


@dataclass(frozen=True)
class Comparison:
    """The verdicts on all jobs that either side tried, and whether the sides may be compared.

    `neither` jobs have nothing to compare: skipped on both sides, or without this metric. `informational` verdicts are
    of sides that may not be compared, and were all the same.
    """

    verdicts: tuple[Verdict, ...]
    judgement: Judgement
    neither: int = 0
    informational: bool = False


def compare(
    base: Sequence[Reading],
    candidate: Sequence[Reading],
    rule: Rule | None = None,
    treatments: Sequence[str] = (),
    *,
    forced: bool = False,
) -> Comparison:
    """Verdicts on the runs of the candidate against those of the base, all read for one metric.

    `treatments` are packages meant to differ. `forced` compares also jobs that their machines say should not be.
    """
    judgement = judge([r.run for r in base], [r.run for r in candidate], treatments)
    virtual = any(r.run.environment.cpu.is_virtual for r in (*base, *candidate))
    found: list[Verdict | _Draft] = []
    neither = 0
    # Thousands of jobs are of a handful of backends.
    forbidden = functools.cache(lambda backend: "" if forced else judgement.forbids(backend))
    deviation = functools.cache(functools.partial(session_deviation, judgement, virtual))
    for pair in matches(base, candidate):
        if pair.nothing:
            neither += 1
        elif not pair.measured:
            found.append(one_sided(pair))
        elif reason := mismatch(pair) or forbidden(pair.first.backend):
            found.append(verdict(pair, "incomparable", reason))
        else:
            found.append(_draft(pair, deviation(pair.first.metric, pair.first.backend)))
    informational = forced and judgement.level == "not comparable"
    return Comparison(_decided(found, rule or Rule()), judgement, neither, informational)


def session_deviation(judgement: Judgement, virtual: bool, metric: str, backend: str) -> float:
    """Standard deviation of a session's log-median, before any was seen, for this metric on such a machine.

    Where something had better be the same and is not, the host's name included, it is as between two hosts of a kind.
    """
    if judgement.widens(backend) or judgement.forbids(backend):
        return OTHER_HOST
    if metric == "time/device":
        return ON_DEVICE
    return VIRTUAL if virtual else BARE_METAL


class _Draft(NamedTuple):
    """A job with a contrast, before it is known what all jobs together allow; `sign` is 1 where more is worse."""

    pair: Matched
    contrast: Contrast
    sign: int


def _draft(pair: Matched, deviation: float) -> Verdict | _Draft:
    base, candidate = pair.base, pair.candidate
    if min(map(min, (*base.medians, *candidate.medians))) <= 0:
        return verdict(pair, "unclear", "a value of zero has no ratio")
    found = contrast(base.medians, candidate.medians, deviation)
    if found is not None:
        return _Draft(pair, found, -1 if pair.first.better == "higher" else 1)
    assert base.middle
    assert candidate.middle
    reason = f"{base.rounds} and {candidate.rounds} rounds; a verdict takes {FEWEST_ROUNDS} of each side:"
    reason = f"{reason} benchsuite run --rounds {FEWEST_ROUNDS}"
    return verdict(pair, "unclear", reason, ratio=candidate.middle / base.middle)


def _decided(found: Sequence[Verdict | _Draft], rule: Rule) -> tuple[Verdict, ...]:
    """The drafts with their outcomes: what each may be depends on how many others there are, and what they are."""
    drafts = [item for item in found if isinstance(item, _Draft)]
    chances = [[d.contrast.chance(sign * d.sign, rule.tolerance) for d in drafts] for sign in (1, -1)]
    limits = [levels(some, rule.false_discoveries) for some in chances]
    decided = iter(
        [
            _decide(draft, rule, up <= up_level, down <= down_level, up_level)
            for draft, up, down, up_level, down_level in zip(drafts, *chances, *limits, strict=True)
        ]
    )
    return tuple(next(decided) if isinstance(item, _Draft) else item for item in found)


def _decide(draft: _Draft, rule: Rule, worse: bool, better: bool, level: float) -> Verdict:
    found, limit = draft.contrast, math.log1p(rule.minimum)
    harm = draft.sign * found.center
    outcome: Outcome = "unclear"
    if worse and harm >= limit:
        outcome = "slower"
    elif better and -harm >= limit:
        outcome = "faster"
    elif _within(found, limit):
        outcome = "same"
    low, high = found.interval()
    return verdict(
        draft.pair,
        outcome,
        "",
        ratio=found.ratio,
        low=None if low is None else math.exp(low),
        high=None if high is None else math.exp(high),
        smallest=found.smallest(level, rule.tolerance, rule.minimum),
    )


def _within(found: Contrast, limit: float) -> bool:
    low, high = found.interval(0.9)
    return low is not None and high is not None and -limit < low and high < limit
