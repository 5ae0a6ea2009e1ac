"""The gate's rule: each step on values with known answers, and the whole by seeded simulation."""

import math
import random
from collections import Counter
from collections.abc import Callable

import pytest

from benchsuite.analysis.gate import Decision, Policy, confirm, pairs_wanted, screen, screened, unfit
from benchsuite.analysis.paired import paired

POLICY = Policy()
Draw = Callable[[], float]


def around(change: float, spread: float, count: int) -> list[float]:
    """Log-ratios with exactly this middle, alternately above and below it."""
    return [math.log1p(change) + spread * (1 if i % 2 else -1) for i in range(count)]


def pairs(seed: int, change: float, spread: float, spikes: float = 0.0) -> Draw:
    """Gaussian log-ratios about a change; a share `spikes` of them is five times as wide."""
    draw = random.Random(seed)
    return lambda: draw.gauss(math.log1p(change), spread * (5 if draw.random() < spikes else 1))


def gate(draw: Draw, policy: Policy = POLICY) -> tuple[Decision, int]:
    """One job through both stages: the decision, and how many pairs it took."""
    values = [draw() for _ in range(4)]
    while (stage := screen(values, policy)) == "more":
        values.append(draw())
    if stage != "nominated":
        return screened(values, policy), len(values)
    fresh = [draw() for _ in range(pairs_wanted(values, policy, 1))]
    return confirm({"job": fresh}, policy)["job"], len(values) + len(fresh)


@pytest.mark.parametrize(
    ("change", "spread", "count", "stage"),
    [
        (0.0, 0.002, 3, "more"),
        (0.0, 0.002, 4, "cleared"),
        (0.04, 0.002, 4, "nominated"),
        (-0.04, 0.002, 4, "nominated"),
        (0.008, 0.002, 4, "cleared"),  # surely changed, but by less than is tolerated
        (0.012, 0.002, 4, "nominated"),
        (0.028, 0.03, 4, "more"),
        (0.028, 0.06, 8, "nominated"),
        (0.0, 0.06, 8, "nominated"),
        (0.028, 0.2, 8, "unclear"),  # not even the most pairs would see a change of 10 %
    ],
)
def test_screen(change: float, spread: float, count: int, stage: str) -> None:
    assert screen(around(change, spread, count), POLICY) == stage


def test_screen_treats_both_directions_alike() -> None:
    for seed in range(200):
        draw = pairs(seed, 0.02, 0.01)
        values = [draw() for _ in range(4 + seed % 5)]
        assert screen(values, POLICY) == screen([-x for x in values], POLICY)


@pytest.mark.parametrize("count", [4, 8])
def test_screen_of_values_that_are_no_numbers(count: int) -> None:
    assert screen([math.nan] * count, POLICY) == ("more" if count == 4 else "unclear")


def test_pairs_wanted_grow_with_the_spread_and_the_suite() -> None:
    assert pairs_wanted(around(0.03, 0.001, 4), POLICY, 1) == 12
    assert pairs_wanted(around(0.03, 0.1, 4), POLICY, 1) == 16
    middling = [pairs_wanted(around(0.03, 0.006, 4), POLICY, m) for m in (1, 5, 50)]
    assert middling == sorted(middling)
    assert 12 < middling[0] < middling[-1]
    assert pairs_wanted([0.1], POLICY, 1) == 16


@pytest.mark.parametrize(
    ("spread", "count", "outcome"),
    [
        (0.05, 8, "unclear"),
        (0.2, 8, "ungateable"),
        (0.2, 5, "unclear"),  # nothing is trimmed of five, so that one disturbed pair may be all there is to it
    ],
)
def test_what_the_most_pairs_could_not_see_is_ungateable(spread: float, count: int, outcome: str) -> None:
    values = around(0.0, spread, count)
    for decision in (screened(values, POLICY), confirm({"job": values}, POLICY)["job"]):
        assert decision.outcome == outcome
    if outcome == "ungateable":
        assert "16 pairs would miss a change of less than" in screened(values, POLICY).reason


def test_ungateable_is_the_smallest_change_of_sixteen_pairs() -> None:
    """Of a known spread, at the limit: what 16 pairs see four times in five, give or take what 8 tell of a spread."""
    draw, policy = pairs(12, 0.0, 0.06), Policy()
    of_sixteen = sorted(confirm({"j": [draw() for _ in range(16)]}, policy)["j"].smallest or 0 for _ in range(400))[200]
    outcomes = {
        above: Counter(
            screened([draw() for _ in range(8)], Policy(ungateable_above=above * of_sixteen)).outcome
            for _ in range(400)
        )
        for above in (0.5, 1.0, 2.0)
    }
    assert outcomes[0.5]["ungateable"] > 320
    assert 120 < outcomes[1.0]["ungateable"] < 280
    assert outcomes[2.0]["ungateable"] < 20


