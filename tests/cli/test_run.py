"""`run` from start to end with real processes, on a product so small that only the harness takes time."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchsuite.store import read
from tests.cli.commands import TINY, benchsuite, environment


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of two rounds."""
    folder = tmp_path_factory.mktemp("run")
    done = benchsuite("run", *TINY, "memory-copy/mebibytes=1", "--rounds", "4", "--output", "run.jsonl", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "stdout").write_text(done.stdout)
    return folder / "run.jsonl"


def test_a_run_is_stored_with_all_that_was_measured(finished: Path) -> None:
    stored = read(finished)
    assert stored.torn is None
    assert stored.run.environment.cpu.model
    assert sorted((r.job.case.workload, r.round) for r in stored.records) == [
        (name, number) for name in ("matmul", "memory-copy") for number in range(4)
    ]
    for record in stored.records:
        assert record.status == "ok"
        metrics = {m.metric for m in record.measurements}
        assert {"time/latency", "time/throughput", "time/import", "time/build", "time/prepare", "time/first"} <= metrics
        latency = record.measurement("time/latency")
        assert latency is not None
        assert len(latency.samples) == len(latency.cpu) == len(latency.involuntary) >= 2
        assert {check.when.split(",")[0] for check in record.checks} == {"before", "after"}
        assert all(check.passed for check in record.checks)
        assert record.work is not None


def test_the_inner_loop_is_frozen_over_rounds(finished: Path) -> None:
    loops: dict[str, set[int]] = {}
    for record in read(finished).records:
        latency = record.measurement("time/latency")
        assert latency is not None
        loops.setdefault(record.job.id, set()).add(latency.iterations)
    assert all(len(counts) == 1 for counts in loops.values())


def test_plain_lines_and_a_report_are_printed(finished: Path) -> None:
    text = (finished.parent / "stdout").read_text()
    assert "round 1  ok       matmul/size=16@torch-eager-cpu/fp32" in text
    assert "FLOP/s" in text
    assert "Stored 8 records in run.jsonl" in text
    written = {path.name for path in (finished.parent / "run").iterdir()}
    assert {"report.html", "report.md", "report.csv"} == written


def test_report_reads_it_again(finished: Path, tmp_path: Path) -> None:
    done = benchsuite("report", str(finished), "--output", "again", "--format", "markdown", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, again = (
        folder.read_text().splitlines() for folder in (finished.parent / "run/report.md", tmp_path / "again/report.md")
    )
    assert [line for line in first if "file:" not in line] == [line for line in again if "file:" not in line]
    data = json.loads(benchsuite("report", str(finished), "--json", cwd=tmp_path).stdout)
    assert {job["workload"] for job in data["jobs"]} == {"matmul", "memory-copy"}


def test_a_torn_line_is_said_and_resume_fills_the_gap(finished: Path, tmp_path: Path) -> None:
    lines = finished.read_bytes().splitlines(keepends=True)
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
    done = benchsuite("report", "torn.jsonl", cwd=tmp_path)
    assert done.returncode == 0
    assert "has no end and was left out" in done.stderr
    done = benchsuite("run", "--resume", "torn.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("round 4  ok") == 1
    outcomes = [sorted((r.job.id, r.round) for r in read(path).records) for path in (torn, finished)]
    assert outcomes[0] == outcomes[1]


def test_resume_of_a_run_that_was_cut_before_its_first_record(finished: Path, tmp_path: Path) -> None:
    header = json.loads(finished.read_bytes().splitlines()[0])
    header["settings"] |= {"min_rounds": 1, "max_rounds": 1}
    (tmp_path / "bare.jsonl").write_text(json.dumps(header) + "\n")
    done = benchsuite("run", "--resume", "bare.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(read(tmp_path / "bare.jsonl").records) == 2


def test_resume_refuses_another_machine(finished: Path, tmp_path: Path) -> None:
    first, *rest = finished.read_text().splitlines(keepends=True)
    header = json.loads(first)
    header["environment"]["cpu"]["model"] = "another processor"
    (tmp_path / "other.jsonl").write_text(json.dumps(header) + "\n" + "".join(rest))
    done = benchsuite("run", "--resume", "other.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "another environment" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_is_finished_and_says_how_to_go_on(number: int, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchsuite", "run", *TINY, "--rounds", "500", "--output", "cut.jsonl"],
        cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    os.kill(process.pid, number)
    rest, errors = process.communicate(timeout=120)
    assert "ok" in first
    assert process.returncode == 130, errors
    assert "benchsuite run --resume cut.jsonl" in rest
    assert "Traceback" not in errors
    assert read(tmp_path / "cut.jsonl").records[0].status == "ok"


def test_a_budget_ends_a_run_with_a_valid_report(tmp_path: Path) -> None:
    done = benchsuite("run", *TINY, "--rounds", "500", "--budget", "2s", "--output", "run.jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "stopped by budget" in done.stdout
    assert 1 <= len(read(tmp_path / "run.jsonl").records) < 500


def test_no_progress_prints_the_report_alone(tmp_path: Path) -> None:
    done = benchsuite("run", *TINY, "--rounds", "1", "--no-progress", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "round 1  ok" not in done.stdout
    (stored,) = (tmp_path / "results/runs").glob("*.jsonl")
    assert len(read(stored).records) == 1


def test_strict_lets_no_doubt_pass(tmp_path: Path) -> None:
    done = benchsuite("run", *TINY, "--rounds", "1", "--strict", "--output", "run.jsonl", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "which --strict does not let pass: " in done.stdout
    assert "too-few-rounds (1 job)" in done.stdout


def test_energy_is_measured_or_its_absence_has_a_reason(finished: Path) -> None:
    for record in read(finished).records:
        assert (record.measurement("energy/host") is None) == bool(record.notes.get("energy/host"))
