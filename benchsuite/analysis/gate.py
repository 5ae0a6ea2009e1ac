"""The gate's rule: a screen that may look as often as it likes, then fresh pairs that alone decide.

Values are log-ratios of fresh pairs of processes (`paired.log_ratio`), candidate over base, so +0.03 is 3 % slower.
Stage 1 can only clear a job or nominate it. Stage 2 is a fresh sample of a size fixed beforehand, so that neither the
peeking nor the selection of stage 1 raises the false-alarm rate; its level is shared out by Holm (1979).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from benchsuite.analysis.estimate import t_quantile
from benchsuite.analysis.paired import FEWEST_PAIRS, Paired, paired

Screen = Literal["cleared", "nominated", "more", "unclear"]
Found = Literal["slower", "faster", "same", "unclear", "ungateable"]

_SCREEN_LEVEL = 0.05
_POWER = 0.95
_NINE_IN_TEN = 1.2816  # the quantile of the normal distribution
_LEAST_CONFIRMING, _MOST_CONFIRMING = 12, 16
_FEWEST_FOR_NOISE = 6
"""Below six nothing is trimmed, and one disturbed pair would pass for the noise of all."""


@dataclass(frozen=True)
class Policy:
    """What counts as a change, as relative changes (0.03 is 3 %); `absolute_floor` is in seconds an iteration.

    `minimum_effect` is the change one would not want to miss, `tolerance` the one that nobody minds. `family_level` is
    the chance that a suite without any change reports one as slower. A job whose pairs differ so much that the most
    that are ever taken would miss a change of `ungateable_above` is not gated.

    Note: neither limit is raised by the noise that pairs of the same code showed. The test allows for noise already,
    and on recorded pairs that took more than half of the power and saved no false alarm.
    """

    minimum_effect: float = 0.03
    tolerance: float = 0.01
    absolute_floor: float = 0.0
    family_level: float = 0.01
    most_screening: int = 8
    ungateable_above: float = 0.10


@dataclass(frozen=True)
class Decision:
    """What the gate found of one job: candidate over base, its 95 % interval, and from how many pairs.

    `smallest` is the relative change that would have been seen four times in five. All four are None below 4 pairs.
    """

    outcome: Found
    ratio: float | None
    low: float | None
    high: float | None
    smallest: float | None
    pairs: int
    reason: str


def screen(values: Sequence[float], policy: Policy) -> Screen:
    """What stage 1 makes of the pairs so far: `more` means one more pair, `unclear` that not even stage 2 would tell.

    Nominated: surely changed, and by more than is tolerated; or at the cap not cleared. Cleared: surely not changed by
    the least effect.
    """
    found, at_cap = paired(values), len(values) >= policy.most_screening
    if found is None:
        return "unclear" if at_cap else "more"
    limit = math.log1p(policy.minimum_effect)
    low, high = (math.log(x) for x in found.interval(1 - 2 * _SCREEN_LEVEL))
    # Note: not the whole effect. Of jobs changed by exactly that, half have an estimate below it.
    if (low > 0 or high < 0) and abs(found.center) >= math.log1p(policy.tolerance):
        return "nominated"
    if -limit < low and high < limit:
        return "cleared"
    if not at_cap:
        return "more"
    return "unclear" if _too_noisy(_most(found), policy) else "nominated"


def pairs_wanted(values: Sequence[float], policy: Policy, nominated: int) -> int:
    """How many pairs stage 2 takes of a job, 12 to 16: enough to see, 19 times in 20, one between its limits.

    That is a change half way from what is tolerated to the least effect, since less than the latter is nominated too.
    The spread is that of stage 1, and its freedom sets the quantile of the power (after Stein 1945), since four pairs
    tell a spread badly. The level is what Holm leaves to the first of so many nominated jobs.
    """
    found = paired(values)
    return _MOST_CONFIRMING if found is None else _wanted(found, policy, policy.family_level / max(1, nominated))


def _wanted(found: Paired, policy: Policy, level: float) -> int:
    effect = (math.log1p(policy.minimum_effect) - math.log1p(policy.tolerance)) / 2
    for pairs in range(_LEAST_CONFIRMING, _MOST_CONFIRMING):
        quantiles = t_quantile(pairs - 3, 1 - 2 * level) + t_quantile(found.freedom, 2 * _POWER - 1)
        if quantiles * _of_more(found, pairs).error <= effect:
            return pairs
    return _MOST_CONFIRMING


def _of_more(found: Paired, pairs: int) -> Paired:
    """What so many fresh pairs, at least six, of the same spread would tell."""
    return replace(found, error=found.error * math.sqrt(found.count / pairs), freedom=pairs - 3, count=pairs)


def _most(found: Paired) -> Paired:
    """What the most pairs would tell, as likely more as less."""
    return _of_more(_unbiased(found), _MOST_CONFIRMING)


def _unbiased(found: Paired) -> Paired:
    """Its error as likely too large as too small; of few values it tends to be too small (Wilson and Hilferty 1931)."""
    return replace(found, error=found.error * (1 - 2 / (9 * found.freedom)) ** -1.5)


def confirm(
    stage2: Mapping[str, Sequence[float]],
    policy: Policy,
    controls: Mapping[str, Sequence[float]] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> dict[str, Decision]:
    """The decisions on all nominated jobs, from their stage-2 pairs alone.

    Slower means that the lower bound of the ratio at Holm's level is above 1 + tolerance; faster is the mirror image,
    in a family of its own. `controls` are each job's pairs of the same code, and where they are too noisy the job is
    not gated; `seconds` are the base's times an iteration, which the absolute floor is compared with.
    """
    arms = controls or {}
    found = {job: paired(values) for job, values in stage2.items()}
    known = {
        job: p for job, p in found.items() if p is not None and not _too_noisy(_of_controls(arms.get(job, ())), policy)
    }
    directions: tuple[tuple[Found, int], ...] = (("slower", 1), ("faster", -1))
    faced = {
        way: _holm({job: _chance(p, sign, policy.tolerance) for job, p in known.items()}, policy.family_level)
        for way, sign in directions
    }
    decisions = {}
    for job, values in stage2.items():
        if job not in known:
            decisions[job] = screened(values, policy, arms.get(job, ()))
            continue
        level = max(tests[job].level for tests in faced.values())
        changed = next((way for way, tests in faced.items() if tests[job].rejected), None)
        decision = _decision(changed or "unclear", known[job], policy, known[job].smallest(level, policy.tolerance))
        if changed is None:
            decision = _unchanged(decision, values, policy)
        decisions[job] = _above_floor(decision, policy, (seconds or {}).get(job))
    return decisions


def screened(values: Sequence[float], policy: Policy, controls: Sequence[float] = ()) -> Decision:
    """The decision on a job that was not nominated: the same, unclear, or ungateable.

    Its smallest change is one that stage 2 would have seen nine times in ten, with the pairs that it would have taken:
    with what the screen misses of such changes, some one in ten, the whole gate sees it four times in five.
    """
    found, stage, level = paired(values), screen(values, policy), policy.family_level
    smallest = None
    if found is not None:
        stage2 = _of_more(_unbiased(found), _wanted(found, policy, level))
        smallest = stage2.smallest(level, policy.tolerance, _NINE_IN_TEN)
    decision = _decision("same" if stage == "cleared" else "unclear", found, policy, smallest)
    if _too_noisy(own := _of_controls(controls), policy):
        return replace(decision, outcome="ungateable", reason=f"in pairs of the same code, {_missed(own, policy)}")
    if stage == "nominated":
        return replace(decision, reason="nominated, but never confirmed")
    return decision if stage == "cleared" else _unchanged(decision, values, policy)


def _unchanged(decision: Decision, values: Sequence[float], policy: Policy) -> Decision:
    """What is neither slower nor faster: the same, or too noisy for a verdict ever, or unclear."""
    found, limit = paired(values), math.log1p(policy.minimum_effect)
    if found is None:
        return decision
    low, high = (math.log(x) for x in found.interval(1 - 2 * _SCREEN_LEVEL))
    if -limit < low and high < limit:
        return replace(decision, outcome="same", reason=_reason("same", policy, None))
    if len(values) >= _FEWEST_FOR_NOISE and _too_noisy(most := _most(found), policy):
        return replace(decision, outcome="ungateable", reason=_missed(most, policy))
    return decision


def _of_controls(controls: Sequence[float]) -> Paired | None:
    """What the most pairs of such noise as pairs of the same code have would tell; None where they are too few.

    Their deviation is taken from zero, which is known to be the middle, and of the largest values as many are drawn in
    as the trimmed mean would leave out.
    """
    sizes = sorted(map(abs, controls))
    if len(sizes) < _FEWEST_FOR_NOISE or not all(map(math.isfinite, sizes)):
        return None
    pairs = _MOST_CONFIRMING
    kept = len(sizes) - max(1, round(2 * len(sizes) / pairs))
    spread = math.sqrt(statistics.fmean(min(x, sizes[kept - 1]) ** 2 for x in sizes))
    return Paired(0.0, spread * math.sqrt((pairs - 1) / ((pairs - 2) * (pairs - 3))), pairs - 3, pairs)


def _too_noisy(most: Paired | None, policy: Policy) -> bool:
    return most is not None and most.smallest(policy.family_level, policy.tolerance) > policy.ungateable_above


def _missed(most: Paired | None, policy: Policy) -> str:
    assert most is not None
    seen = 100 * most.smallest(policy.family_level, policy.tolerance)
    return f"{most.count} pairs would miss a change of less than {seen:.0f} %: too noisy here to gate"


def unfit(controls: Mapping[str, Sequence[float]], policy: Policy) -> str | None:
    """Why nothing of this session should be believed, from its pairs of the same code; None where nothing speaks so.

    A quarter of the family level each for: any job with 4 control pairs or more slower, or faster, by the very rule of
    `confirm`; and, over all jobs, more control pairs beyond the tolerance on one side than fair coins would give, which
    holds whatever the spread of each job (the sign test). So, as far as pairs are independent, a fit session is refused
    with a chance of at most `family_level`.
    """
    part = replace(policy, family_level=policy.family_level / 4, absolute_floor=0.0)
    enough = {job: values for job, values in controls.items() if len(values) >= FEWEST_PAIRS}
    for job, decision in confirm(enough, part).items():
        if decision.outcome in ("slower", "faster"):
            return f"{job} came out {decision.outcome} than itself: {decision.reason}"
    pooled = [x for values in controls.values() for x in values]
    limit = math.log1p(policy.tolerance)
    for word, beyond in (("slower", sum(x > limit for x in pooled)), ("faster", sum(x < -limit for x in pooled))):
        if _coins(beyond, len(pooled)) <= part.family_level:
            return f"{beyond} of {len(pooled)} control pairs were {word} by more than {100 * policy.tolerance:g} %"
    return None


def _coins(heads: int, tosses: int) -> float:
    """The chance of so many heads or more."""
    ways = sum(math.comb(tosses, n) for n in range(heads, tosses + 1))
    return ways / (1 << tosses)


def _chance(found: Paired, sign: int, tolerance: float) -> float:
    """One-sided p-value of a change in the direction of `sign` beyond what is tolerated."""
    from scipy.special import stdtr

    excess = sign * found.center - math.log1p(tolerance)
    if found.error == 0:
        return float(excess <= 0)
    return float(stdtr(found.freedom, -excess / found.error))


@dataclass(frozen=True)
class _Test:
    """Whether the hypothesis of no change was rejected, and at which level it was tested."""

    rejected: bool
    level: float


def _holm(chances: Mapping[str, float], level: float) -> dict[str, _Test]:
    """Every p-value tested so that the chance of any false rejection is at most `level` (Holm 1979)."""
    tests: dict[str, _Test] = {}
    rejected = True
    for rank, job in enumerate(sorted(chances, key=chances.__getitem__)):
        own = level / (len(chances) - rank)
        rejected = rejected and chances[job] <= own
        tests[job] = _Test(rejected, own)
    return tests


def _decision(outcome: Found, found: Paired | None, policy: Policy, smallest: float | None) -> Decision:
    reason = _reason(outcome, policy, smallest)
    if found is None:
        return Decision(outcome, None, None, None, None, 0, reason)
    return Decision(outcome, found.ratio, *found.interval(), smallest, found.count, reason)


def _reason(outcome: Found, policy: Policy, smallest: float | None) -> str:
    if outcome == "same":
        return f"the whole 90 % interval is within {100 * policy.minimum_effect:.1f} %"
    if outcome == "unclear":
        return "fewer than 4 usable pairs" if smallest is None else f"it could have seen {100 * smallest:.1f} %"
    return f"surely changed by more than the {100 * policy.tolerance:.1f} % that are tolerated"


def _above_floor(decision: Decision, policy: Policy, seconds: float | None) -> Decision:
    """A change of less than the absolute floor is none that matters."""
    if decision.outcome not in ("slower", "faster") or decision.ratio is None or seconds is None:
        return decision
    change = abs(decision.ratio - 1) * seconds
    if change >= policy.absolute_floor:
        return decision
    reason = f"{decision.outcome}, but by {change:.1e} s an iteration, below the floor of {policy.absolute_floor:.1e} s"
    return replace(decision, outcome="same", reason=reason)