def test_a_large_change_of_a_noisy_job_is_still_seen() -> None:
    values = around(1.5, 0.2, 16)
    assert screen(values[:8], POLICY) == "nominated"
    assert confirm({"job": values}, POLICY)["job"].outcome == "slower"


def test_a_job_whose_control_is_noisy_is_not_gated() -> None:
    noisy, quiet = [0.2, -0.2] * 3, [0.01, -0.01] * 3
    for values, outcome in ((around(0.5, 0.001, 8), "slower"), (around(0.0, 0.001, 8), "same")):
        assert confirm({"job": values}, POLICY, {"job": quiet})["job"].outcome == outcome
        decision = confirm({"job": values}, POLICY, {"job": noisy})["job"]
        assert decision.outcome == screened(values, POLICY, noisy).outcome == "ungateable"
        assert decision.reason.startswith("in pairs of the same code, 16 pairs would miss")


def test_a_control_needs_six_pairs_and_shrugs_off_one_spike_of_them() -> None:
    values = around(0.5, 0.001, 8)
    for controls in ([0.5, -0.5] * 2, [0.5] * 6 + [math.nan], [0.01] * 5 + [0.9]):
        assert screened(values, POLICY, controls).outcome != "ungateable", controls


@pytest.mark.parametrize(
    ("change", "spread", "outcome"),
    [
        (0.03, 0.003, "slower"),
        (-0.03, 0.003, "faster"),
        (0.011, 0.003, "same"),  # above the tolerance, but not surely
        (0.0, 0.003, "same"),
        (0.03, 0.03, "unclear"),
    ],
)
def test_confirm(change: float, spread: float, outcome: str) -> None:
    values = around(change, spread, 8)
    found, decision = paired(values), confirm({"job": values}, POLICY)["job"]
    assert found is not None
    assert decision.outcome == outcome
    assert (decision.ratio, (decision.low, decision.high)) == (found.ratio, found.interval())
    assert decision.smallest == found.smallest(POLICY.family_level, POLICY.tolerance)
    assert decision.pairs == 8
    assert decision.reason


def test_slower_is_a_lower_bound_above_the_tolerance() -> None:
    for seed in range(100):
        draw = pairs(seed, 0.03, 0.012)
        values = [draw() for _ in range(8)]
        found = paired(values)
        assert found is not None
        slower = confirm({"job": values}, POLICY)["job"].outcome == "slower"
        assert slower == (found.lower(POLICY.family_level) > 1 + POLICY.tolerance)


def test_holm_shares_the_level_out() -> None:
    def bare(values: list[float], level: float) -> bool:
        found = paired(values)
        return found is not None and found.lower(level) > 1 + POLICY.tolerance

    series = ([pair() for _ in range(8)] for pair in (pairs(seed, 0.025, 0.01) for seed in range(500)))
    barely = next(values for values in series if bare(values, 0.009) and not bare(values, 0.006))
    quiet, sure = around(0.0, 0.002, 8), around(0.1, 0.002, 8)
    assert confirm({"a": barely}, POLICY)["a"].outcome == "slower"
    assert confirm({"a": barely, "b": quiet}, POLICY)["a"].outcome != "slower"
    assert confirm({"a": barely, "b": sure}, POLICY)["a"].outcome == "slower"


def test_a_change_below_the_absolute_floor_does_not_matter() -> None:
    values, policy = around(0.05, 0.003, 8), Policy(absolute_floor=1e-6)
    assert confirm({"job": values}, policy, seconds={"job": 1e-3})["job"].outcome == "slower"
    assert confirm({"job": values}, policy)["job"].outcome == "slower"
    decision = confirm({"job": values}, policy, seconds={"job": 1e-5})["job"]
    assert decision.outcome == "same"
    assert "below the floor" in decision.reason


@pytest.mark.parametrize("values", [[], [0.1] * 3, [math.nan] * 8])
def test_too_few_pairs_are_unclear(values: list[float]) -> None:
    decision = confirm({"job": values}, POLICY)["job"]
    assert (decision.outcome, decision.ratio, decision.low, decision.smallest) == ("unclear", None, None, None)


def test_pairs_without_any_spread_decide() -> None:
    assert confirm({"job": [0.05] * 8}, POLICY)["job"].outcome == "slower"
    assert confirm({"job": [0.0] * 8}, POLICY)["job"].outcome == "same"


def test_nominated_but_never_confirmed_is_unclear() -> None:
    assert screened(around(0.05, 0.001, 4), POLICY).outcome == "unclear"


