"""Signals in each phase of a real run: what is finished is kept, nothing is left running, and the run can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchsuite.store import read
from tests.cli.commands import environment
from tests.faults.conftest import UNREADY
from tests.faults.marked import MARK, left

ROOT = Path(__file__).parents[2]
JOBS = ["--backend", "broken", "--rounds", "1", "--output", "run.jsonl"]
SURVEY = "benchsuite.cli.run:environment"
START, JOB, END = (f"benchsuite.runner.zygote:Zygote.{name}" for name in ("ready", "end", "close"))
WRITE, REPORT = "os:fsync", "benchsuite.cli.report:present"


def signalled(folder: Path, *signals: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """`benchsuite run` with the signals, of which nothing may be left."""
    mark = f"{folder}{signals}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.signalled", *signals, "--", "run", *arguments],
        cwd=folder,
        env=environment(PYTHONPATH=os.pathsep.join([UNREADY, str(ROOT)]), **{MARK: mark}),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert left(mark) == []
    return done


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_before_anything_is_measured_leaves_nothing(name: str, tmp_path: Path) -> None:
    done = signalled(tmp_path, f"{SURVEY}={name}", arguments=["memory-copy/mebibytes=1", *JOBS])
    assert done.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_a_run_goes_on_after_a_signal_in_any_phase(tmp_path: Path) -> None:
    """One after the other: each goes on with what the last has left."""
    path = tmp_path / "run.jsonl"

    def go_on(*signals: str, status: int, records: int, first: bool = False) -> None:
        how = ["memory-copy/mebibytes=1|2|3", *JOBS] if first else ["--resume", "run.jsonl"]
        before = () if first else read(path).records
        done = signalled(tmp_path, *signals, arguments=how)
        assert done.returncode == status, (signals, done.stderr)
        after = read(path).records
        assert after[: len(before)] == before
        assert len({record.job.id for record in after}) == len(after) == records, signals
        assert {record.reason for record in after} <= {"check: RuntimeError: broken"}

    go_on(f"{START}=SIGINT", status=130, records=0, first=True)
    go_on(f"{JOB}=SIGTERM", f"{END}=SIGINT", status=130, records=0)
    go_on(f"{WRITE}=SIGINT", status=130, records=1)
    go_on(f"{WRITE}=SIGHUP", status=-signal.SIGHUP, records=2)
    go_on(f"{REPORT}=SIGTERM", status=130, records=3)
    go_on(status=3, records=3)


def test_a_run_that_is_stopped_goes_on_and_one_that_nobody_reads_ends(tmp_path: Path) -> None:
    mark, many = str(tmp_path), "|".join(str(n) for n in range(1, 500))
    process = subprocess.Popen(
        [sys.executable, "-m", "benchsuite", "run", f"memory-copy/mebibytes={many}", *JOBS],
        cwd=tmp_path,
        env=environment(PYTHONPATH=UNREADY, PYTHONUNBUFFERED="1", **{MARK: mark}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        assert "round 1  failed" in process.stdout.readline()
        os.kill(process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        os.kill(process.pid, signal.SIGCONT)
        assert "round 1  failed" in process.stdout.readline()
        process.stdout.close()
        assert process.wait(120) != 0
        assert process.stderr.read() == ""
    assert left(mark) == []
    assert 2 <= len(read(tmp_path / "run.jsonl").records) < 499
