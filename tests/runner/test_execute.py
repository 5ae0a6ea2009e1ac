from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from benchsuite.errors import UsageError
from benchsuite.measure.telemetry import Reading, Watch
from benchsuite.records import Record, Request
from benchsuite.runner.plan import Plan
from benchsuite.runner.stopping import RelativeWidth
from benchsuite.runner.watching import Telemetry
from benchsuite.runner.zygote import Outcome, ZygoteDied
from tests import fakes
from tests.runner.world import JOBS, Answer, World, good

DEATH = ZygoteDied("the zygote ended with SIGSEGV")


def answer(outcome: Outcome | Exception) -> Answer:
    def give(_: Request) -> Outcome:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return give


def test_every_job_is_a_record_that_is_saved_before_the_next_starts(world: World) -> None:
    world.run(JOBS[:2])
    first, second = (r.job.case.id for r in world.saved)
    assert world.told == [
        "born",
        f"started {first} in 0, None left",
        f"saved {first}",
        f"finished {first}",
        f"started {second} in 0, 10.0 left",
        f"saved {second}",
        f"finished {second}",
        "closed",
        "round 0 took 20.0",
    ]


def test_a_round_is_a_zygote_with_a_seed_of_its_own(world: World) -> None:
    world.run(most=3, least=3, seed=7)
    assert world.told.count("born") == world.told.count("closed") == 3
    assert len(set(world.seeds)) == 3
    assert sorted((r.round, r.job.id) for r in world.saved) == sorted((n, j.id) for n in range(3) for j in JOBS)


def test_the_cost_of_a_job_is_kept_with_it(world: World) -> None:
    world.run()
    assert all(r.counters["worker/wall_seconds"] == 10.0 for r in world.saved)


def test_requests_carry_what_was_asked_and_learnt(world: World) -> None:
    world.answers[JOBS[0].case.id] = lambda request: good(
        request, measurements=(fakes.Measurement.of("time/latency", (0.1,), iterations=9),)
    )
    world.run(JOBS[:1], least=2, most=2, seed=3, sample_seconds=0.25)
    first, second = world.requests
    assert (first.task, first.seed, first.sample_seconds, first.iterations) == ("job", 3, 0.25, None)
    assert (second.round, second.iterations) == (1, 9)
    assert first.memory_bytes is not None
    assert first.memory_bytes > 2**20


def test_only_host_jobs_have_a_memory_limit(world: World) -> None:
    world.run([dataclasses.replace(JOBS[0], backend="torch-eager-cuda")])
    assert world.requests[0].memory_bytes is None


def test_zygotes_import_what_their_jobs_need(world: World) -> None:
    world.run([dataclasses.replace(JOBS[0], backend="onnxruntime-cpu"), *JOBS])
    (imports,) = world.imports
    assert imports[0] == "torch"
    assert {"onnxruntime", "benchsuite.backends.torch_sessions"} < set(imports)
    assert len(imports) == len(set(imports))


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome(None, "the worker ended with SIGSEGV", "tail"), "the worker ended with SIGSEGV"),
        (Outcome(None, "hung: killed after 60 s", "tail"), "hung: killed after 60 s"),
        (Outcome({"job": 1}, "", "tail"), "the worker's answer is not a record: Record.job should be dict"),
        (Outcome([], "", "tail"), "the worker's answer is not a record: Record should be dict"),
        (Outcome(None, "", "tail"), "the worker's answer is not a record: Record should be dict"),
        (Outcome({}, "", "tail"), "the worker's answer is not a record: Record lacks 'job'"),
    ],
)
def test_a_worker_without_a_record_is_a_failed_one(world: World, outcome: Outcome, reason: str) -> None:
    world.answers[JOBS[1].case.id] = answer(outcome)
    world.run(least=2, most=2)
    (failed,) = [r for r in world.saved if r.status == "failed"]
    assert failed.job == JOBS[1]
    assert failed.reason.startswith(reason)
    assert failed.log == "tail"
    assert failed.definition
    assert failed.started > 0
    assert sum(r.status == "ok" for r in world.saved) == 4


