"""Duets of this environment with itself, by real processes."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchsuite.store import Writer, read_duet
from tests.cli.commands import TINY, benchsuite, environment
from tests.fakes import job, rounds, stored

QUICK = [*TINY, "--base", "here", "--threads", "1", "--sampling", "0.02s", "--output", "out"]


def test_a_duet_is_shown_and_kept(tmp_path: Path) -> None:
    done = benchsuite("duet", *QUICK, "--candidate", "here", "--pairs", "4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "here against here" in done.stdout
    kept = read_duet(tmp_path / "out/pairs.jsonl")
    assert [p.arm for p in kept.pairs].count("candidate") == 4
    assert [p.arm for p in kept.pairs].count("control") == 1
    assert all(p.ok for p in kept.pairs)
    assert {p.name for p in (tmp_path / "out").iterdir()} >= {"verdict.json", "verdict.md", "verdict.csv", "junit.xml"}


@pytest.mark.parametrize("command", ["duet", "gate"])
def test_pairs_of_an_earlier_duet_are_kept(command: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/pairs.jsonl").write_text("kept\n")
    done = benchsuite(command, *QUICK, cwd=tmp_path)
    assert (done.returncode, "choose another --output" in done.stderr) == (2, True), done.stderr
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["pairs.jsonl"]


def test_a_gate_against_itself_counts_its_alarms(tmp_path: Path) -> None:
    done = benchsuite("gate", *QUICK, "--aa", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "of 1 suite runs red" in done.stdout
    found = json.loads((tmp_path / "out/verdict.json").read_text())
    assert (found["suite_runs"], found["comparisons"]) == (1, 1)
    assert found["false_alarm_rate"][0] == 0.0
    assert read_duet(tmp_path / "out/aa-001.jsonl").pairs


MATMUL, COPY = job("matmul", size=64), dataclasses.replace(job("memory-copy"), precision="bf16")


def before_and_after(folder: Path, slower: float, sessions: int = 20) -> list[str]:
    """Stored runs of two jobs, each a session, in a folder a side; the arguments that gate them."""
    for side, (name, level) in enumerate((("before", 1e-3), ("after", slower * 1e-3))):
        (folder / name).mkdir()
        for number in range(sessions):
            with Writer(folder / name / f"{number}.jsonl") as writer:
                writer.append(dataclasses.replace(stored([]).run, started=100.0 * side + number))
                for one in (MATMUL, COPY):
                    for record in rounds(one, None, {"time/latency": level}, 4):
                        writer.append(record)
    return ["--base", "before", "--candidate", "after", "--output", "out"]


@pytest.mark.parametrize(("slower", "sessions", "status"), [(1.0, 20, 0), (1.5, 20, 1), (1.5, 1, 1), (1.0, 1, 3)])
def test_stored_runs_are_gated_by_the_rule_of_compare(
    slower: float, sessions: int, status: int, tmp_path: Path
) -> None:
    """One session a side says nothing of how sessions differ: such runs are no pass where they look alike."""
    done = benchsuite("gate", *before_and_after(tmp_path, slower, sessions), cwd=tmp_path)
    assert done.returncode == status, done.stdout + done.stderr
    assert json.loads((tmp_path / "out/verdict.json").read_text())["exit_status"] == status


@pytest.mark.parametrize(
    "chosen", [["matmul/size=64"], ["--precision", "fp32"], ["matmul/size=32|64", "--backend", "torch-*"]]
)
def test_jobs_of_stored_runs_are_chosen_as_for_a_run(chosen: list[str], tmp_path: Path) -> None:
    done = benchsuite("gate", *chosen, *before_and_after(tmp_path, 1.0), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [v["job"] for v in json.loads((tmp_path / "out/verdict.json").read_text())["verdicts"]] == [MATMUL.id]


def test_a_pattern_that_no_stored_job_matches_is_told(tmp_path: Path) -> None:
    done = benchsuite("gate", "matmul/size=32", *before_and_after(tmp_path, 1.0), cwd=tmp_path)
    assert (done.returncode, "'matmul/size=32' matches no job" in done.stderr) == (2, True), done.stderr


def test_a_run_and_an_environment_are_not_two_of_a_kind(tmp_path: Path) -> None:
    done = benchsuite("gate", "--base", "before.jsonl", "--candidate", "here", cwd=tmp_path)
    assert done.returncode == 2
    assert "'before.jsonl' is a stored report and 'here' is not" in done.stderr
    done = benchsuite("gate", "--base", "before.jsonl", cwd=tmp_path)
    assert "'before.jsonl' is a stored report and the other side is missing" in done.stderr


def interrupted(folder: Path, beginning: str, *arguments: str) -> tuple[str, str]:
    """What a gate said, on stdout and then on stderr, that was interrupted at a line that begins so."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchsuite", "gate", *QUICK, *arguments], cwd=folder, env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(beginning):
                process.send_signal(signal.SIGINT)
                break
        told, more = process.stdout.read(), process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in more
    return told, more


def test_a_gate_against_itself_that_is_interrupted_tells_what_it_counted(tmp_path: Path) -> None:
    told, more = interrupted(tmp_path, "run 1 of 50", "--aa", "50")
    assert "0 of 1 suite runs red" in told
    assert "interrupted after 1 of 50 runs" in more
    found = json.loads((tmp_path / "out/verdict.json").read_text())
    assert (found["exit_status"], found["error"], found["suite_runs"]) == (130, "1 of 50 runs done", 1)


def test_an_interrupted_gate_says_how_to_go_on(tmp_path: Path) -> None:
    _, told = interrupted(tmp_path, "stage 1, pair 2")
    assert "what was measured is kept: benchsuite gate --replay out/pairs.jsonl" in told
    assert json.loads((tmp_path / "out/verdict.json").read_text()) == {"exit_status": 130, "error": "interrupted"}
    again = benchsuite("gate", "--replay", "out/pairs.jsonl", "--output", "again", cwd=tmp_path)
    assert again.returncode == 3, again.stdout + again.stderr
    assert "fewer than 4 usable pairs" in again.stdout


def test_a_duet_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text('{"schema": "1.0", "kind": "duet"}\n')
    done = benchsuite("report", "pairs.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "pairs.jsonl, line 1: a duet, not a run" in done.stderr
