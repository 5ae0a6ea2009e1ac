"""Verdicts on whole suites: every outcome, what is never compared, and how often noise alone is reported."""

import dataclasses
import itertools
import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.analysis.compare import Comparison, Rule, compare
from benchsuite.records import Reading, Series, Verdict
from tests import fakes
from tests.compared import JOB, medians, reading, series, without


def one(base: Series | None, candidate: Series | None, **options: Any) -> Verdict:
    """The verdict on one job, measured in one run a side."""
    (verdict,) = both(base, candidate, **options).verdicts
    return verdict


def both(base: Series | None, candidate: Series | None, **options: Any) -> Comparison:
    sides = [[reading(*filter(None, [side]))] for side in (base, candidate)]
    return compare(sides[0], sides[1], **options)


def sessions(level: float, count: int = 4, spread: float = 0.003, seed: int = 0, **fields: Any) -> list[Reading]:
    """Several runs of one job that agree."""
    return [
        reading(series(values=medians(5, level, spread, 100 * seed + i), **fields), name=f"{seed}-{i}.jsonl")
        for i in range(count)
    ]


def test_a_large_change_is_seen_in_one_run_a_side() -> None:
    found = one(series(), series(values=medians(5, 1.3e-3, seed=1)))
    assert found.outcome == "slower"
    assert found.ratio == pytest.approx(1.3, rel=0.01)
    assert found.low is not None
    assert found.high is not None
    assert 1.2 < found.low < found.ratio < found.high < 1.4
    assert found.base == pytest.approx(1e-3, rel=0.01)
    assert found.candidate == pytest.approx(1.3e-3, rel=0.01)
    assert (found.unit, found.base_rounds, found.candidate_rounds) == ("s", 5, 5)
    assert one(series(), series(values=medians(5, 0.7e-3, seed=1))).outcome == "faster"


def test_more_can_be_better() -> None:
    up = one(series(better="higher"), series(values=medians(5, 1.3e-3, seed=1), better="higher"))
    assert up.outcome == "faster"
    assert up.ratio == pytest.approx(1.3, rel=0.01)
    assert one(series(values=medians(5, 1.3e-3), better="higher"), series(better="higher")).outcome == "slower"


def test_one_run_a_side_does_not_say_same() -> None:
    found = one(series(), series(values=medians(5, seed=1)))
    assert found.outcome == "unclear"
    assert found.smallest is not None
    assert 0.06 < found.smallest < 0.10


def test_several_runs_that_agree_do() -> None:
    (found,) = compare(sessions(1e-3), sessions(1.005e-3, seed=1)).verdicts
    assert found.outcome == "same"
    assert found.smallest is not None
    assert 0.03 <= found.smallest < 0.04
    (found,) = compare(sessions(1e-3), sessions(1.06e-3, seed=1)).verdicts
    assert found.outcome == "slower"


@pytest.mark.parametrize(("virtualization", "outcome"), [("kvm", "unclear"), ("none", "slower"), (None, "slower")])
def test_a_virtual_machine_sees_less(virtualization: str | None, outcome: str) -> None:
    cpu = dataclasses.replace(fakes.laptop().cpu, virtualization=virtualization)
    there = dataclasses.replace(fakes.laptop(), cpu=cpu)
    base, candidate = series(), series(values=medians(5, 1.08e-3, seed=1))
    (found,) = compare([reading(base, environment=there)], [reading(candidate, environment=there)]).verdicts
    assert found.outcome == outcome


def test_another_host_sees_less_still() -> None:
    moved = dataclasses.replace(fakes.laptop(), host="elsewhere")
    base, candidate = series(), series(values=medians(5, 1.1e-3, seed=1))
    (found,) = compare([reading(base)], [reading(candidate, environment=moved)]).verdicts
    near = one(base, candidate)
    assert (near.outcome, found.outcome) == ("slower", "unclear")
    assert near.smallest is not None
    assert found.smallest is not None
    assert found.smallest > 2.5 * near.smallest


def test_device_time_sees_more() -> None:
    known = {"job": JOB.replace("cpu", "cuda"), "metric": "time/device"}
    device = one(series(**known), series(values=medians(5, seed=1), **known))
    host = one(series(), series(values=medians(5, seed=1)))
    assert device.smallest is not None
    assert host.smallest is not None
    assert device.smallest < 0.8 * host.smallest


def test_a_change_must_be_large_enough_and_surely_beyond_what_is_tolerated() -> None:
    base, candidate = sessions(1e-3), sessions(1.06e-3, seed=1)

    def outcome(**fields: float) -> str:
        return compare(base, candidate, Rule(**fields)).verdicts[0].outcome

    assert outcome() == "slower"
    assert outcome(minimum=0.08) == "same"
    assert outcome(minimum=0.07, tolerance=0.06) == "unclear"
    assert outcome(tolerance=0.055, minimum=0.055) == "unclear"


