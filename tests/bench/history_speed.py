"""How long `benchsuite history` takes over 10,000 runs of 500 jobs, read for the first time and again, and its memory.

The records of a few runs are written under the headers of many, which takes disk: half a megabyte a run by default.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchsuite.records import PROTOCOL, SCHEMA, Case, Check, Cpu, Environment, Job, Measurement, Record, Run, Settings
from benchsuite.records.codec import to_data

SECONDS, MEBIBYTES = 30.0, 2048.0
DISTINCT = 25
METRICS = ("time/latency", "time/throughput", "time/import", "time/build", "time/prepare", "time/first")


def records(jobs: int, rounds: int, samples: int, seed: int) -> str:
    """A line a job and round."""
    draw = random.Random(seed)
    return "".join(_line(_record(draw, job, turn, samples)) for job in range(jobs) for turn in range(rounds))


def header(day: int) -> str:
    """The first line of the run of a day."""
    cpu = Cpu("Example CPU", "x86_64", 8, 16, 16)
    environment = Environment("host", "Linux", "6.1.0", "3.11.9", cpu, 2**34, commit=f"{day:040x}")
    return _line(Run(SCHEMA, PROTOCOL, "0.1.0", 1.5e9 + day * 3600, Settings(), environment))


def _line(item: Run | Record) -> str:
    return json.dumps(to_data(item), separators=(",", ":")) + "\n"


def _record(draw: random.Random, number: int, turn: int, samples: int) -> Record:
    job = Job(Case("feed-forward", {"batch": number, "seq": 128, "width": 768}), "torch-eager-cpu", "fp32", 8)
    center = 1e-3 * draw.lognormvariate(0, 0.01)
    measurements = tuple(
        Measurement.of(metric, tuple(center * draw.lognormvariate(0, 0.02) for _ in range(count)))
        for metric, count in zip(METRICS, (samples, samples, 1, 1, 1, 1), strict=True)
    )
    checks = (Check("after", "output", 1e-6, 1e-5, "float64", passed=True),)
    return Record(job, turn, "ok", definition="0123456789ab", measurements=measurements, checks=checks)


def measure(folder: Path, cache: Path, runs: int) -> tuple[float, float, float]:
    """Seconds, seconds of processors, and MiB of the command with all its processes at their most."""
    environment = {**os.environ, "BENCHSUITE_CACHE": str(cache)}
    start, spent = time.perf_counter(), _spent()
    with tempfile.TemporaryFile() as printed:
        child = subprocess.Popen(
            [sys.executable, "-m", "benchsuite", "history", str(folder), "--json"], env=environment, stdout=printed
        )
        peak = 0
        while child.poll() is None:
            peak = max(peak, _resident(child.pid))
            time.sleep(0.1)
        taken = time.perf_counter() - start, _spent() - spent, peak / 2**20
        printed.seek(0)
        found = json.load(printed)
    assert child.returncode in (0, 1), child.returncode
    assert found["runs"] == runs, found["runs"]
    return taken


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(pid: int) -> int:
    try:
        parent = psutil.Process(pid)
        return sum(process.memory_info().rss for process in (parent, *parent.children(recursive=True)))
    except psutil.Error:
        return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--again", type=int, default=3, help="how often it is read again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder, "runs")
        runs.mkdir()
        bodies = [records(given.jobs, given.rounds, given.samples, seed) for seed in range(DISTINCT)]
        for day in range(given.runs):
            (runs / f"{day:05d}.jsonl").write_text(header(day) + bodies[day % DISTINCT])
        size = (runs / "00000.jsonl").stat().st_size
        read = given.runs * given.jobs * given.rounds
        print(f"{given.runs} runs of {given.jobs} jobs, {given.rounds} rounds, {size / 2**20:.2f} MiB each")
        seconds, spent, mebibytes = measure(runs, Path(folder, "cache"), given.runs)
        each = f"{1e6 * spent / read:.1f} µs a record, {1e3 * spent / given.runs / (size / 2**20):.1f} ms a MiB"
        print(f"first: {seconds:.1f} s, of processors {spent:.1f} s ({each}), {mebibytes:.0f} MiB")
        again = sorted(measure(runs, Path(folder, "cache"), given.runs) for _ in range(given.again))
        for later, used, most in again:
            print(f"again: {later:.1f} s, of processors {used:.1f} s, {most:.0f} MiB")
        kept = sum(p.stat().st_size for p in Path(folder, "cache").rglob("*") if p.is_file())
        print(f"digests: {kept / 2**20:.0f} MiB; wanted {SECONDS:g} s, {MEBIBYTES:g} MiB")
    return int(seconds > SECONDS or max(mebibytes, *(most for *_, most in again)) > MEBIBYTES)


if __name__ == "__main__":
    sys.exit(main())
