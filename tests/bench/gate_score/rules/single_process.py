"""Rules for the samples of one process on each side; x are those of the base, y of the candidate."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from tests.bench.gate_score.rules import NONE, Array, Call, Rule, improbable, signed
from tests.bench.gate_score.rules.rank_sum import exact

_RESAMPLES = 10_000
_CRITERION_NOISE = 0.01
_LEVEL = 0.05
_APART = 0.005


def pytest_benchmark(statistic: Callable[[Array], np.floating], percent: int) -> Rule:
    """`--benchmark-compare-fail=median:5%` and its kin: fails on a slow-down only, strictly above the percentage."""

    def rule(x: Array, y: Array) -> Call:
        change = float(100 * statistic(y) / statistic(x) - 100)
        return Call("slower" if change > percent else "same", evidence=change)

    return rule


def benchstat(least: float = 0.0) -> Rule:
    """Exact rank-sum test over ten results a side at 0.05, optionally only from a change of the medians on."""

    def rule(x: Array, y: Array) -> Call:
        x, y = x[:10], y[:10]
        change = float(np.median(y) / np.median(x) - 1)
        p, large = exact(x, y), abs(change) >= least
        return Call(signed(p < _LEVEL and large, change), evidence=improbable(p, change) if large else NONE)

    return rule


def google_benchmark(x: Array, y: Array) -> Call:
    """compare.py: scipy's two-sided rank-sum test at 0.05 over ten repetitions, direction by the means."""
    from scipy.stats import mannwhitneyu

    x, y = x[:10], y[:10]
    p, change = float(mannwhitneyu(x, y, alternative="two-sided").pvalue), float(np.mean(y) / np.mean(x) - 1)
    return Call(signed(p < _LEVEL, change), evidence=improbable(p, change))


def criterion(x: Array, y: Array) -> Call:
    """criterion.rs: a bootstrapped Welch t at 0.05, and the interval of the change wholly beyond 1 % of noise.

    10,000 resamples stand in for its 100,000, which moves a p of 0.05 by 0.002.
    """
    mixed = np.concatenate([x, y])[_draws(len(x) + len(y), len(x) + len(y))]
    t, null = _welch_t(x, y), _welch_t(mixed[:, : len(x)], mixed[:, len(x) :])
    p = 2 * min(np.mean(null < t), np.mean(null > t))
    means = x[_draws(len(x), len(x), 1)].mean(axis=1), y[_draws(len(y), len(y), 2)].mean(axis=1)
    low, high = np.percentile(means[1] / means[0] - 1, [2.5, 97.5])
    beyond = low > _CRITERION_NOISE or high < -_CRITERION_NOISE
    evidence = float(low) if p < _LEVEL else NONE
    return Call(signed(bool(p < _LEVEL and beyond), float(low)), 1 + low, 1 + high, evidence=evidence)


@functools.cache
def _draws(among: int, count: int, stream: int = 0) -> np.ndarray:
    return np.random.default_rng([among, count, stream]).integers(0, among, (_RESAMPLES, count))


def _welch_t(x: Array, y: Array) -> Array:
    error = np.sqrt(x.var(axis=-1, ddof=1) / x.shape[-1] + y.var(axis=-1, ddof=1) / y.shape[-1])
    difference = y.mean(axis=-1) - x.mean(axis=-1)
    return np.divide(difference, error, out=np.zeros_like(error), where=error > 0)


def nvbench_legacy(x: Array, y: Array) -> Call:
    """nvbench_compare: the means differ by more than the smaller of the two relative deviations."""
    change = float(np.mean(y) / np.mean(x) - 1)
    noise = min(np.std(x, ddof=1) / np.mean(x), np.std(y, ddof=1) / np.mean(y))
    return Call(signed(bool(abs(change) > noise), change), evidence=change / noise if noise else NONE)


def nvbench_robust(x: Array, y: Array) -> Call:
    """The fastest of one side is 0.5 % beyond the upper quartile of the other; in time only, as no cycles were kept."""
    worse, better = _beyond(x, y), _beyond(y, x)
    return Call("slower" if worse >= _APART else "faster" if better >= _APART else "same", evidence=worse)


def _beyond(x: Array, y: Array) -> float:
    quartile = float(np.percentile(x, 75))
    return float((np.min(y) - quartile) / quartile)