@pytest.mark.parametrize(("rounds", "other"), [(1, 5), (3, 5), (5, 3), (1, 1)])
def test_too_few_rounds_give_no_verdict_but_a_remedy(rounds: int, other: int) -> None:
    found = one(series(values=medians(rounds)), series(values=medians(other, 2e-3)))
    assert (found.outcome, found.low, found.smallest) == ("unclear", None, None)
    assert found.ratio == pytest.approx(2, rel=0.02)
    assert f"{rounds} and {other} rounds" in found.reason
    assert "benchsuite run --rounds 4" in found.reason


OK, GONE = series(), None
FAILED, WRONG, SKIPPED = without("failed", "out of memory"), without("wrong", "error 0.3"), without("skipped", "no GPU")
UNUSABLE = series(values=(), measured=12, unusable=12)
UNASKED = series(values=(), measured=0, unit="", protocol=0)


@pytest.mark.parametrize(
    ("base", "candidate", "outcome", "reason"),
    [
        (OK, GONE, "removed", "not in the candidate"),
        (OK, SKIPPED, "removed", "skipped: no GPU"),
        (OK, UNASKED, "removed", "skipped: time/latency was not measured"),
        (OK, FAILED, "failed", "out of memory"),
        (OK, WRONG, "wrong", "error 0.3"),
        (OK, UNUSABLE, "failed", "none of 12 samples is a usable number"),
        (GONE, OK, "added", "not in the base"),
        (SKIPPED, OK, "added", "skipped in the base: no GPU"),
        (FAILED, OK, "added", "failed in the base: out of memory"),
        (WRONG, OK, "added", "wrong in the base: error 0.3"),
        (GONE, FAILED, "added", "not in the base, failed in the candidate (out of memory)"),
        (FAILED, WRONG, "incomparable", "failed in the base (out of memory), wrong in the candidate (error 0.3)"),
        (FAILED, GONE, "incomparable", "failed in the base (out of memory), not in the candidate"),
        (WRONG, SKIPPED, "incomparable", "wrong in the base (error 0.3), skipped in the candidate (no GPU)"),
    ],
)
def test_a_job_without_two_results_is_told(
    base: Series | None, candidate: Series | None, outcome: str, reason: str
) -> None:
    found = one(base, candidate)
    assert (found.outcome, found.reason, found.ratio) == (outcome, reason, None)
    assert (found.base is None) == (base is not OK)
    assert (found.candidate is None) == (candidate is not OK)


@pytest.mark.parametrize("pair", list(itertools.product([SKIPPED, UNASKED], [GONE, SKIPPED, UNASKED])))
def test_what_neither_side_was_to_measure_is_counted(pair: tuple[Series, Series | None]) -> None:
    for found in (both(*pair), both(*reversed(pair))):
        assert (found.verdicts, found.neither) == ((), 1)


def test_a_job_that_was_ever_wrong_shows_no_time() -> None:
    (found,) = compare([reading(OK)], [reading(OK), reading(WRONG)]).verdicts
    assert (found.outcome, found.candidate, found.candidate_rounds) == ("wrong", None, 0)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"definition": "fedcba987654"}, "defined otherwise: definition 0123456789ab in the base, fedcba987654"),
        ({"protocol": 2}, "timing boundary moved: protocol 1 in the base, 2 in the candidate"),
        ({"unit": "min"}, "another unit"),
        ({"iterations": 20}, "of 1 to 20 iterations"),
    ],
)
@pytest.mark.parametrize("forced", [False, True])
def test_another_job_of_the_same_name_is_incomparable(fields: dict[str, Any], reason: str, forced: bool) -> None:
    found = one(series(), series(**fields), forced=forced)
    assert (found.outcome, found.ratio) == ("incomparable", None)
    assert reason in found.reason


def test_inner_loops_may_differ_while_samples_are_alike() -> None:
    slow = series(values=medians(5, 10e-3, seed=1), iterations=1)
    assert one(series(iterations=8), slow).outcome == "slower"
    assert one(series(iterations=100), series(iterations=110)).outcome == "unclear"


def test_a_job_whose_definition_changed_within_a_side_is_incomparable() -> None:
    (found,) = compare([reading(series()), reading(series(definition="other"))], [reading(series())]).verdicts
    assert found.outcome == "incomparable"


def other_machine(**fields: Any) -> Reading:
    cpu = dataclasses.replace(fakes.laptop().cpu, model="Other CPU")
    return reading(series(values=medians(5, 2e-3)), environment=dataclasses.replace(fakes.laptop(), cpu=cpu), **fields)


