"""Without what only Unix or Linux has, in the command and in its workers: all works, and what is not told is said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchsuite.measure.untold import untold
from benchsuite.store import read
from tests.cli.commands import TINY, benchsuite

WITHOUT = Path(__file__).parent / "without"
ELSEWHERE = {"PYTHONPATH": os.pathsep.join(filter(None, [str(WITHOUT), os.environ.get("PYTHONPATH")]))}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of one round."""
    folder = tmp_path_factory.mktemp("without")
    done = benchsuite("run", *TINY, "--preset", "smoke", "--output", "run.jsonl", cwd=folder, **ELSEWHERE)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder


def test_a_job_is_measured_and_its_record_says_how_it_was_started(folder: Path) -> None:
    (record,) = read(folder / "run.jsonl").records
    assert (record.status, record.reason) == ("ok", "")
    assert record.notes["start"] == "spawned"
    assert record.measurement("time/import") is not None
    assert record.measurement("memory/host_peak") is None
    names = {
        name for name in record.counters if name.startswith(("machine/", "pressure/", "quota/", "swap/", "process/"))
    }
    assert names == {"process/user_seconds", "process/system_seconds"}


def test_what_no_counter_could_tell_is_in_the_report(folder: Path) -> None:
    done = benchsuite("report", "run.jsonl", "--format", "markdown", cwd=folder, **ELSEWHERE)
    assert done.returncode == 0, done.stderr
    (line,) = (x for x in (folder / "run/report.md").read_text(encoding="utf-8").splitlines() if "not told" in x)
    assert all(code in line for code in untold({}))


def test_doctor_says_what_is_absent(folder: Path) -> None:
    done = benchsuite("doctor", "--brief", "--json", cwd=folder, **ELSEWHERE)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["untold"] == untold({})
    assert found["workers"] == {"forked": False, "reason": "this Python has no os.fork"}
    assert found["environment"]["cpu"]["physical_cores"] >= 1
    assert found["environment"]["memory_bytes"] > 0


def test_a_duet_is_refused_with_what_to_do_instead(folder: Path) -> None:
    done = benchsuite("duet", "matmul", "--base", "here", cwd=folder, **ELSEWHERE)
    assert done.returncode == 2
    assert "measure each side by `benchsuite run`" in done.stderr
