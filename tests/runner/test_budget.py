"""What time allows: budgets that end a run, and the preset's own time that ends rounds beyond the least."""

from __future__ import annotations

import dataclasses

import pytest

from benchsuite.backends.fake import FakeClock
from benchsuite.records import Job, Request
from benchsuite.runner.allowance import Allowance
from benchsuite.runner.costs import WALL
from benchsuite.runner.plan import Plan
from benchsuite.runner.stopping import RelativeWidth
from benchsuite.runner.zygote import Outcome
from tests import fakes
from tests.runner.world import JOBS, TIMEOUT, World, good

LARGE = fakes.job("matmul", size=100)


class Uneven(World):
    """A world in which one job is large, and caches are filled by the first round."""

    large = 40.0

    def cost(self, request: Request) -> float:
        assert request.job is not None
        return self.large if request.job == LARGE else 10.0


@pytest.fixture
def uneven(monkeypatch: pytest.MonkeyPatch) -> Uneven:
    world = Uneven()
    monkeypatch.setattr("benchsuite.runner.execute.workers", world.zygote)
    return world


@pytest.mark.parametrize(("budget", "done"), [(0.0, 1), (9.0, 1), (19.0, 1), (20.0, 2), (1e3, 3), (None, 3)])
def test_no_job_starts_that_would_end_after_the_budget(world: World, budget: float | None, done: int) -> None:
    assert world.run(budget_seconds=budget) == ("budget" if done < 3 else "rounds")
    assert len(world.saved) == done
    assert world.told.count("closed") == 1


def test_only_the_first_job_of_all_may_outlast_the_budget(world: World) -> None:
    world.run(budget_seconds=9.0)
    assert world.timeouts == [TIMEOUT]
    assert world.now() == 10.0


def test_a_job_that_outlasts_the_budget_is_killed_and_leaves_no_record(world: World) -> None:
    world.cost = lambda request: 10.0 if not world.saved else 50.0  # type: ignore[method-assign]
    assert world.run(budget_seconds=25.0) == "budget"
    assert world.timeouts == [TIMEOUT, 15.0]
    assert world.now() == 25.0
    assert [record.status for record in world.saved] == ["ok"]


def test_a_job_that_outlasts_its_own_timeout_failed_as_ever(world: World) -> None:
    world.cost = lambda request: 10.0 if not world.saved else 70.0  # type: ignore[method-assign]
    world.run(JOBS[:2], budget_seconds=1e3)
    assert [record.status for record in world.saved] == ["ok", "failed"]
    assert world.saved[1].reason == "hung: killed after 60 s"


def test_a_job_that_does_not_fit_is_passed_over_for_those_that_do(uneven: Uneven) -> None:
    jobs = [LARGE, *JOBS]
    assert uneven.run(jobs, least=2, most=2, budget_seconds=100.0) == "budget"
    assert uneven.rounds() == {LARGE.case.id: [0], **{job.case.id: [0, 1] for job in JOBS}}
    assert uneven.now() == 100.0


def test_so_is_one_that_no_longer_fits_once_its_round_has_begun(uneven: Uneven) -> None:
    jobs = [LARGE, *JOBS]
    seed = next(s for s in range(99) if Plan(jobs, RelativeWidth(0.02, 2, 2), s).round(1)[:2] == [JOBS[0], LARGE])
    usual, uneven.large = uneven.cost, 25.0
    slow = (JOBS[0], 1)
    uneven.cost = lambda r: 50.0 if (r.job, r.round) == slow else usual(r)  # type: ignore[method-assign]
    assert uneven.go_on(Plan(jobs, RelativeWidth(0.02, 2, 2), seed), budget_seconds=55.0 + 50.0 + 20.0) == "budget"
    assert uneven.rounds() == {LARGE.case.id: [0], **{job.case.id: [0, 1] for job in JOBS}}


