"""Rules for a history: x are earlier values in order of time, the newest last; y are values of the candidate."""

from __future__ import annotations

import math

import numpy as np

from tests.bench.gate_score.rules import NONE, Array, Call, Rule, signed

_RUSTC_RESULTS = 30
_CONBENCH_RESULTS = 100
_BENCHER_RESULTS = 64
_PERFHERDER_FORE, _PERFHERDER_BACK = 12, 24


def github_action_benchmark(x: Array, y: Array) -> Call:
    """Alert at 200 %: more than twice the last stored value; it alerts on slow-downs only."""
    ratio = float(y[0] / x[-1])
    return Call("slower" if ratio > 2.0 else "same", evidence=ratio)


def torchbench(threshold: float) -> Rule:
    """TorchBench's nightly: a relative change against the previous one above 7 % (30 % for its optimizer suite)."""

    def rule(x: Array, y: Array) -> Call:
        change = float((y[0] - x[-1]) / x[-1])
        return Call(signed(abs(change) > threshold, change), evidence=change)

    return rule


def rustc_perf(x: Array, y: Array) -> Call:
    """rustc-perf: a change at least as large as an extreme outlier among those of the last 30 results."""
    change = float((y[0] - x[-1]) / x[-1])
    limit = 0.002
    if len(x) >= _RUSTC_RESULTS:
        recent = x[-_RUSTC_RESULTS:]
        low, high = np.percentile(np.abs(np.diff(recent)) / recent[:-1], [25, 75])
        limit = float(high + 3 * (high - low))
    return Call(signed(abs(change) >= limit, change), evidence=change / limit if limit else NONE)


def conbench(limit: float) -> Rule:
    """conbench: the distance from the rolling mean, in deviations of earlier values from the means before them."""

    def rule(x: Array, y: Array) -> Call:
        recent = x[-_CONBENCH_RESULTS:]
        before = np.cumsum(recent)[:-1] / np.arange(1, len(recent))
        deviation = float(np.std(recent[1:] - before, ddof=1))
        change = float(y[0] - recent.mean())
        return Call(signed(abs(change) > limit * deviation, change), evidence=change / deviation if deviation else NONE)

    return rule


def bencher_t_test(x: Array, y: Array) -> Call:
    """bencher: above the upper 99 % prediction limit of up to 64 earlier values; slow-downs only, as by default."""
    from scipy.special import stdtrit

    recent = x[-_BENCHER_RESULTS:]
    count = len(recent)
    reach = float(stdtrit(count - 1, 0.99)) * float(recent.std(ddof=1)) * math.sqrt(1 + 1 / count)
    change = float(y[0] - recent.mean())
    return Call("slower" if change > reach else "same", evidence=change / reach if reach else NONE)


def bencher_percentage(x: Array, y: Array) -> Call:
    """bencher: more than 10 % above the mean of up to 64 earlier values; slow-downs only."""
    ratio = float(y[0] / x[-_BENCHER_RESULTS:].mean())
    return Call("slower" if ratio > 1.1 else "same", evidence=ratio)


def perfherder(x: Array, y: Array) -> Call:
    """Perfherder: |t| above 7 with linear weights, no smaller than its neighbours', and a change of 2 % or more."""
    series, at = np.concatenate([x, y]), len(x)
    if len(x) < _PERFHERDER_FORE or len(y) < _PERFHERDER_FORE:
        return Call("same")
    t = weighted_t(series, at)
    change = float(np.mean(_fore(series, at)) / np.mean(_back(series, at)) - 1)
    highest = all(abs(weighted_t(series, near)) <= abs(t) for near in (at - 1, at + 1))
    possible = highest and abs(change) >= 0.02
    return Call(signed(abs(t) > 7 and possible, change), evidence=t if possible else NONE)


def weighted_t(series: Array, at: int) -> float:
    """Perfherder's t at a point: means weighted 1 beside it and falling to 1/n away from it, spreads about those."""
    back, fore = _back(series, at)[::-1], _fore(series, at)
    (mean_back, error_back), (mean_fore, error_fore) = _weighted(back), _weighted(fore)
    difference = mean_fore - mean_back
    if difference == 0:
        return 0.0
    error = math.sqrt(error_back + error_fore)
    return difference / error if error else math.copysign(math.inf, difference)


def _back(series: Array, at: int) -> Array:
    return series[max(0, at - _PERFHERDER_BACK) : at]


def _fore(series: Array, at: int) -> Array:
    return series[at : at + _PERFHERDER_FORE]


def _weighted(values: Array) -> tuple[float, float]:
    """Weighted mean, and the square of its error as Perfherder takes it."""
    count = len(values)
    mean = float(np.average(values, weights=np.arange(count, 0, -1)))
    return mean, float(np.sum((values - mean) ** 2)) / (count - 1) / count
