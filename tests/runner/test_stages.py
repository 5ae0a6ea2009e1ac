import dataclasses
import math
from collections.abc import Callable

import pytest

from benchsuite.analysis.duets import judge
from benchsuite.analysis.gate import Policy
from benchsuite.cli.status import exit_status
from benchsuite.errors import UsageError
from benchsuite.records import Environment, Found, Job, Pair, Settings, Survey
from benchsuite.runner import stages
from benchsuite.runner.duet import Replicate, drawn, pair_up
from benchsuite.runner.pairing import Sides
from benchsuite.runner.sides import Place
from benchsuite.runner.stages import Session
from tests.fakes import job, laptop
from tests.pairs import pair

HERE = Place("here", "python", "")
SAME, SLOWER, NOISY = job("same"), job("slower"), job("noisy")


def found(*jobs: Job) -> list[Found]:
    return [Found(j, "0" * 12) for j in jobs]


class Machine:
    """Answers replicates with pairs of a known ratio; `asked` is what was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, broken: tuple[Job, ...] = ()) -> None:
        self.asked: list[Replicate] = []
        self.broken = {j.id for j in broken}
        self.seconds = 0.0
        monkeypatch.setattr(stages, "run_replicate", self._run)

    def _run(self, sides: Sides, replicate: Replicate, save: Callable[[Pair], None], ended: Callable[[], bool]) -> None:
        self.asked.append(replicate)
        for wanted in replicate.jobs:
            arms = ("candidate", "control") if replicate.control else ("candidate",)
            for arm in arms:
                if ended():
                    return
                self.seconds += 10.0
                save(self._pair(wanted.job, arm, replicate))

    def _pair(self, job: Job, arm: str, replicate: Replicate) -> Pair:
        wobble = math.sin(7.0 * replicate.number + replicate.stage)
        ratio = (
            {"same": 1.0, "slower": 1.1, "noisy": 1.0 + 0.1 * (-1) ** replicate.number}[job.case.workload]
            if arm == "candidate"
            else 1.0
        )
        made = pair(ratio + 0.002 * wobble, of=job, arm=arm, stage=replicate.stage, replicate=replicate.number)  # type: ignore[arg-type]
        if job.id in self.broken:
            object.__setattr__(made.other, "status", "failed")
        return made

    def session(self, budget: float | None = None) -> Session:
        sides = Sides(HERE, HERE, HERE, Settings(), 60.0)
        return Session(sides, Policy(), lambda _: None, Silent(), budget=budget, now=lambda: self.seconds)

    def jobs(self, stage: int) -> list[list[str]]:
        return [[f.job.case.workload for f in r.jobs] for r in self.asked if r.stage == stage]


class Silent:
    def replicate(self, stage: int, number: int, jobs: int) -> None: ...

    def finished(self, pair: Pair) -> None: ...


def test_what_is_cleared_is_measured_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    machine.session().gate(found(SAME, NOISY))
    assert machine.jobs(1) == [["same", "noisy"]] * 4 + [["noisy"]] * 4
    assert machine.jobs(2) == []


def test_what_is_nominated_is_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    machine.session().gate(found(SAME, SLOWER))
    assert machine.jobs(1) == [["same", "slower"]] * 4
    assert len(machine.jobs(2)) >= 8
    assert all(jobs == ["slower"] for jobs in machine.jobs(2))


def test_a_quarter_of_the_replicates_has_a_control_arm(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    machine.session().repeat(found(SAME), 8)
    assert [r.control for r in machine.asked] == [True, False, False, False] * 2


def test_half_of_the_pairs_that_may_blame_have_a_control_arm(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    session = machine.session()
    session.gate(found(SLOWER))
    assert [r.control for r in machine.asked if r.stage == 2][:4] == [True, False, True, False]
    assert sum(p.arm == "control" for p in session.pairs) >= 4  # enough for the rule to be asked of the control


def test_what_fails_once_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, broken=(SLOWER,))
    machine.session().gate(found(SAME, SLOWER))
    assert machine.jobs(1) == [["same", "slower"], ["same"], ["same"], ["same"]]
    assert machine.jobs(2) == []


def test_no_pair_starts_after_the_budget_but_the_first_of_every_job(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    session = machine.session(budget=25.0)
    session.gate(found(SAME, SLOWER))
    assert [(p.replicate, p.job) for p in session.pairs if p.arm == "candidate"] == [(0, SAME.id), (0, SLOWER.id)]
    longer = Machine(monkeypatch)
    session = longer.session(budget=45.0)
    session.gate(found(SAME, SLOWER))
    assert [p.job for p in session.pairs if p.replicate == 1] == [SAME.id]


@pytest.mark.parametrize("budget", [15.0, 65.0, 95.0])
def test_a_budget_that_ends_anywhere_blames_nobody(budget: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the first stage, between the stages, and before the second has four pairs."""
    session = Machine(monkeypatch).session(budget=budget)
    session.gate(found(SLOWER))
    (verdict,) = judge(session.pairs, Policy()).verdicts
    assert verdict.outcome == "unclear"
    assert exit_status([verdict], refused=False, strict=False) == 3


