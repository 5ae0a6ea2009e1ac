"""Decision rules of other tools: hand-made inputs with known answers, and scipy where it has the same test."""

import math

import numpy as np
import pytest
from scipy.stats import t, ttest_ind

from tests.bench.gate_score.rules import Call, Rule, history, one_pair, processes, single_process

QUIET = np.array([0.99, 1.0, 1.01, 0.995, 1.005] * 4)


def values(seed: int, *shape: int, change: float = 0.0, spread: float = 0.01) -> np.ndarray:
    return np.random.default_rng(seed).normal(1 + change, spread, shape)


BOTH_WAYS = {
    "benchstat": single_process.benchstat(),
    "google-benchmark": single_process.google_benchmark,
    "criterion": single_process.criterion,
    "nvbench legacy": single_process.nvbench_legacy,
    "nvbench robust": single_process.nvbench_robust,
    "tango": one_pair.tango,
}


@pytest.mark.parametrize("rule", BOTH_WAYS.values(), ids=BOTH_WAYS)
def test_a_large_change_has_its_direction_and_none_is_none(rule: Rule) -> None:
    x, y = values(1, 20), values(2, 20, change=0.1)
    assert rule(x, y).outcome == "slower"
    assert rule(y, x).outcome == "faster"
    assert rule(QUIET, QUIET[::-1]).outcome == "same"


@pytest.mark.parametrize("statistic", [np.median, np.mean, np.min])
@pytest.mark.parametrize(("candidate", "outcome"), [(104, "same"), (105, "same"), (106, "slower"), (50, "same")])
def test_pytest_benchmark_is_strict_and_one_sided(statistic: object, candidate: int, outcome: str) -> None:
    rule = single_process.pytest_benchmark(statistic, 5)  # type: ignore[arg-type]
    assert rule(np.full(5, 100.0), np.full(5, float(candidate))).outcome == outcome


def test_pytest_benchmark_looks_at_its_statistic_only() -> None:
    x, y = np.array([100.0, 100, 100, 100, 100]), np.array([100.0, 100, 100, 100, 200])
    found = [single_process.pytest_benchmark(s, 5)(x, y).outcome for s in (np.median, np.mean, np.min)]
    assert found == ["same", "slower", "same"]


def test_benchstat_wants_a_least_change_where_it_is_asked_to() -> None:
    x = np.linspace(1.0, 1.001, 10)
    assert single_process.benchstat()(x, x + 0.01).outcome == "slower"
    assert single_process.benchstat(0.05)(x, x + 0.01).outcome == "same"
    assert single_process.benchstat(0.05)(x, x + 0.06).outcome == "slower"


def test_criterion_has_a_noise_threshold_and_an_interval() -> None:
    x = values(3, 20, spread=0.001)
    assert single_process.criterion(x, x * 1.005).outcome == "same"
    call = single_process.criterion(x, x * 1.02)
    assert call.outcome == "slower"
    assert call.low is not None
    assert call.high is not None
    assert 1.015 < call.low < 1.02 < call.high < 1.025


def test_nvbench_compares_with_the_smaller_deviation() -> None:
    x, wide = QUIET, 1.02 + (QUIET - 1) * 10
    assert single_process.nvbench_legacy(x, wide).outcome == "slower"
    assert single_process.nvbench_legacy(wide / 1.02, wide).outcome == "same"


@pytest.mark.parametrize(("lowest", "outcome"), [(1.009, "same"), (1.011, "slower")])
def test_nvbench_robust_compares_minimum_with_upper_quartile(lowest: float, outcome: str) -> None:
    assert single_process.nvbench_robust(QUIET, np.array([lowest, 5.0])).outcome == outcome  # the quartile is 1.005


@pytest.mark.parametrize(
    ("factor", "change", "outcome"),
    [(1.1, 0.08, "same"), (1.1, 0.12, "slower"), (1.05, 0.08, "slower"), (1.05, -0.08, "faster")],
)
def test_asv_wants_significance_and_a_factor(factor: float, change: float, outcome: str) -> None:
    x = values(4, 2, 20, spread=0.001)
    assert processes.asv(factor)(x, x * (1 + change)).outcome == outcome
    noisy = values(5, 2, 20, spread=0.5), values(6, 2, 20, change=0.2, spread=0.5)
    assert processes.asv(factor)(*noisy).outcome == "same"


def test_asv_goes_by_the_ratio_alone_where_nothing_was_repeated() -> None:
    assert processes.asv(1.1)(np.array([[1.0]]), np.array([[1.2]])).outcome == "slower"


def test_asv_without_enough_for_its_test_has_no_interval_either() -> None:
    x = np.array([[1.0, 1.001, 1.002, 1.003, 1.004]])
    assert processes.asv(1.1)(x, 2 * x).outcome == "same"


def test_median_interval_is_the_printed_one() -> None:
    # For 20 values the 99 % interval is the fourth to the seventeenth.
    assert processes.median_interval(np.arange(1.0, 21.0)) == (4.0, 17.0)
    assert processes.median_interval(np.arange(5.0)) == (-math.inf, math.inf)


