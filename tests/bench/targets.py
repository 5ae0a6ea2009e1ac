"""What the catalogue is to reach on a CPU, judged from one stored run, whose rounds took the jobs in turns.

benchsuite run matmul memory-copy memory-read bert-classify/batch=16 gpt2-pretrain --backend '*-cpu' \
    --precision fp32 --precision bf16 --rounds 5 --output targets.jsonl
python tests/bench/targets.py targets.jsonl
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchsuite.analysis import Estimate, ceilings, ratio, share, summarize
from benchsuite.analysis.summary import Summary
from benchsuite.store import read

SHARES, TRAINING = {"fp32": 0.85, "bf16": 0.65}, 1.0


def of(summaries: Sequence[Summary], workload: str, precision: str) -> list[Summary]:
    """Jobs with results, fastest first."""
    found = [s for s in summaries if s.job.case.workload == workload and s.job.precision == precision]
    return sorted((s for s in found if "time/latency" in s.estimates), key=lambda s: s.estimates["time/latency"].value)


def classify(summaries: Sequence[Summary], precision: str) -> bool:
    reached = False
    for job in of(summaries, "bert-classify", precision):
        found = share(job, ceilings(summaries))
        assert found is not None
        what = f"bert-classify batch {job.job.case['batch']}, {job.job.backend} {precision}, of {found.limiter}"
        reached |= said(what, found.value, SHARES[precision])
    return reached


def training(summaries: Sequence[Summary]) -> bool:
    sides = {s.job.backend: s.estimates["time/latency"] for s in of(summaries, "gpt2-pretrain", "fp32")}
    found = ratio(sides["torch-eager-cpu"], sides["onnxruntime-cpu"])
    assert found is not None
    return said("gpt2-pretrain, torch-eager-cpu's time over onnxruntime-cpu's", found, TRAINING)


def said(what: str, found: Estimate, wanted: float) -> bool:
    reached, low, high = found.value >= wanted, found.low or 0.0, found.high or float("inf")
    word = "reached" if reached else "short  "
    print(f"{word} {found.value:.2f} ({low:.2f} to {high:.2f}), wanted {wanted:.2f}: {what}")
    return reached


def main(path: str) -> int:
    """Every target must be reached by some backend."""
    summaries = summarize(read(Path(path)).records)
    return int(not all([training(summaries), *(classify(summaries, precision) for precision in SHARES)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