def test_a_control_that_was_lost_is_not_the_jobs_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    session = machine.session()
    plain = machine._pair

    def without_control(job: Job, arm: str, replicate: Replicate) -> Pair:
        made = plain(job, arm, replicate)
        return (
            dataclasses.replace(made, base=dataclasses.replace(made.base, status="failed"))
            if arm != "candidate"
            else made
        )

    monkeypatch.setattr(machine, "_pair", without_control)
    session.gate(found(SAME))
    assert machine.jobs(1) == [["same"]] * 4
    assert judge(session.pairs, Policy()).verdicts[0].outcome == "same"


def test_the_second_stage_draws_the_opposite_of_the_first() -> None:
    """For every job, whichever others there are: who leads, the processor, and the order."""
    jobs = found(SAME, SLOWER, NOISY)
    for number in range(8):
        first = drawn(7, Replicate(1, number, tuple(jobs), control=True))
        second = drawn(7, Replicate(2, number, tuple(jobs[1:]), control=True))
        of = {(a.found.job.id, a.arm): a for a in first}
        assert [(a.found.job.id, a.arm) for a in second] == [
            (a.found.job.id, a.arm) for a in reversed(first) if a.found.job != SAME
        ]
        for asked in second:
            before = of[asked.found.job.id, asked.arm]
            assert asked.base_leads != before.base_leads
            assert (asked.place - before.place) % 2 == 1


def test_each_side_leads_and_each_job_is_first_about_as_often() -> None:
    jobs = tuple(found(SAME, SLOWER))
    every = [drawn(seed, Replicate(1, 0, jobs, control=True)) for seed in range(400)]
    asked = [a for replicate in every for a in replicate]
    assert 700 < sum(a.base_leads for a in asked) < 900
    assert 150 < sum(replicate[0].found.job == SAME for replicate in every) < 250
    assert 150 < sum(replicate[0].arm == "control" for replicate in every) < 250
    assert all(replicate[0].found == replicate[1].found for replicate in every)


def survey(*jobs: Found, **refusals: str) -> Survey:
    environment: Environment = laptop()
    return Survey(environment, tuple(jobs), refusals)


def test_jobs_of_both_sides_are_paired_and_the_rest_is_listed() -> None:
    both, mine, theirs = found(SAME, SLOWER, NOISY)
    paired, apart = pair_up(survey(both, mine), survey(both, theirs))
    assert [f.job for f in paired] == [SAME]
    assert [(v.job, v.outcome) for v in apart] == [(SLOWER.id, "removed"), (NOISY.id, "added")]


def test_what_the_candidate_can_no_longer_run_has_failed() -> None:
    refused = Found(SAME, "", (), reason="needs more memory")
    (verdict,) = pair_up(survey(*found(SAME)), survey(refused))[1]
    assert (verdict.outcome, verdict.reason) == ("failed", "the candidate cannot run it: needs more memory")


def test_what_neither_side_can_run_is_no_job() -> None:
    absent = Found(NOISY, "", (), reason="there is no NVIDIA driver")
    assert pair_up(survey(*found(SAME), absent), survey(*found(SAME), absent))[1] == []


def test_no_job_at_all_is_an_error_that_says_why() -> None:
    absent = Found(NOISY, "", (), reason="there is no NVIDIA driver")
    with pytest.raises(Exception, match="neither side has a job to measure: there is no NVIDIA driver"):
        pair_up(survey(absent), survey(absent))


def test_a_pattern_that_neither_side_knows_is_an_error_beside_others_that_are_known() -> None:
    sides = [survey(*found(SAME), matmull="unknown workload 'matmull'") for _ in range(2)]
    with pytest.raises(UsageError, match="neither side knows 'matmull': unknown workload"):
        pair_up(*sides)
    both, _ = pair_up(sides[0], survey(*found(SAME)))
    assert [f.job for f in both] == [SAME]