@pytest.mark.parametrize("spikes", [0.0, 0.1])
@pytest.mark.parametrize("spread", [0.01, 0.03])
def test_false_alarms_are_rarer_than_the_level(spread: float, spikes: float) -> None:
    draw = pairs(1, 0.0, spread, spikes)
    found = Counter(gate(draw)[0].outcome for _ in range(1500))
    assert found["slower"] <= 1
    assert found["faster"] <= 1


def test_at_the_edge_of_the_tolerance_stage_two_keeps_its_level() -> None:
    draw = pairs(2, POLICY.tolerance, 0.02)
    alarms = sum(confirm({"job": [draw() for _ in range(8)]}, POLICY)["job"].outcome == "slower" for _ in range(3000))
    assert alarms <= 45  # 30 are allowed on average; 45 or more would come once in 200


def test_the_family_keeps_its_level() -> None:
    draw = pairs(3, POLICY.tolerance, 0.02)
    suites = [confirm({str(job): [draw() for _ in range(8)] for job in range(10)}, POLICY) for _ in range(400)]
    assert sum(any(d.outcome == "slower" for d in suite.values()) for suite in suites) <= 10  # 4 on average


@pytest.mark.parametrize(("change", "spread", "least"), [(0.03, 0.006, 0.97), (0.03, 0.01, 0.88), (0.05, 0.02, 0.93)])
def test_power(change: float, spread: float, least: float) -> None:
    draw = pairs(4, change, spread)
    found = Counter(gate(draw)[0].outcome for _ in range(400))
    assert found["slower"] >= least * 400
    assert found["faster"] == 0


def test_quiet_jobs_are_cleared_at_once() -> None:
    draw = pairs(5, 0.0, 0.006)
    assert sum(gate(draw)[1] for _ in range(300)) <= 4.1 * 300


@pytest.mark.parametrize("change", [0.0, 0.03])
def test_the_interval_covers(change: float) -> None:
    draw = pairs(6, change, 0.01)
    decisions = [confirm({"job": [draw() for _ in range(8)]}, POLICY)["job"] for _ in range(1500)]
    covered = sum(d.low is not None and d.high is not None and d.low <= 1 + change <= d.high for d in decisions)
    assert 0.93 <= covered / 1500 <= 0.97


def test_the_smallest_change_is_seen_four_times_in_five() -> None:
    draw = pairs(7, 0.0, 0.01)
    smallest = [confirm({"job": [draw() for _ in range(8)]}, POLICY)["job"].smallest for _ in range(400)]
    typical = sorted(s for s in smallest if s is not None)[200]
    changed = pairs(8, typical, 0.01)
    seen = sum(confirm({"job": [changed() for _ in range(8)]}, POLICY)["job"].outcome == "slower" for _ in range(800))
    assert 0.7 <= seen / 800 <= 0.9


def controls(seed: int, jobs: int, count: int, shift: float = 0.0) -> dict[str, list[float]]:
    """Control values of jobs whose spreads differ tenfold."""
    draw = random.Random(seed)
    spread = {str(job): 0.005 * 10 ** draw.random() for job in range(jobs)}
    return {job: [draw.gauss(math.log1p(shift), s) for _ in range(count)] for job, s in spread.items()}


@pytest.mark.parametrize("count", [1, 2, 4])
def test_fit_sessions_are_not_refused(count: int) -> None:
    refused = sum(unfit(controls(seed, 20, count), POLICY) is not None for seed in range(500))
    assert refused <= 5


@pytest.mark.parametrize("shift", [0.04, -0.04])
def test_a_shift_of_all_controls_makes_a_session_unfit(shift: float) -> None:
    reasons = [unfit(controls(seed, 20, 1, shift), POLICY) for seed in range(100)]
    assert sum(r is not None for r in reasons) >= 70
    assert all("control pairs" in r for r in reasons if r is not None)


def test_one_job_that_differs_from_itself_makes_a_session_unfit() -> None:
    odd = {**controls(1, 5, 4), "odd": around(0.1, 0.001, 4)}
    assert (unfit(odd, POLICY) or "").startswith("odd came out slower than itself")
    assert unfit({}, POLICY) is None


@pytest.mark.parametrize("spread", [0.004, 0.01, 0.02])
def test_a_cleared_job_says_within_a_quarter_what_the_whole_gate_would_have_seen(spread: float) -> None:
    """What is seen four times in five lies between four fifths and five fourths of what was said."""
    draw = pairs(10, 0.0, spread)
    smallest = sorted(d.smallest for d in (gate(draw)[0] for _ in range(400)) if d.smallest is not None)[200]

    def seen(change: float) -> float:
        changed = pairs(11, change, spread)
        return sum(gate(changed)[0].outcome == "slower" for _ in range(400)) / 400

    assert seen(0.8 * smallest) < 0.7
    assert 0.7 < seen(smallest) < 0.95
    assert seen(1.25 * smallest) > 0.85
