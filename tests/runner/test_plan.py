import dataclasses

import pytest

from benchsuite.records import Job, Record
from benchsuite.runner.plan import Plan
from benchsuite.runner.stopping import RelativeWidth
from tests import fakes

KINDS = {"copy": "ceiling", "attention": "kernel", "gpt2": "model", "train": "training"}
JOBS = [fakes.job(name, batch=batch) for batch in (1, 2, 3) for name in ("gpt2", "copy", "train", "attention")]
WIDTHS = {1: 0.0, 2: 0.05, 3: 0.2}


def planned(seed: int = 0, least: int = 4, most: int = 6) -> Plan:
    return Plan(JOBS, RelativeWidth(0.02, least, most), seed, KINDS)


def outcome(job: Job, round: int, **changes: object) -> Record:
    """A good record whose median wavers by as much as WIDTHS says of the job's batch."""
    off = 1 + WIDTHS[job.case["batch"]] * (1 if round % 2 else -1)
    return dataclasses.replace(fakes.ok(job, None, {"time/latency": off}), round=round, **changes)  # type: ignore[arg-type]


def after(rounds: int, plan: Plan) -> Plan:
    for number in range(rounds):
        for job in plan.jobs:
            plan.learn(outcome(job, number))
    return plan


def test_the_first_round_is_everything_early_kinds_first() -> None:
    jobs = planned().round(0)
    assert sorted(j.id for j in jobs) == sorted(j.id for j in JOBS)
    assert {j.case.workload for j in jobs[:6]} == {"copy", "attention"}


def test_later_rounds_up_to_the_least_are_shuffled_throughout() -> None:
    jobs = after(1, planned()).round(1)
    assert len(jobs) == len(JOBS)
    assert {j.case.workload for j in jobs[:6]} != {"copy", "attention"}


def test_the_order_comes_of_the_seed_and_the_round() -> None:
    first, same, other = (after(1, planned(seed)) for seed in (5, 5, 6))
    assert first.round(1) == same.round(1)
    assert first.round(1) != other.round(1)
    assert [j.id for j in first.round(1)] != [j.id for j in after(2, planned(5)).round(2)]


def test_after_the_least_the_widest_come_first_and_the_narrow_are_done() -> None:
    jobs = after(4, planned()).round(4)
    assert [j.case["batch"] for j in jobs] == [3] * 4 + [2] * 4


def test_no_round_after_the_most() -> None:
    assert after(6, planned()).round(6) == []


@pytest.mark.parametrize("status", ["failed", "wrong", "skipped"])
def test_a_job_that_did_not_come_out_is_not_tried_again(status: str) -> None:
    plan = after(1, planned())
    plan.learn(outcome(JOBS[0], 1, status=status))
    assert JOBS[0] not in plan.round(2)
    assert JOBS[1] in plan.round(2)


def test_a_record_without_times_ends_its_job() -> None:
    plan = planned()
    plan.learn(Record(JOBS[0], 0, "ok"))
    assert JOBS[0] not in plan.round(1)


def test_a_round_that_is_done_is_not_done_again() -> None:
    plan = planned()
    plan.learn(outcome(JOBS[0], 0))
    assert JOBS[0] not in plan.round(0)
    assert JOBS[0] in plan.round(1)


def test_records_of_jobs_outside_the_plan_do_no_harm() -> None:
    plan = planned()
    plan.learn(outcome(fakes.job("other", batch=1), 0))
    assert len(plan.round(0)) == len(JOBS)


def test_the_inner_loop_is_frozen_by_what_was_learnt() -> None:
    plan = planned()
    record = outcome(JOBS[0], 0)
    (latency,) = record.measurements
    plan.learn(dataclasses.replace(record, measurements=(dataclasses.replace(latency, iterations=7),)))
    assert plan.histories[JOBS[0].id].iterations == 7


def test_a_round_costs_what_the_last_one_did() -> None:
    plan = planned()
    assert plan.cost(JOBS[0]) is None
    plan.spent(JOBS[0], 30.0)
    plan.spent(JOBS[0], 10.0)
    assert plan.cost(JOBS[0]) == 10.0


def test_nothing_is_said_of_the_time_left_before_anything_is_known() -> None:
    assert planned().left(JOBS, 0) is None


def test_time_left_takes_unknown_jobs_for_typical_ones() -> None:
    plan = planned(least=3)
    plan.spent(JOBS[0], 10.0)
    plan.spent(JOBS[1], 20.0)
    others = len(JOBS) - 2
    assert plan.left(JOBS[2:], 0) == pytest.approx(15.0 * others + 2 * (30.0 + 15.0 * others))


def test_time_left_is_of_this_round_once_the_least_is_done() -> None:
    plan = planned(least=3)
    plan.spent(JOBS[0], 10.0)
    assert plan.left([JOBS[0]], 2) == plan.left([JOBS[0]], 5) == 10.0


def test_ended_jobs_take_no_time() -> None:
    plan = planned(least=2)
    for job in JOBS:
        plan.spent(job, 10.0)
        plan.learn(outcome(job, 0, status="failed" if job is JOBS[0] else "ok"))
    assert plan.left([], 0) == 10.0 * (len(JOBS) - 1)


def test_an_empty_plan_has_no_rounds() -> None:
    plan = Plan([], RelativeWidth(0.02, 1, 1), 0)
    assert plan.round(0) == []
    assert plan.left([], 0) is None
