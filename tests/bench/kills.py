"""Real runs that are killed at random moments and gone on with until they are done: what was lost?

The kernel keeps what was written when a process is killed, so that this is about lines that are torn, lost or told too
early, about processes that stay, and about going on; not about a loss of power.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import random
import re
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchsuite.errors import BenchsuiteError
from benchsuite.store import Stored, read
from tests.faults.marked import MARK, left


@dataclass(frozen=True)
class Kind:
    """What to run: how many jobs the pattern chooses, and in how many rounds."""

    pattern: str
    backend: str
    jobs: int
    rounds: int


# What ends before torch is imported takes a tenth of the time, and is a zygote, workers and records all the same.
SHORT = Kind(f"memory-copy/mebibytes={'|'.join(str(n) for n in range(1, 31))}", "unready", 30, 1)
MEASURED = Kind("matmul/size=16|32", "torch-eager-cpu", 2, 3)
TARGETS = ("run",) * 8 + ("zygote", "worker")
LINE = re.compile(rb"^round (\d+)  (\w+) +(\S+)", re.MULTILINE)

ROOT = Path(__file__).parents[2]

Told = tuple[int, str, str]


@dataclass
class Tally:
    """What happened. `told` are finished records that were printed before a kill; all but the first four must be 0."""

    kills: int = 0
    runs: int = 0
    told: int = 0
    finished: int = 0
    lost: int = 0
    twice: int = 0
    unreadable: int = 0
    unfinished: int = 0
    left: int = 0

    def sound(self) -> bool:
        """Whether nothing was lost."""
        return not (self.lost or self.twice or self.unreadable or self.unfinished or self.left)


@dataclass
class Killer:
    """Kills at moments drawn evenly from `span` seconds, and counts."""

    folder: Path
    kind: Kind
    draw: random.Random
    span: float
    tally: Tally

    def run(self, kills: int) -> None:
        """One run, killed up to `kills` times, then left to end."""
        path = self.folder / f"{self.tally.runs}.jsonl"
        self.tally.runs += 1
        told: set[Told] = set()
        most = self.tally.kills + kills
        ended = False
        while not ended:
            ended = self._sitting(path, told, last=self.tally.kills >= most)
            stored = _stored(path)
            self.tally.unreadable += stored is None and path.exists() and path.stat().st_size > 0
            found = [(r.round + 1, r.status, r.job.id) for r in stored.records] if stored else []
            self.tally.lost += len(told - set(found))
            self.tally.twice += len(found) - len({(number, job) for number, _, job in found})
        self.tally.told += len(told)
        self.tally.finished += len(found)
        self.tally.unfinished += not _complete(found, self.kind)

    def _sitting(self, path: Path, told: set[Told], *, last: bool) -> bool:
        """One process, to its end or to its kill; whether it came to its end."""
        mark = f"{os.getpid()}-{self.tally.runs}-{self.tally.kills}"
        process = self._start(path, mark)
        assert process.stdout is not None
        printed, killed = b"", False
        deadline = time.monotonic() + (600.0 if last else self.draw.uniform(0.0, self.span))
        target = self.draw.choice(TARGETS)
        while True:
            wait = max(0.0, deadline - time.monotonic())
            if not select.select([process.stdout], [], [], None if killed else wait)[0]:
                killed = _kill(process.pid, target)
                self.tally.kills += 1
            elif chunk := os.read(process.stdout.fileno(), 2**16):
                printed += chunk
            else:
                break
        status = process.wait()
        process.stdout.close()
        told |= {
            (int(n), how.decode(), job.decode()) for n, how, job in LINE.findall(printed[: printed.rfind(b"\n") + 1])
        }
        self.tally.left += len(left(mark))
        self.tally.unfinished += status not in (0, 3, -9)
        return status != -9

    def _start(self, path: Path, mark: str) -> subprocess.Popen[bytes]:
        how = [self.kind.pattern, "--backend", self.kind.backend, "--rounds", str(self.kind.rounds), "--output", path]
        if _stored(path) is not None:
            how = ["--resume", path]
        environ = {**os.environ, MARK: mark, "PYTHONUNBUFFERED": "1"}
        environ["PYTHONPATH"] = str(ROOT / "tests/faults/unready")
        command = [sys.executable, "-m", "benchsuite", "run", *how]
        return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _kill(run: int, target: str) -> bool:
    """Kill the run, or its zygote or worker where there is one, by SIGKILL."""
    victim = psutil.Process(run)
    with contextlib.suppress(psutil.Error, IndexError):
        if target != "run":
            victim = victim.children()[0]
        if target == "worker":
            victim = victim.children()[0]
    with contextlib.suppress(psutil.Error):
        victim.kill()
    return True


def _stored(path: Path) -> Stored | None:
    try:
        return read(path)
    except BenchsuiteError:
        return None


def _complete(found: list[Told], kind: Kind) -> bool:
    """Whether every job has all its rounds, or one that ended it, such as by the kill of its worker."""
    jobs = {job for _, _, job in found}
    rounds = {job: {number for number, _, j in found if j == job} for job in jobs}
    ended = {job for _, status, job in found if status != "ok"}
    return len(jobs) == kind.jobs and all(len(rounds[job]) == kind.rounds for job in jobs - ended)


def span_of(folder: Path, kind: Kind) -> float:
    """Seconds that a run takes which nobody kills."""
    begin = time.monotonic()
    killer = Killer(folder, kind, random.Random(0), 0.0, Tally())
    killer.run(0)
    assert killer.tally.sound(), killer.tally
    (folder / "0.jsonl").unlink()
    return time.monotonic() - begin


def main() -> int:
    """Kill, tell every few runs, and leave with 1 where anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--measured", action="store_true", help="kill runs of jobs that are measured")
    asked = parser.parse_args()
    kind = MEASURED if asked.measured else SHORT
    with tempfile.TemporaryDirectory() as folder:
        span = span_of(Path(folder), kind)
        print(f"a run takes {span:.1f} s; kills at moments drawn evenly from that", flush=True)
        killer = Killer(Path(folder), kind, random.Random(asked.seed), span, Tally())
        while killer.tally.kills < asked.kills:
            killer.run(min(10, asked.kills - killer.tally.kills))
            print(dataclasses.asdict(killer.tally), flush=True)
    return 0 if killer.tally.sound() else 1


if __name__ == "__main__":
    sys.exit(main())
