"""Record duets with slow-downs of a known size: `python -m tests.bench.gate_score.record NAME`.

Writes results/noise/pairs-NAME-KIND-SIZE.jsonl.gz for each slow-down, replicates of all of them shuffled together, so
that each file saw the same hours. Jobs that a slow-down does not touch are not in its file.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchsuite import __version__
from benchsuite.records import PROTOCOL, SCHEMA, Duet, Found, Pair, Settings, Side
from benchsuite.records.codec import to_data
from benchsuite.runner.duet import Replicate, run_replicate, survey
from benchsuite.runner.pairing import Sides
from benchsuite.runner.sides import Place
from tests.bench.gate_score.bank import FOLDER

PLUGIN = Path(__file__).parent / "plugin"
SLOW_DOWNS = (
    ("time", 0.0),
    ("time", 0.02),
    ("time", 0.03),
    ("time", 0.05),
    ("time", 0.1),
    ("work", 0.02),
    ("work", 0.05),
)
ONE_THREAD = (
    "matmul/size=192",
    "memory-copy/mebibytes=64",
    "layer-norm/batch=8,seq=128,width=768",
    "softmax/rows=512,width=512",
    "embedding/batch=4,seq=128,direction=forward,ids=text",
    "rnn/batch=4,seq=16,width=128,cell=lstm",
    "attention-decode/batch=1,seq=512,heads=8,kv_heads=8,implementation=sdpa",
    "feed-forward/batch=1,seq=32,width=256,sparsity=0",
    "dense-classifier-train",
    "transformer-layer/batch=1,seq=64",
)
TWO_THREADS = ("matmul/size=768", "bert-classify/batch=1,seq=32,layers=2", "transformer-layer/batch=4,seq=128")
BY_WORK = ("more-rows", "more-calls")
_DIGITS = 6


def main() -> None:
    """Record one session."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PLUGIN), os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory() as folder:
        session = _Session(Path(folder), asked.threads, asked.seed)
        for number in range(asked.pairs):
            order = list(SLOW_DOWNS)
            random.Random(f"{asked.seed}/{number}").shuffle(order)
            for kind, size in order:
                start = time.monotonic()
                session.replicate(number, kind, size)
                print(
                    f"pair {number + 1} of {asked.pairs}, {kind} {size:g}: {time.monotonic() - start:.0f} s", flush=True
                )
        for (kind, size), pairs in session.pairs.items():
            _write(FOLDER / f"pairs-{asked.name}-{kind}-{size:g}.jsonl.gz", session.header(kind, size), pairs)


class _Session:
    """The sides of every slow-down, and their pairs so far."""

    def __init__(self, folder: Path, threads: int, seed: int) -> None:
        patterns = (*(ONE_THREAD if threads == 1 else TWO_THREADS), *BY_WORK)
        self.settings = Settings(
            patterns,
            ("slowed-torch-eager-cpu", "slowed-onnxruntime-cpu"),
            threads=threads,
            sample_seconds=0.4,
            seed=seed,
        )
        self.base = _place(folder, "none", 0.0)
        self.sides = {
            which: Sides(self.base, _place(folder, *which), self.base, self.settings, 120.0) for which in SLOW_DOWNS
        }
        first = next(iter(self.sides.values()))
        found = survey(first, self.base)
        if found.refusals:
            sys.exit("; ".join(found.refusals.values()))
        self.environment = found.environment
        self.jobs = tuple(f for f in found.jobs if f.reason is None)
        # What touches time touches all, what touches work only what counts it; ONNX Runtime is for models and layers.
        self.pairs: dict[tuple[str, float], list[Pair]] = {which: [] for which in SLOW_DOWNS}

    def replicate(self, number: int, kind: str, size: float) -> None:
        jobs = tuple(f for f in self.jobs if _is_touched(f, kind))
        replicate = Replicate(1, number, jobs, control=False)
        run_replicate(self.sides[kind, size], replicate, self.pairs[kind, size].append)

    def header(self, kind: str, size: float) -> dict[str, Any]:
        sides = [
            Side("untouched", sys.executable, self.environment),
            Side(f"{kind} {size:g}", sys.executable, self.environment),
        ]
        duet = Duet(SCHEMA, PROTOCOL, __version__, time.time(), self.settings, *sides)
        return {**to_data(duet), "injected": size}


def _is_touched(found: Found, kind: str) -> bool:
    by_work = found.job.case.workload in BY_WORK
    if by_work or kind == "work":
        return by_work and found.job.backend == "slowed-torch-eager-cpu" and kind == "work"
    on_onnx = found.job.backend == "slowed-onnxruntime-cpu"
    return not on_onnx or found.job.case.workload in ("feed-forward", "transformer-layer", "bert-classify")


def _place(folder: Path, kind: str, size: float) -> Place:
    """An interpreter that says what it is to add."""
    path = folder / f"{kind}-{size:g}"
    path.write_text(f'#!/bin/sh\nSLOWED={kind}:{size} exec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    # What is cached of one amount of work, such as the reference, is not that of another.
    return Place(f"{kind} {size:g}", str(path), f"slowed-{kind}-{size:g}")


def _write(path: Path, header: dict[str, Any], pairs: list[Pair]) -> None:
    """Only what a rule is allowed to see: samples to six digits, and when."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=9) as file:
        file.write(json.dumps(header) + "\n")
        for pair in pairs:
            file.write(json.dumps(to_data(_lean(pair)), separators=(",", ":")) + "\n")
    print(f"{path}: {len(pairs)} pairs, {sum(not p.ok for p in pairs)} of them lost")


def _lean(pair: Pair) -> Pair:
    sides = []
    for record in (pair.base, pair.other):
        kept = tuple(
            dataclasses.replace(m, samples=_rounded(m.samples), cpu=_rounded(m.cpu), involuntary=())
            for m in record.measurements
            if m.metric == "time/latency"
        )
        sides.append(dataclasses.replace(record, measurements=kept, counters={}, notes={}, checks=(), log=""))
    return dataclasses.replace(pair, base=sides[0], other=sides[1])


def _rounded(samples: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(float(f"{x:.{_DIGITS}g}") for x in samples)


if __name__ == "__main__":
    main()