@pytest.mark.parametrize(("own", "kept"), [("", "printed"), ("traceback", "traceback")])
def test_what_was_printed_is_kept_only_of_what_went_wrong(world: World, own: str, kept: str) -> None:
    world.answers[JOBS[1].case.id] = lambda request: good(request, status="wrong", reason="off", log=own)
    world.run()
    assert {r.job.id: r.log for r in world.saved} == {JOBS[0].id: "", JOBS[1].id: kept, JOBS[2].id: ""}


def test_a_zygote_that_dies_costs_one_job(world: World) -> None:
    world.answers[JOBS[1].case.id] = answer(DEATH)
    world.run()
    assert world.statuses() == {"matmul/size=1": "ok", "matmul/size=2": "failed", "matmul/size=3": "ok"}
    (failed,) = [r for r in world.saved if r.status == "failed"]
    assert failed.reason == "the zygote ended with SIGSEGV"
    assert world.told.count("born") == world.told.count("closed") <= 2


def test_a_zygote_that_does_not_come_up_costs_one_job(world: World) -> None:
    world.births = [DEATH]
    world.run()
    assert sorted(world.statuses().values()) == ["failed", "ok", "ok"]


def test_where_no_zygote_comes_up_every_job_is_a_record(world: World) -> None:
    world.births = [DEATH] * 9
    assert world.run(most=3) == "precision"
    assert list(world.statuses().values()) == ["failed"] * 3


def test_nothing_is_started_where_there_are_no_jobs(world: World) -> None:
    assert world.run([]) == "precision"
    assert world.told == []


def test_rounds_that_end_before_precision_say_so(world: World) -> None:
    assert world.run(least=2, most=2) == "rounds"


def test_precision_ends_it(world: World) -> None:
    assert world.run(least=4, most=9) == "precision"
    assert {r.round for r in world.saved} == {0, 1, 2, 3}


def test_going_on_does_what_is_missing(world: World) -> None:
    plan = Plan(JOBS, RelativeWidth(0.02, 1, 1), 0)
    plan.learn(fakes.ok(JOBS[0], None, {"time/latency": 0.01}))
    world.go_on(plan)
    assert world.rounds() == {JOBS[1].case.id: [0], JOBS[2].case.id: [0]}


@pytest.mark.parametrize("error", [KeyboardInterrupt(), UsageError("no space")])
def test_an_end_from_outside_closes_the_zygote(world: World, error: BaseException) -> None:
    def interrupt(_: Record) -> None:
        raise error

    world.save = interrupt  # type: ignore[method-assign]
    with pytest.raises(type(error)):
        world.run()
    assert world.told[-1] == "closed"


class Watching(Telemetry):
    """A telemetry that reads once a job, that another process computes on its device."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def idle(self, devices: Sequence[str]) -> dict[str, float]:
        self.told.append(f"idle for {', '.join(devices)}")
        return {"energy/host": 30.0}

    def watch(self, device: str, threads: int) -> Watch:
        self.told.append(f"watch {device} for {threads} threads")
        watch = Watch(None)
        watch.readings.append(Reading(0.0, foreign=1))
        return watch


def test_each_job_is_watched_and_idle_power_is_measured_once_a_round(world: World) -> None:
    world.telemetry = watching = Watching()
    world.run(most=2, least=2)
    assert watching.told == ["idle for cpu", *["watch cpu for 2 threads"] * 3] * 2
    assert all(request.idle_watts == {"energy/host": 30.0} for request in world.requests)
    assert all([doubt.code for doubt in record.validity] == ["foreign-gpu-process"] for record in world.saved)


def test_without_telemetry_nobody_asks_for_energy(world: World) -> None:
    world.run()
    assert all(request.idle_watts is None for request in world.requests)
    assert all(record.validity == () for record in world.saved)