def test_another_machine_is_refused_unless_forced() -> None:
    refused = compare([reading(series())], [other_machine()])
    assert refused.judgement.level == "not comparable"
    assert (refused.verdicts[0].outcome, refused.verdicts[0].ratio) == ("incomparable", None)
    assert "cpu.model: Example CPU 2000 in the base, Other CPU" in refused.verdicts[0].reason
    assert not refused.informational
    forced = compare([reading(series())], [other_machine()], forced=True)
    assert forced.informational
    assert (forced.verdicts[0].outcome, forced.judgement.level) == ("slower", "not comparable")


def test_what_touches_some_jobs_refuses_those() -> None:
    onnx = JOB.replace("torch-eager", "onnxruntime")
    newer = dataclasses.replace(fakes.laptop(), packages={"torch": "2.11.0", "onnxruntime": "1.23"})
    found = compare([reading(series(), series(onnx))], [reading(series(), series(onnx), environment=newer)])
    assert {v.job: v.outcome for v in found.verdicts} == {JOB: "unclear", onnx: "incomparable"}
    assert found.judgement.level == "comparable with these differences"


def test_what_was_lost_is_told_beside_the_verdict() -> None:
    shaky = series(values=medians(5, 1.3e-3), rounds=6, lost=1, reason="killed", unusable=2)
    found = one(series(), shaky)
    assert found.outcome == "slower"
    assert found.reason == "1 of 6 rounds lost in the candidate: killed; 2 of 50 samples unusable in the candidate"


def test_zero_has_no_ratio() -> None:
    zero = series(values=(0.0,) * 5, metric="memory/device_peak", unit="B")
    found = one(zero, zero)
    assert (found.outcome, found.ratio, found.base) == ("unclear", None, 0.0)
    assert "zero" in found.reason


def suite(draw: random.Random, jobs: int, changed: int = 0, by: float = 1.0) -> list[Series]:
    """Jobs of one run, each with its own effect of the session; the first `changed` are `by` times as slow."""
    made = []
    for i in range(jobs):
        level = 1e-3 * math.exp(draw.gauss(0, 0.015)) * (by if i < changed else 1.0)
        made.append(series(f"job-{i}@torch-eager-cpu/fp32/t2", medians(5, level, 0.01, draw.randrange(2**30))))
    return made


def test_noise_alone_is_reported_less_often_than_promised() -> None:
    draw = random.Random(3)
    red = reported = 0
    for _ in range(150):
        found = compare([reading(*suite(draw, 20))], [reading(*suite(draw, 20))])
        outcomes = [v.outcome for v in found.verdicts]
        red += "slower" in outcomes or "faster" in outcomes
        reported += sum(o in ("slower", "faster") for o in outcomes)
    assert red / 150 <= 0.05
    assert reported / 3000 <= 0.005


def test_of_what_is_reported_few_are_false() -> None:
    draw = random.Random(4)
    true = false = 0
    for _ in range(60):
        found = compare([reading(*suite(draw, 20))], [reading(*suite(draw, 20, changed=5, by=1.15))])
        slower = [int(v.job.split("@")[0].removeprefix("job-")) for v in found.verdicts if v.outcome == "slower"]
        true += sum(i < 5 for i in slower)
        false += sum(i >= 5 for i in slower)
    assert true / 300 >= 0.9
    assert false / (true + false) <= 0.05


def test_more_jobs_ask_for_more_evidence() -> None:
    draw = random.Random(5)
    alone = one(series(), series(values=medians(5, 1.09e-3, seed=1)))
    rest = suite(draw, 60), suite(draw, 60)
    among = compare([reading(series(), *rest[0])], [reading(series(values=medians(5, 1.09e-3, seed=1)), *rest[1])])
    assert alone.outcome == "slower"
    assert among.verdicts[0].outcome == "unclear"
    assert among.verdicts[0].ratio == alone.ratio
    assert alone.smallest is not None
    assert among.verdicts[0].smallest is not None
    assert among.verdicts[0].smallest > 1.3 * alone.smallest


TIMES = st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=6)


@given(st.lists(TIMES, min_size=1, max_size=3), st.lists(TIMES, min_size=1, max_size=3))
def test_the_sides_are_treated_alike(base: list[list[float]], candidate: list[list[float]]) -> None:
    sides = [[reading(series(values=tuple(values))) for values in side] for side in (base, candidate)]
    (there,), (back,) = compare(sides[0], sides[1]).verdicts, compare(sides[1], sides[0]).verdicts
    mirror = {"slower": "faster", "faster": "slower"}
    assert back.outcome == mirror.get(there.outcome, there.outcome)
    if there.low is not None:
        assert there.ratio is not None
        assert there.high is not None
        assert there.low <= there.ratio <= there.high
        assert back.high == pytest.approx(1 / there.low)
