"""`benchsuite report` with all its forms: of one full run at most 20 s and 600 MB, of ten machines at most 60 s.

The runs are copies of the committed full run, each with as many rounds a job as are asked for, samples a little apart,
and a host and processor of its own.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BASELINE = Path(__file__).parents[2] / "results/baselines/amd-epyc-zen5-2-cores/full.jsonl"
SECONDS = {1: 20.0, 10: 60.0}
MEGABYTES = 600.0


def written(folder: Path, number: int, rounds: int, jobs: int) -> Path:
    """A stored run of about `jobs` jobs with `rounds` rounds each, on a machine of its own."""
    lines = [json.loads(line) for line in BASELINE.read_text(encoding="utf-8").splitlines()]
    header, records = lines[0], lines[1:]
    header["environment"]["host"] = f"machine-{number}"
    header["environment"]["cpu"]["model"] = f"Example processor {number}"
    header["started"] += number
    draw = random.Random(number)
    by_job: dict[str, list[dict]] = {}
    for record in records:
        by_job.setdefault(json.dumps(record["job"]), []).append(record)
    path = folder / f"machine-{number}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(header) + "\n")
        for record in (r for own in list(by_job.values()) for r in repeated(own, rounds, draw)):
            file.write(json.dumps(record) + "\n")
        for record in (r for own in added(by_job, jobs) for r in repeated(own, rounds, draw)):
            file.write(json.dumps(record) + "\n")
    return path


def added(by_job: dict[str, list[dict]], jobs: int) -> list[list[dict]]:
    """Further jobs: those that were measured, in another precision, until there are enough."""
    measured = [own for own in by_job.values() if own[0]["status"] == "ok"]
    precisions = ["bf16", "tf32", "fp16", "int8"]
    copies = [
        [{**r, "job": {**r["job"], "precision": precision}} for r in own]
        for precision in precisions
        for own in measured
    ]
    return copies[: max(0, jobs - len(measured))]


def repeated(own: list[dict], rounds: int, draw: random.Random) -> list[dict]:
    """As many rounds as are asked for; what was skipped is skipped once."""
    if own[0]["status"] == "skipped":
        return own[:1]
    return [scaled(own[i % len(own)], i, draw.lognormvariate(0, 0.03)) for i in range(rounds)]


def scaled(record: dict, number: int, factor: float) -> dict:
    measurements = [{**m, "samples": [s * factor for s in m["samples"]]} for m in record.get("measurements", [])]
    return {**record, "round": number, "measurements": measurements}


def cost(files: list[Path], output: Path) -> tuple[float, float]:
    """Wall seconds and the peak of resident MB of all processes of the command together."""
    command = [sys.executable, "-m", "benchsuite", "report", *map(str, files), "--output", str(output)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        peak = watched(process)
    if process.returncode:
        sys.exit(f"the report failed with status {process.returncode}")
    return time.perf_counter() - start, peak


def watched(process: subprocess.Popen[bytes]) -> float:
    import psutil

    peak = 0.0
    parent = psutil.Process(process.pid)
    while process.poll() is None:
        peak = max(peak, sum(filter(None, map(resident, [parent, *children(parent)]))) / 1e6)
        time.sleep(0.02)
    return peak


def children(parent) -> list:
    import psutil

    try:
        return parent.children(recursive=True)
    except psutil.Error:
        return []


def resident(process) -> int | None:
    import psutil

    try:
        return process.memory_info().rss
    except psutil.Error:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=500, help="jobs with a result in each run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    short = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = [written(folder, number, options.rounds, options.jobs) for number in range(10)]
        print(f"a run: {options.jobs} jobs, {options.rounds} rounds, {runs[0].stat().st_size / 1e6:.1f} MB")
        for machines, allowed in SECONDS.items():
            found = [cost(runs[:machines], folder / f"out-{machines}-{i}") for i in range(options.repeats)]
            page = (folder / f"out-{machines}-0/report.html").stat().st_size / 1e6
            seconds, peak = max(s for s, _ in found), max(m for _, m in found)
            times = ", ".join(f"{s:.1f}" for s, _ in found)
            print(f"{machines:2} machines: {times} s (allowed {allowed:g}), {peak:.0f} MB, page of {page:.1f} MB")
            short |= seconds > allowed or (machines == 1 and peak > MEGABYTES)
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main()
