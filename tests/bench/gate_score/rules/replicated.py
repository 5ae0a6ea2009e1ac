"""Our rule: each value is the log-ratio of one fresh pair of processes, and the values are the only n."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchsuite.analysis.estimate import t_quantile
from benchsuite.analysis.gate import Decision, Policy, confirm, pairs_wanted, screen, screened
from benchsuite.analysis.paired import paired
from tests.bench.gate_score.rules import NONE, Call

_FEWEST_CONTROLS = 6


class TooFewPairs(Exception):
    """The recorded pairs ended before the rule had all that it asked for."""

    nominated = False


def one_stage(values: Sequence[float], policy: Policy) -> Call:
    """A fixed number of pairs: what stage 2 makes of them, where one job is nominated."""
    return _call(confirm({"job": values}, policy)["job"], len(values), _evidence(values, policy))


def two_stage(pairs: Iterator[float], policy: Policy) -> Call:
    """The whole gate on one job: a screen of 4 to 8 pairs, then 12 to 16 fresh ones if it was nominated."""
    values = _take(pairs, 4)
    while (stage := screen(values, policy)) == "more":
        values += _take(pairs, 1)
    if stage != "nominated":
        return _call(screened(values, policy), len(values), NONE)
    try:
        fresh = _take(pairs, pairs_wanted(values, policy, 1))
    except TooFewPairs as end:
        end.nominated = True
        raise
    return _call(confirm({"job": fresh}, policy)["job"], len(values) + len(fresh), _evidence(fresh, policy))


def raised(policy: Policy, controls: Sequence[float], pairs: int) -> Policy:
    """The policy with its limits raised to the noise that was seen in earlier pairs of the same code.

    The floor is what 97.5 % of results from `pairs` pairs stay below, by Student's t about zero: changes up to it are
    tolerated, and twice as much is the least effect.
    """
    sizes = sorted(abs(x) for x in controls)
    if len(sizes) < _FEWEST_CONTROLS:
        return policy
    pairs = max(_FEWEST_CONTROLS, pairs)
    kept = len(sizes) - round(2 * len(sizes) / pairs)
    spread = math.sqrt(statistics.fmean(min(x, sizes[kept - 1]) ** 2 for x in sizes))
    floor = math.expm1(t_quantile(kept) * spread * math.sqrt((pairs - 1) / ((pairs - 2) * (pairs - 3))))
    return replace(policy, tolerance=max(policy.tolerance, floor), minimum_effect=max(policy.minimum_effect, 2 * floor))


def _evidence(values: Sequence[float], policy: Policy) -> float:
    """Decimal digits of the one-sided p-value of a slow-down beyond the tolerance."""
    from scipy.special import stdtr

    found = paired(values)
    if found is None or not found.error:
        return NONE
    excess = found.center - math.log1p(policy.tolerance)
    return -math.log10(max(1e-300, float(stdtr(found.freedom, -excess / found.error))))


def _take(pairs: Iterator[float], count: int) -> list[float]:
    taken = list(itertools.islice(pairs, count))
    if len(taken) < count:
        raise TooFewPairs
    return taken


def _call(decision: Decision, used: int, evidence: float) -> Call:
    return Call(decision.outcome, decision.low, decision.high, decision.smallest, used, evidence)
