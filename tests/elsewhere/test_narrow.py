"""One processor, and less than that: affinity and quotas of a real zygote's, and a machine that has no more."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchsuite.probe import physical_cores_usable, processors_usable
from benchsuite.records import Case, Found, Job, Record, Request, Settings
from benchsuite.runner.execute import record_of
from benchsuite.runner.pairing import Asked, Sides, measure
from benchsuite.runner.sides import place
from benchsuite.runner.zygote import Zygote
from tests.cli.commands import environment

IMPORTS = ["torch", "benchsuite.backends.torch_sessions"]
LONG = 200.0
CORES, PERIOD = 0.1, 20_000  # microseconds: so little that even a busy machine gives it


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(IMPORTS, 0, {"OMP_NUM_THREADS": "2"}) as zygote:
        yield zygote


def job(threads: int) -> Job:
    return Job(Case("matmul", {"size": 16}), "torch-eager-cpu", "fp32", threads)


def measured(zygote: Zygote, threads: int) -> Record:
    record = record_of(zygote.ask(Request("job", job(threads), sample_seconds=0.3), LONG), job(threads), 0)
    assert (record.status, record.reason) == ("ok", "")
    return record


@contextlib.contextmanager
def on_one_processor(*pids: int) -> Iterator[int]:
    """Processes that may use one processor of those that we may, which is given."""
    before = os.sched_getaffinity(0)
    for pid in pids:
        os.sched_setaffinity(pid, {min(before)})
    try:
        yield min(before)
    finally:
        for pid in pids:
            os.sched_setaffinity(pid, before)


def test_two_threads_on_one_processor_are_too_many(zygote: Zygote) -> None:
    with on_one_processor(zygote._process.pid):
        found = {v.code: v.value for v in measured(zygote, 2).validity}
        assert found["oversubscribed"] == 2
        assert "oversubscribed" not in {v.code for v in measured(zygote, 1).validity}


def test_threads_default_to_the_one_processor() -> None:
    with on_one_processor(0):
        assert physical_cores_usable() == processors_usable() == 1


def test_a_pair_is_measured_on_one_processor(zygote: Zygote) -> None:
    here = place("here")
    sides = Sides(here, here, here, Settings(sample_seconds=0.02, threads=1), LONG)
    asked = Asked(Found(job(1), "definition"), "candidate", 2, 0, base_leads=True, place=3)
    with on_one_processor(0), sides.zygote(here, IMPORTS, 1) as other, on_one_processor(zygote._process.pid):
        pair = measure(sides, asked, zygote, other)
    assert (pair.base.reason, pair.other.reason) == ("", "")
    assert pair.ok


@pytest.mark.parametrize("count", [None, 1])
def test_a_machine_of_one_processor_or_of_none_that_it_tells_of(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, count: int | None
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: count)
    assert physical_cores_usable(tmp_path) == processors_usable(tmp_path) == 1


def groups() -> Path:
    """A folder in which groups can be made whose processors are rationed: of version 2, else of version 1."""
    base = Path("/sys/fs/cgroup")
    for mount in (base, base / "unified"):
        if "cpu" in _words(mount / "cgroup.controllers") and "cpu" in _words(mount / "cgroup.subtree_control"):
            return mount
    return base / "cpu"


def _words(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split() if path.is_file() else []


@pytest.fixture
def rationed() -> Iterator[Path]:
    """The list of processes of a group that has less than one processor."""
    group = groups() / f"benchsuite-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error.strerror}")
    try:
        if (group / "cpu.max").exists():
            (group / "cpu.max").write_text(f"{CORES * PERIOD:.0f} {PERIOD}", encoding="utf-8")
        else:
            (group / "cpu.cfs_period_us").write_text(f"{PERIOD}", encoding="utf-8")
            (group / "cpu.cfs_quota_us").write_text(f"{CORES * PERIOD:.0f}", encoding="utf-8")
        yield group / "cgroup.procs"
    finally:
        for pid in _words(group / "cgroup.procs"):
            (group.parent / "cgroup.procs").write_text(pid, encoding="utf-8")
        group.rmdir()


def test_a_quota_is_kept_to_seen_and_told(rationed: Path, zygote: Zygote) -> None:
    rationed.write_text(str(zygote._process.pid), encoding="utf-8")
    found = {v.code: v for v in measured(zygote, 2).validity}
    assert found["quota-throttled"].value >= 1
    assert found["oversubscribed"].value == pytest.approx(2 / CORES)
    join = f"import os, pathlib; pathlib.Path({str(rationed)!r}).write_text(str(os.getpid())); "
    main = "import sys; from benchsuite.cli import main; sys.argv = ['benchsuite', *sys.argv[1:]]; main()"
    here, listed = (
        subprocess.run(
            [sys.executable, "-c", join + main, *arguments],
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for arguments in (["doctor", "--brief"], ["list", "matmul/size=16", "--json"])
    )
    assert "usable, quota 0.1 cores" in here
    assert "the CPU quota is 0.1 cores, no whole number" in here
    assert {entry["threads"] for entry in json.loads(listed)["jobs"]} == {1}
