"""Killed at random moments: no finished record is lost, no file is unreadable, and a run goes on to its end."""

from __future__ import annotations

import dataclasses
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest

from benchsuite.errors import UsageError
from benchsuite.store import Writer, read
from tests import fakes
from tests.bench.kills import SHORT, Killer, Tally
from tests.cli.commands import benchsuite

KILLS = 500
KILLS_OF_A_FILE = 25
RECORD = fakes.ok(fakes.job(), None, {"time/latency": 0.01})


def write_on(path: Path, number: int, report: int) -> NoReturn:
    """Append records from `number` on until killed, and tell of each that is done; some are long, to be cut within."""
    with Writer(path) as writer:
        writer.cut_torn_line()
        for n in itertools.count(number):
            writer.append(dataclasses.replace(RECORD, round=n, log="x" * (n * 7919 % 2**18)))
            os.write(report, b".")
    os._exit(0)


def reported(path: Path, number: int, draw: random.Random) -> int:
    """How many records a writer told of before it was killed, at a moment that is drawn."""
    told, report = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(told)
            write_on(path, number, report)
        finally:
            os._exit(1)
    os.close(report)
    seen = sum(len(os.read(told, 1)) for _ in range(draw.randrange(3)))
    moment = time.perf_counter() + draw.uniform(0.0, 2e-3)
    while time.perf_counter() < moment:
        pass
    os.kill(pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    with os.fdopen(told, "rb") as rest:
        return seen + len(rest.read())


def test_writers_that_are_killed_lose_no_record_and_leave_no_file_unreadable(tmp_path: Path) -> None:
    """The kernel keeps what was written, so that this is of torn lines and of order; test_store shows the syncing."""
    draw = random.Random(0)
    for file in range(KILLS // KILLS_OF_A_FILE):
        path, done = tmp_path / f"{file}.jsonl", 0
        with Writer(path) as writer:
            writer.append(fakes.stored([]).run)
        for _ in range(KILLS_OF_A_FILE):
            least = done + reported(path, done, draw)
            stored = read(path)
            done = len(stored.records)
            assert done >= least
            assert [record.round for record in stored.records] == list(range(done))
        with Writer(path) as writer:
            writer.cut_torn_line()
            writer.append(RECORD)
        assert read(path).torn is None
        assert len(read(path).records) == done + 1


def test_runs_that_are_killed_lose_no_record_and_go_on_until_they_are_done(tmp_path: Path) -> None:
    """`python -m tests.bench.kills` kills hundreds of them."""
    killer = Killer(tmp_path, SHORT, random.Random(1), 2.0, Tally())
    killer.run(3)
    assert killer.tally.sound(), killer.tally
    assert killer.tally.finished == SHORT.jobs


def test_a_second_process_that_writes_the_same_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    program = (
        "import pathlib, signal, sys\n"
        "from benchsuite.store import Writer\n"
        "with Writer(pathlib.Path(sys.argv[1])):\n"
        "    print('locked', flush=True)\n"
        "    signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "locked\n"
        with pytest.raises(UsageError, match="is being written by another run: choose another --output"):
            Writer(path)
        first.kill()
    with Writer(path) as writer:
        writer.append(fakes.stored([]).run)
        header = path.read_bytes()
        done = benchsuite("run", "matmul", "--output", str(path), cwd=tmp_path)
        assert done.returncode == 2
        assert path.read_bytes() == header