def test_what_has_no_interval_gets_no_more_rounds_than_lead_to_one(uneven: Uneven) -> None:
    uneven.run([LARGE, *JOBS], least=4, most=8, budget_seconds=70.0 + 3 * 20.0 + 5.0)
    assert sorted(map(len, uneven.rounds().values())) == [1, 1, 4, 4]
    assert uneven.now() == 130.0


def test_a_budget_counts_what_the_job_took_before(world: World) -> None:
    assert world.run(JOBS[:1], least=9, most=9, budget_seconds=35.0) == "budget"
    assert len(world.saved) == 3


def test_no_interpreter_is_started_for_nothing(world: World) -> None:
    world.opening = 5.0
    world.run(JOBS[:1], least=2, most=2, budget_seconds=29.0)
    assert world.told.count("born") == 1
    world.go_on(Plan(JOBS[:1], RelativeWidth(0.02, 2, 2), 0), budget_seconds=30.0)
    assert world.told.count("born") == 3


def test_rounds_beyond_the_least_end_with_their_time(world: World) -> None:
    assert world.run(JOBS[:1], least=3, most=9, extra_seconds=5.0) == "time"
    assert len(world.saved) == 3


def wide(request: Request) -> Outcome:
    """Rounds so unlike that no number of them is enough."""
    value = 0.01 * (1 + request.round % 2)
    return good(request, measurements=(fakes.Measurement.of("time/latency", (value,)),))


def test_a_budget_is_used_for_rounds_beyond_the_least(world: World) -> None:
    world.answers = {job.case.id: wide for job in JOBS}
    assert world.run(JOBS[:1], least=4, most=9, budget_seconds=65.0, extra_seconds=1.0) == "budget"
    assert len(world.saved) == 6


def test_time_of_earlier_sittings_counts_for_rounds_beyond_the_least_but_for_no_budget(world: World) -> None:
    world.answers = {job.case.id: wide for job in JOBS}
    assert world.go_on(known(4), before=40.0, extra_seconds=65.0) == "time"
    assert len(world.saved) == 2
    assert world.go_on(known(4), before=40.0, budget_seconds=35.0) == "budget"
    assert len(world.saved) == 2 + 3


def known(rounds: int) -> Plan:
    """A plan of one wide job that cost 10 s in so many rounds of an earlier sitting."""
    plan = Plan(JOBS[:1], RelativeWidth(0.02, 4, 20), 0)
    for number in range(rounds):
        record = fakes.ok(JOBS[0], None, {"time/latency": 0.01 * (1 + number % 2)}, number, counters={WALL: 10.0})
        plan.learn(dataclasses.replace(record, round=number))
    return plan


def test_what_was_learnt_in_an_earlier_sitting_is_known_at_once(world: World) -> None:
    assert world.go_on(known(2), budget_seconds=5.0) == "budget"
    assert world.told == []


def test_a_job_without_a_record_is_measured_by_the_next_sitting(uneven: Uneven) -> None:
    jobs: list[Job] = [*JOBS, LARGE]
    uneven.large = 55.0
    plan = Plan(jobs, RelativeWidth(0.02, 1, 1), 3)
    while len(uneven.saved) < 3:
        uneven.go_on(plan, budget_seconds=12.0)
    assert LARGE.case.id not in uneven.statuses()
    assert uneven.go_on(plan) == "rounds"
    assert uneven.statuses()[LARGE.case.id] == "ok"


@pytest.mark.parametrize(
    ("budget", "extra", "before", "left", "beyond"),
    [
        (None, None, 0.0, float("inf"), float("inf")),
        (None, 50.0, 5.0, float("inf"), 35.0),
        (30.0, None, 5.0, 20.0, 20.0),
        (30.0, 50.0, 5.0, 20.0, 20.0),
    ],
)
def test_an_allowance(budget: float | None, extra: float | None, before: float, left: float, beyond: float) -> None:
    clock = FakeClock()
    now = lambda: clock.read() / 1e9  # noqa: E731
    allowance = Allowance(now, now(), budget, extra, before)
    clock.advance(10.0)
    assert allowance.left() == left
    assert allowance.left(beyond=True) == beyond
