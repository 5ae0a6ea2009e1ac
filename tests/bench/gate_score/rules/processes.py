"""Rules for several fresh processes a side; x and y are one row a process, one column a sample."""

from __future__ import annotations

import math

import numpy as np

from tests.bench.gate_score.rules import Array, Call, Rule, improbable, signed
from tests.bench.gate_score.rules.rank_sum import cautious, exact

_ASV_LEVEL = 0.002


def asv(factor: float) -> Rule:
    """`asv continuous -f FACTOR`: two processes a side of five samples each, pooled."""

    def rule(x: Array, y: Array) -> Call:
        pooled = x[:, :5].ravel(), y[:, :5].ravel()
        if not _asv_different(*pooled):
            return Call("same")
        ratio = float(np.median(pooled[1]) / np.median(pooled[0]))
        return Call("slower" if ratio > factor else "faster" if ratio < 1 / factor else "same", evidence=ratio)

    return rule


def _asv_different(x: Array, y: Array) -> bool:
    if len(x) == 1 or len(y) == 1:
        return True
    if 1 / math.comb(len(x) + len(y), min(len(x), len(y))) < _ASV_LEVEL:
        return cautious(x, y) < _ASV_LEVEL
    (low_x, high_x), (low_y, high_y) = median_interval(x), median_interval(y)
    return high_x < low_y or high_y < low_x


def median_interval(x: Array) -> tuple[float, float]:
    """99 % interval of the median by order statistics; without ends where there are too few samples for one."""
    count, ordered = len(x), np.sort(x)
    tail = 0.0
    for outside in range(count // 2 + 1):
        tail += math.comb(count, outside) / 2**count
        if tail > 0.005:
            return (float(ordered[outside - 1]), float(ordered[-outside])) if outside else (-math.inf, math.inf)
    return -math.inf, math.inf


def pyperf(x: Array, y: Array) -> Call:
    """`pyperf compare_to`: Student's t with pooled variance over three values of each process, the first a warm-up."""
    pooled = x[:, 1:4].ravel(), y[:, 1:4].ravel()
    return _student(*pooled)


def hyperfine(x: Array, y: Array) -> Call:
    """hyperfine's script: Welch's t at 0.05 over process runs."""
    return _welch(x.mean(axis=1), y.mean(axis=1))


def pooled_ranks(x: Array, y: Array) -> Call:
    """No tool's, but a common mistake: a rank-sum test at 0.05 over all samples of all processes."""
    from scipy.stats import mannwhitneyu

    p = float(mannwhitneyu(x.ravel(), y.ravel(), alternative="two-sided").pvalue)
    change = float(np.median(y) - np.median(x))
    return Call(signed(p < 0.05, change), evidence=improbable(p, change))


def median_ranks(x: Array, y: Array) -> Call:
    """The same test over the medians of processes."""
    medians = np.median(x, axis=1), np.median(y, axis=1)
    p, change = exact(*medians), float(np.median(medians[1]) - np.median(medians[0]))
    return Call(signed(p < 0.05, change), evidence=improbable(p, change))


def _student(x: Array, y: Array) -> Call:
    n, m = len(x), len(y)
    variance = (x.var(ddof=1) * (n - 1) + y.var(ddof=1) * (m - 1)) / (n + m - 2)
    return _beyond(x, y, math.sqrt(variance * (1 / n + 1 / m)), n + m - 2)


def _welch(x: Array, y: Array) -> Call:
    a, b = x.var(ddof=1) / len(x), y.var(ddof=1) / len(y)
    if a + b == 0:
        return _beyond(x, y, 0.0, 1)
    freedom = (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))
    return _beyond(x, y, math.sqrt(a + b), freedom)


def _beyond(x: Array, y: Array, error: float, freedom: float) -> Call:
    from scipy.special import stdtr, stdtrit

    difference = float(y.mean() - x.mean())
    p = 2 * float(stdtr(freedom, -abs(difference) / error)) if error else float(difference == 0)
    significant = abs(difference) >= float(stdtrit(freedom, 0.975)) * error
    return Call(signed(significant, difference), evidence=improbable(p, difference))
