"""Trends: what the newest runs of made-up histories are, and how often noise alone alarms."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from benchsuite.analysis.history import Gathering, History, Kind, Moment, Value, columns
from benchsuite.analysis.trend import Trend, trends

JOB = "a@torch-eager-cpu/fp32/t2"
LEAST = 0.03


def gathered(*series: Sequence[float], better: str = "lower", rounds: Sequence[int] = ()) -> list[History]:
    """Each series a job, in relative changes from 1 s; NaN where a run did not have it."""
    gathering = Gathering()
    for day in range(max(map(len, series))):
        found = []
        for number, values in enumerate(series):
            if day < len(values) and not math.isnan(values[day]):
                kind = Kind(f"{number:04d}{JOB}", "time/latency", 1, "d", "s", better)
                found.append(Value(kind, math.log1p(max(values[day], -0.9)), 0.05, rounds[day] if rounds else 4))
        gathering.add(Moment(f"{day}", float(day), "m", f"c{day}"), columns(found))
    return gathering.histories()


def only(*values: Sequence[float], better: str = "lower", rounds: Sequence[int] = ()) -> Trend:
    (trend,) = trends(gathered([x for part in values for x in part], better=better, rounds=rounds), LEAST)
    return trend


def steady(count: int, level: float = 0.0, seed: int = 0, spread: float = 0.01) -> list[float]:
    return list(level + np.random.default_rng(seed).normal(0, spread, count))


def test_a_steady_history_is_the_same() -> None:
    trend = only(steady(40))
    assert (trend.state, trend.steps, trend.starts, trend.alarming) == ("same", (), (0,), False)
    assert trend.level == pytest.approx(1.0, abs=0.01)
    assert trend.reach == pytest.approx(0.03, abs=0.015)


def test_two_of_the_last_three_alarm_and_one_alone_does_not() -> None:
    assert only(steady(40), [0.2, 0.2]).state == "slower"
    assert only(steady(40), [0.2, 0.0, 0.2]).state == "slower"
    alone = only(steady(40), [0.2])
    assert (alone.state, alone.alarming) == ("unclear", False)
    assert "the next one decides" in alone.reason
    assert alone.newest == pytest.approx(1.2, abs=0.01)


def test_what_went_away_does_not_alarm() -> None:
    assert only(steady(40), [0.2, 0.2, 0.0]).state == "same"


def test_two_on_different_sides_do_not_alarm() -> None:
    assert only(steady(40), [-0.2, 0.0, 0.2]).state == "unclear"


def test_the_better_side_is_that_of_the_metric() -> None:
    assert only(steady(40), [-0.2] * 2).state == "faster"
    assert not only(steady(40), [-0.2] * 2).alarming
    assert only(steady(40), [-0.2] * 2, better="higher").state == "slower"
    assert only(steady(40), [0.2] * 2, better="higher").state == "faster"


def test_what_is_sure_but_too_small_to_count_is_the_same() -> None:
    assert only(steady(40, spread=0.001), [0.02] * 3).state == "same"
    assert only(steady(40, spread=0.001), [0.04] * 3).state == "slower"
    assert only([0.0] * 40, [0.04] * 3).state == "slower"


def test_a_step_begins_a_new_segment() -> None:
    trend = only(steady(40), steady(20, 0.2, seed=1))
    (step,) = trend.steps
    assert (trend.state, step.state, step.at, trend.starts) == ("same", "slower", 40, (0, 40))
    assert step.ratio == pytest.approx(1.2, abs=0.01)
    assert (step.before.commit, step.after.commit) == ("c39", "c40")
    assert trend.levels == pytest.approx((1.0, 1.2), abs=0.01)
    assert trend.reach is not None
    assert trend.reach < 0.06


def test_after_an_improvement_the_old_level_is_slower() -> None:
    trend = only(steady(40), steady(20, -0.2, seed=1), [0.0, 0.0])
    assert trend.steps[-1].state == "faster"
    assert trend.state == "slower"


def test_an_alarm_lasts_until_the_step_is_placed() -> None:
    states = [only(steady(60), steady(after, 0.2, seed=1)) for after in range(2, 20)]
    placed = next(i for i, trend in enumerate(states) if trend.steps)
    assert all(trend.state == "slower" for trend in states[:placed])
    assert 3 <= placed <= 8
    assert {trend.state for trend in states[placed:]} <= {"same", "unclear"}


def test_outliers_do_not_blind() -> None:
    values = steady(40)
    values[5] = values[25] = 0.8
    assert only(values, [0.1, 0.1]).state == "slower"


def test_a_run_of_fewer_rounds_has_more_room() -> None:
    values = [*steady(40, spread=0.001), 0.05, 0.05]
    assert only(values, rounds=[16] * 42).state == "slower"
    assert only(values, rounds=[16] * 40 + [1, 1]).state == "same"


def test_too_few_runs_are_unclear() -> None:
    trend = only(steady(7))
    assert trend.state == "unclear"
    assert "7 runs in all, and 8 are needed" in trend.reason
    assert only(steady(8)).state == "same"
    assert only([0.0]).state == "unclear"


def test_a_job_that_was_not_in_the_last_ten_runs_has_ended() -> None:
    recent, _ = trends(gathered([*steady(20), 0.5, 0.5], steady(31)), LEAST)
    assert recent.state == "slower"
    gone, going = trends(gathered([*steady(20), 0.5, 0.5], steady(33)), LEAST)
    assert (gone.state, going.state) == ("ended", "same")
    assert not gone.alarming


def test_an_older_definition_has_ended() -> None:
    gathering = Gathering()
    for day in range(20):
        kind = Kind(JOB, "time/latency", 1, "old" if day < 10 else "new", "s", "lower")
        gathering.add(Moment(f"{day}", float(day), "m"), columns([Value(kind, 0.0, 0.01, 4)]))
    states = {t.history.kind.definition: t.state for t in trends(gathering.histories(), LEAST)}
    assert states == {"old": "ended", "new": "same"}


def test_creep_is_caught_by_the_anchor_alone() -> None:
    creeping = [x + 0.045 * i / 60 for i, x in enumerate(steady(60, spread=0.003))]
    histories = gathered(creeping, steady(60, seed=2, spread=0.003))
    assert [t.state for t in trends(histories, LEAST)] == ["same", "same"]
    crept, kept = trends(histories, LEAST, anchors=[0, 1])
    assert not crept.steps
    assert crept.anchor is not None
    assert kept.anchor is not None
    assert (crept.anchor.state, crept.alarming) == ("slower", True)
    assert crept.anchor.low < crept.anchor.ratio < crept.anchor.high
    assert crept.anchor.ratio == pytest.approx(1.042, abs=0.01)
    assert (kept.anchor.state, kept.alarming) == ("same", False)


def test_an_anchor_amid_noise_is_unclear_and_one_of_others_is_none() -> None:
    (noisy,) = trends(gathered(steady(40, spread=0.05)), LEAST, anchors=[0])
    assert noisy.anchor is not None
    assert noisy.anchor.state == "unclear"
    (other,) = trends(gathered(steady(40)), LEAST, anchors=[99])
    assert other.anchor is None


@pytest.mark.parametrize("shape", ["normal", "heavy"])
def test_a_suite_without_a_change_alarms_once_in_a_hundred(shape: str) -> None:
    draw = np.random.default_rng(7)
    suites, jobs, runs = 120, 20, 33
    alarms = 0
    for _ in range(suites):
        noise = draw.normal(size=(jobs, runs)) if shape == "normal" else draw.standard_t(3, size=(jobs, runs))
        alarms += any(t.alarming for t in trends(gathered(*(0.02 * noise)), LEAST))
    # 1.2 to 2 are expected of normal noise: 8 or more have a chance of 1 in 1000. Heavy tails only widen the band.
    assert alarms <= 7


def test_a_change_of_five_spreads_is_seen_at_once() -> None:
    draw = np.random.default_rng(8)
    noise = 0.01 * draw.normal(size=(100, 42))
    noise[:, -2:] += 0.06
    found = trends(gathered(*noise), LEAST)
    assert sum(t.state == "slower" for t in found) >= 85
    assert not any(t.state == "faster" for t in found)
