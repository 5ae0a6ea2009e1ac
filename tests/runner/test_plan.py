import dataclasses
import math
import random

import pytest

from benchsuite.records import Job, Measurement, Record
from benchsuite.runner.costs import WALL
from benchsuite.runner.plan import Plan, spread_on
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


def test_a_round_that_is_gone_on_with_keeps_its_order() -> None:
    whole = after(1, planned(5)).round(1)
    interrupted = after(1, planned(5))
    for job in whole[:5]:
        interrupted.learn(outcome(job, 1))
    assert interrupted.round(1) == whole[5:]
    first = planned(5)
    begun = first.round(0)
    first.learn(outcome(begun[0], 0))
    assert first.round(0) == begun[1:]


def test_rounds_beyond_the_least_keep_their_order_too() -> None:
    interrupted = after(4, planned())
    whole = interrupted.round(4)
    for job in whole[:2]:
        interrupted.learn(outcome(job, 4))
    assert interrupted.round(4) == whole[2:]


def test_a_job_costs_what_it_did_and_an_unknown_one_what_others_do() -> None:
    plan = planned()
    assert plan.cost(JOBS[0]) == 0.0
    plan.learn(outcome(JOBS[0], 0, counters={WALL: 30.0}))
    plan.learn(outcome(JOBS[0], 1, counters={WALL: 10.0}))
    plan.learn(outcome(JOBS[1], 0, counters={WALL: 20.0}))
    assert [plan.cost(job) for job in JOBS[:3]] == [10.0, 20.0, 15.0]


def test_what_a_failed_job_took_says_nothing_of_others() -> None:
    plan = planned()
    plan.learn(outcome(JOBS[0], 0, counters={WALL: 10.0}))
    plan.learn(outcome(JOBS[1], 0, counters={WALL: 600.0}, status="failed"))
    assert plan.cost(JOBS[2]) == 10.0


def test_an_empty_plan_has_no_rounds() -> None:
    plan = Plan([], RelativeWidth(0.02, 1, 1), 0)
    assert plan.round(0) == []
    assert plan.affordable([], 1, 10.0) == []


def costing(costs: dict[Job, float], rounds: int = 1, opening: float = 0.0) -> Plan:
    """A plan whose jobs have been through `rounds` and cost that much."""
    plan = Plan(list(costs), RelativeWidth(0.02, 4, 8), 0, KINDS, opening=opening)
    for number in range(rounds):
        for job, seconds in costs.items():
            plan.learn(outcome(job, number, counters={WALL: seconds}))
    return plan


COPY, LARGE_COPY = fakes.job("copy", batch=1), fakes.job("copy", batch=3)
MODEL, LARGE_MODEL = fakes.job("gpt2", batch=1), fakes.job("gpt2", batch=3)
KERNEL = fakes.job("attention", batch=1)
COSTS = {LARGE_MODEL: 30.0, KERNEL: 1.0, MODEL: 4.0, LARGE_COPY: 6.0, COPY: 2.0}


@pytest.mark.parametrize(
    ("seconds", "chosen"),
    [
        (129.0, [LARGE_MODEL, KERNEL, MODEL, LARGE_COPY, COPY]),
        (128.0, [KERNEL, MODEL, LARGE_COPY, COPY]),
        (39.0, [KERNEL, MODEL, LARGE_COPY, COPY]),
        (38.0, [KERNEL, LARGE_COPY, COPY]),
        (23.0, [KERNEL, MODEL, COPY]),
        (21.0, [KERNEL, MODEL, COPY]),
        (20.0, [KERNEL, COPY]),
        (9.0, [KERNEL, COPY]),
        (8.0, [COPY]),
        (3.0, [KERNEL]),
        (2.0, [KERNEL, COPY]),
        (0.5, []),
    ],
)
def test_with_little_time_those_go_on_that_can_have_an_interval(seconds: float, chosen: list[Job]) -> None:
    """Three rounds each: ceilings, then the cheapest of each workload, then the cheapest; else whatever one fits."""
    assert costing(COSTS).affordable(list(COSTS), 1, seconds) == chosen


def test_large_jobs_are_not_left_out_for_many_small_ones_of_one_workload() -> None:
    small = [fakes.job("attention", batch=1, width=width) for width in range(4)]
    plan = costing({**dict(zip(small, (1.0, 2.0, 3.0, 3.5), strict=True)), MODEL: 4.0})
    assert plan.affordable([*small, MODEL], 1, 21.0) == [small[0], small[1], MODEL]


def test_interpreters_take_their_part_of_the_time() -> None:
    plan = costing({COPY: 2.0}, opening=5.0)
    assert plan.affordable([COPY], 1, 21.0) == [COPY]
    assert plan.affordable([COPY], 1, 6.5) == []


def test_what_is_begun_is_ended_before_more_is_begun() -> None:
    plan = costing({KERNEL: 1.0, MODEL: 4.0})
    plan.learn(outcome(MODEL, 1, counters={WALL: 4.0}))
    assert plan.affordable([KERNEL, MODEL], 2, 10.0) == [MODEL]


def test_the_first_round_is_for_all_and_without_a_limit_every_round_is() -> None:
    plan = costing(COSTS)
    assert plan.affordable(list(COSTS), 0, 1.0) == list(COSTS)
    assert plan.affordable(list(COSTS), 1, math.inf) == list(COSTS)


def test_rounds_beyond_the_least_go_to_the_widest_that_fit() -> None:
    plan = costing({COPY: 2.0, LARGE_COPY: 6.0, fakes.job("train", batch=2): 3.0}, rounds=4)
    wanted = plan.round(4)
    assert [job.case["batch"] for job in wanted] == [3, 2]
    assert [job.case["batch"] for job in plan.affordable(wanted, 4, 8.0)] == [3]
    assert [job.case["batch"] for job in plan.affordable(wanted, 4, 5.0)] == [2]


def test_how_much_rounds_differ_is_learnt_from_all_jobs() -> None:
    jobs = [fakes.job("copy", batch=batch) for batch in range(1, 200)]
    plan = Plan(jobs, RelativeWidth(0.02, 4, 8), 0, spread=0.5)
    draw = random.Random(0)
    assert plan.usual_spread() == 0.5
    for number in range(3):
        for job in jobs:
            plan.learn(dataclasses.replace(fakes.ok(job, None, {}), round=number, measurements=(noisy(draw),)))
        if number:
            assert plan.usual_spread() == pytest.approx(0.03, rel=0.2)


def noisy(draw: random.Random) -> Measurement:
    return Measurement.of("time/latency", (math.exp(draw.gauss(0, 0.03)),))


@pytest.mark.parametrize(("virtualization", "spread"), [("none", 0.015), (None, 0.015), ("kvm", 0.04)])
def test_before_that_it_is_what_is_known_of_such_machines(virtualization: str | None, spread: float) -> None:
    laptop = fakes.laptop()
    there = dataclasses.replace(laptop, cpu=dataclasses.replace(laptop.cpu, virtualization=virtualization))
    assert spread_on(there) == spread
