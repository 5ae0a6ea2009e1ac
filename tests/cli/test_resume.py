"""`run --resume`: what may stand beside it, and what must be as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchsuite.runner.costs import WALL
from benchsuite.store import read
from tests.cli.machine import Machine
from tests.runner.world import good

RESUME = ["run", "--resume", "run.jsonl"]
FILE = Path("run.jsonl")


@pytest.fixture
def begun(machine: Machine) -> Machine:
    """A run of which the last two records are not there."""
    assert machine.run() == 0
    FILE.write_text("".join(FILE.read_text().splitlines(keepends=True)[:-2]))
    machine.world.saved.clear()
    machine.world.requests.clear()
    return machine


def changed(change: Mapping[str, Any], line: int = 0) -> None:
    """Have a line of the file say otherwise."""

    def merged(old: Any, new: Any) -> Any:
        return {**old, **{k: merged(old.get(k, {}), v) for k, v in new.items()}} if isinstance(new, Mapping) else new

    lines = FILE.read_text().splitlines()
    lines[line] = json.dumps(merged(json.loads(lines[line]), change))
    FILE.write_text("".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize(
    "beside",
    [
        *("--preset quick", "--rounds 4", "--target-width 2%", "--seed 0", "--threads 2", "--output other.jsonl"),
        *("--backend torch-eager-cpu", "--precision fp32", "--model nowhere", "--corpus nowhere"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(
    beside: str, begun: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begun.run(*RESUME, *beside.split()) == 2
    assert f"{beside.split(maxsplit=1)[0]} beside --resume" in capsys.readouterr().err
    assert begun.world.requests == []


def test_patterns_are_refused_too(begun: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert begun.run(*RESUME, "matmul") == 2
    assert "a PATTERN beside --resume" in capsys.readouterr().err


def test_what_is_of_this_sitting_may_be_asked_anew(begun: Machine) -> None:
    assert begun.run(*RESUME, "--budget", "10m", "--no-progress") == 0
    assert len(begun.world.requests) == 2
    assert begun.run(*RESUME, "--strict", "--timeout", "5s") == 0


@pytest.mark.parametrize("content", ["", '{"schema":"1.0","protocol":1,"ver', "notes\n"])
def test_a_file_without_a_header_says_what_to_do(
    content: str, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    FILE.write_text(content)
    assert machine.run(*RESUME) == 2
    said = capsys.readouterr().err
    assert "There is nothing to go on with" in said
    assert "with run.jsonl removed or another --output" in said


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"environment": {"cpu": {"model": "another"}}}, "cpu.model was another"),
        ({"environment": {"cpu": {"governor": "odd"}}}, "cpu.governor was odd"),
        ({"environment": {"cpu": {"usable_cpus": 9999}}}, "cpu.usable_cpus was 9999"),
        ({"environment": {"packages": {"torch": "1.0"}}}, "packages.torch was 1.0"),
        ({"environment": {"python": "3.11.0"}}, "python was 3.11.0"),
        ({"environment": {"kernel": "2.0"}}, "kernel was 2.0"),
        ({"version": "0.0.1"}, "benchsuite was 0.0.1"),
        ({"protocol": 0}, "protocol was 0"),
    ],
)
def test_another_environment_is_refused_by_what_differs(
    change: Mapping[str, Any], named: str, begun: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(change)
    assert begun.run(*RESUME) == 2
    said = capsys.readouterr().err
    assert "another environment" in said
    assert named in said
    assert "start a new run" in said


def test_a_container_of_another_name_is_no_other_machine(begun: Machine) -> None:
    changed({"environment": {"host": "another"}})
    assert begun.run(*RESUME) == 0


def test_a_workload_that_has_changed_is_refused(begun: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    changed({"definition": "0123456789ab"}, line=2)
    assert begun.run(*RESUME) == 2
    assert "the source of matmul has changed since run.jsonl was measured" in capsys.readouterr().err


def test_a_corpus_must_still_be_there(begun: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    changed({"settings": {"corpus": "/nowhere/corpus"}})
    assert begun.run(*RESUME) == 2
    assert "/nowhere/corpus" in capsys.readouterr().err


def test_what_failed_is_not_tried_again(machine: Machine) -> None:
    machine.world.answers["matmul/size=16"] = lambda request: good(request, status="failed", reason="no")
    assert machine.run() == 3
    machine.world.answers.clear()
    machine.world.requests.clear()
    assert machine.run(*RESUME) == 3
    assert machine.world.requests == []


def test_the_time_left_is_said_from_the_first_job_on(begun: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for line in range(1, 7):
        changed({"counters": {WALL: 5.0}}, line)
    told: list[float | None] = []
    monkeypatch.setattr("benchsuite.cli.progress.Lines.started", lambda *told_of: told.append(told_of[-1]))
    assert begun.run(*RESUME) == 0
    assert told[0] == pytest.approx(10.0, rel=0.1)


def test_the_jobs_that_a_run_set_out_to_measure_are_in_its_header(machine: Machine) -> None:
    assert machine.run() == 0
    stored = read(FILE)
    assert set(stored.run.jobs) == {record.job.id for record in stored.records}
    assert stored.run.unreached(stored.records[1:2]) == tuple(
        job for job in stored.run.jobs if job != stored.records[1].job.id
    )
