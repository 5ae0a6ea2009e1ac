"""A disk that is full and one that cannot be written to: real ones, small and in memory."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchsuite.store import read
from tests.cli.commands import benchsuite
from tests.faults.conftest import UNREADY

PAGE = 4096
COUNT = 40
PATTERN = f"memory-copy/mebibytes={'|'.join(str(n + 1) for n in range(COUNT))}"
JOBS = [PATTERN, "--backend", "unready", "--rounds", "1"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own; skips where this user may not have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if reason := mount(folder, "size=16m"):
        pytest.skip(f"no file system can be mounted here: {reason}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def mount(folder: Path, options: str) -> str:
    """Why it cannot be; empty where it was."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr
    except FileNotFoundError as error:
        return str(error)


def fill(folder: Path, pages: int) -> Path:
    """A file that leaves `pages` of the disk free."""
    ballast = folder / "ballast"
    ballast.write_bytes(b"x" * (os.statvfs(folder).f_bavail - pages) * PAGE)
    return ballast


def test_a_full_disk_ends_a_run_with_whole_records_and_room_lets_it_go_on(disk: Path, tmp_path: Path) -> None:
    path = disk / "run.jsonl"
    ballast = fill(disk, pages=2)
    done = benchsuite("run", *JOBS, "--output", str(path), cwd=tmp_path, PYTHONPATH=UNREADY)
    assert done.returncode == 2
    message = f"error: cannot write {path}: No space left on device; what was finished before is kept"
    assert done.stderr.strip().startswith(message)
    stored = read(path)
    assert stored.torn is None
    assert 1 <= len(stored.records) < COUNT
    assert done.stdout.count("  skipped  ") == len(stored.records)
    ballast.unlink()
    done = benchsuite("run", "--resume", str(path), cwd=tmp_path, PYTHONPATH=UNREADY)
    assert done.returncode == 0, done.stderr
    again = read(path)
    assert again.records[: len(stored.records)] == stored.records
    assert len({r.job.id for r in again.records}) == len(again.records) == COUNT


def test_a_disk_that_cannot_be_written_to_is_told_before_anything_is_measured(disk: Path, tmp_path: Path) -> None:
    assert mount(disk, "remount,ro") == ""
    done = benchsuite("run", *JOBS, "--output", str(disk / "run.jsonl"), cwd=tmp_path, PYTHONPATH=UNREADY)
    assert done.returncode == 2
    assert (
        done.stderr.strip() == f"error: cannot write {disk}/run.jsonl: Read-only file system; choose another --output"
    )
    assert "round 1" not in done.stdout