@pytest.mark.parametrize("seed", range(20))
def test_pyperf_and_hyperfine_are_students_and_welchs_tests(seed: int) -> None:
    x, y = values(seed, 6, 20), values(seed + 100, 6, 20, change=0.005)
    pooled = x[:, 1:4].ravel(), y[:, 1:4].ravel()
    runs = x.mean(axis=1), y.mean(axis=1)
    assert (processes.pyperf(x, y).outcome != "same") == (ttest_ind(*pooled).pvalue <= 0.05)
    assert (processes.hyperfine(x, y).outcome != "same") == (ttest_ind(*runs, equal_var=False).pvalue <= 0.05)


def test_pooling_samples_takes_one_slow_process_for_many() -> None:
    x = np.repeat(values(7, 6, 1), 20, axis=1) + values(8, 6, 20, spread=1e-5)
    y = np.repeat(values(9, 6, 1), 20, axis=1) + values(10, 6, 20, spread=1e-5)
    assert processes.pooled_ranks(x, y).outcome != "same"
    assert processes.median_ranks(x, y).outcome == "same"


def test_tango_wants_half_a_percent() -> None:
    x = values(11, 200, spread=1e-4)
    assert one_pair.tango(x, x + 0.004 + values(12, 200, spread=1e-4) - 1).outcome == "same"
    assert one_pair.tango(x, x + 0.006 + values(12, 200, spread=1e-4) - 1).outcome == "slower"


def test_tachometer_stops_as_soon_as_it_knows() -> None:
    x, y = values(13, 200), values(14, 200, change=0.05)
    y[50:] = math.nan
    call = one_pair.tachometer(x, y)
    assert call.outcome == "slower"
    assert call.low is not None
    assert call.high is not None
    assert call.low < y[:50].mean() / x[:50].mean() < call.high


def test_tachometer_goes_on_while_it_does_not_know() -> None:
    x = np.tile([0.9, 1.1], 100)
    y = x.copy()
    y[60:] += 0.5
    assert one_pair.tachometer(x, x).outcome == "same"
    assert one_pair.tachometer(x, y).outcome == "slower"


ALTERNATING = np.tile([1.0, 1.01], 20)[:31]


@pytest.mark.parametrize(
    ("rule", "earlier", "now", "outcome"),
    [
        (history.github_action_benchmark, [1.0, 10.0], 20.0, "same"),
        (history.github_action_benchmark, [1.0, 10.0], 20.1, "slower"),
        (history.torchbench(0.07), [1.0], 1.06, "same"),
        (history.torchbench(0.07), [1.0], 1.08, "slower"),
        (history.torchbench(0.07), [1.0], 0.92, "faster"),
        (history.rustc_perf, [1.0] * 5, 1.001, "same"),
        (history.rustc_perf, [1.0] * 5, 1.003, "slower"),
        (history.rustc_perf, ALTERNATING, 1.005, "same"),
        (history.rustc_perf, ALTERNATING, 1.02, "slower"),
        (history.rustc_perf, ALTERNATING, 0.98, "faster"),
        (history.conbench(5), np.tile([1.0, 1.1], 50), 1.2, "same"),
        (history.conbench(5), np.tile([1.0, 1.1], 50), 1.4, "slower"),
        (history.conbench(5), np.tile([1.0, 1.1], 50), 0.7, "faster"),
        (history.bencher_percentage, [1.0, 1.0], 1.09, "same"),
        (history.bencher_percentage, [1.0, 1.0], 1.11, "slower"),
        (history.bencher_percentage, [100.0] + [1.0] * 64, 1.11, "slower"),
    ],
)
def test_histories(rule: Rule, earlier: list[float], now: float, outcome: str) -> None:
    assert rule(np.array(earlier), np.array([now])).outcome == outcome


@pytest.mark.parametrize(("offset", "outcome"), [(-1e-9, "same"), (1e-9, "slower")])
def test_bencher_is_students_prediction_limit(offset: float, outcome: str) -> None:
    earlier = values(15, 64)
    limit = earlier.mean() + t.ppf(0.99, 63) * earlier.std(ddof=1) * math.sqrt(1 + 1 / 64)
    assert history.bencher_t_test(earlier, np.array([limit + offset])).outcome == outcome


def test_perfherders_t_is_worked_by_hand() -> None:
    # Means 5/3 and 10/3 with weights 1 and 1/2; spreads about them 5/9 each, so t = (5/3) / sqrt(5/18 + 5/18).
    assert history.weighted_t(np.array([1.0, 2.0, 3.0, 4.0]), 2) == pytest.approx(math.sqrt(5))
    assert history.weighted_t(np.ones(4), 2) == 0.0
    assert history.weighted_t(np.array([1.0, 1.0, 2.0, 2.0]), 2) == math.inf


@pytest.mark.parametrize(("change", "outcome"), [(0.01, "same"), (0.1, "slower"), (-0.1, "faster")])
def test_perfherder_wants_two_percent(change: float, outcome: str) -> None:
    x, y = values(16, 24, spread=0.001), values(17, 12, change=change, spread=0.001)
    assert history.perfherder(x, y).outcome == outcome
    assert history.perfherder(x, y[:11]) == Call("same")


def test_perfherder_wants_the_highest_t() -> None:
    series = np.concatenate([values(18, 24, spread=0.001), values(19, 14, change=0.1, spread=0.001)])
    assert history.perfherder(series[:24], series[24:]).outcome == "slower"
    assert history.perfherder(series[:26], series[26:]).outcome == "same"
