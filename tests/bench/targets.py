"""The catalogue's targets on a CPU, judged from one stored run, whose rounds took the jobs in turns.

    benchsuite run matmul memory-copy memory-read bert-classify/batch=16 gpt2-generate/batch=1 gpt2-pretrain \
        --backend '*-cpu' --precision fp32 --precision bf16 --precision int8 --rounds 5 --output targets.jsonl
    python tests/bench/targets.py targets.jsonl

What transformers' own `generate()` takes is measured by `generation.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchsuite.analysis import Ceilings, ceilings, ratio, share, summarize
from benchsuite.analysis.summary import Summary
from benchsuite.store import read
from workloads.gpt2 import Shape

DECODE_SHARE, BERT_SHARES, TRAINING = 0.85, {"fp32": 0.85, "bf16": 0.65}, 1.0


def of(summaries: Sequence[Summary], workload: str, precision: str, metric: str = "time/latency") -> list[Summary]:
    """Jobs with results, fastest first."""
    found = [s for s in summaries if s.job.case.workload == workload and s.job.precision == precision]
    return sorted((s for s in found if metric in s.estimates), key=lambda s: s.estimates[metric].value)


def decode(summaries: Sequence[Summary], limits: Ceilings) -> bool:
    """One token reads every weight and the cache; its share is of the best rate at which memory was read or copied."""
    best = of(summaries, "gpt2-generate", "fp32", "time/per_token")[0]
    axes = best.job.case.axes
    shape = Shape(int(axes["layers"]), int(axes["width"]))
    seen = (int(axes["prompt"]) + int(axes["length"])) / 2
    moved = 4 * (shape.weights_read + 2 * shape.layers * shape.width * seen)
    rate = limits.bytes["cpu"].rate
    reached = moved / rate.value / best.estimates["time/per_token"].value
    return said(
        f"gpt2-generate decode, {best.job.backend} fp32", reached, DECODE_SHARE, f"of {rate.value / 1e9:.1f} GB/s"
    )


def classify(summaries: Sequence[Summary], limits: Ceilings, precision: str) -> bool:
    best = of(summaries, "bert-classify", precision)[0]
    found = share(best, limits)
    assert found is not None
    name = f"bert-classify batch {best.job.case['batch']}, {best.job.backend} {precision}"
    return said(name, found.value.value, BERT_SHARES[precision], f"of {found.limiter}")


def training(summaries: Sequence[Summary]) -> bool:
    sides = {s.job.backend: s for s in of(summaries, "gpt2-pretrain", "fp32")}
    eager, onnx = (sides[f"{name}-cpu"].estimates["time/latency"] for name in ("torch-eager", "onnxruntime"))
    found = ratio(eager, onnx)
    assert found is not None
    low, high = found.low or 0.0, found.high or float("inf")
    return said("gpt2-pretrain, onnxruntime over torch eager", found.value, TRAINING, f"({low:.2f} to {high:.2f})")


def precisions(summaries: Sequence[Summary]) -> None:
    """For comparison; the target is against transformers' own generate()."""
    base = of(summaries, "gpt2-generate", "fp32", "time/per_token")
    for precision in ("fp32", "bf16", "int8"):
        for s in of(summaries, "gpt2-generate", precision, "time/per_token"):
            times = base[-1].estimates["time/per_token"].value / s.estimates["time/per_token"].value
            print(f"        {s.job.backend} {precision}: {times:.2f} times the slowest fp32 decode")


def said(what: str, found: float, wanted: float, of_what: str) -> bool:
    print(f"{'reached' if found >= wanted else 'SHORT  '} {what}: {found:.2f} {of_what}, wanted {wanted:.2f}")
    return found >= wanted


def main(path: str) -> int:
    summaries = summarize(read(Path(path)).records)
    limits = ceilings(summaries)
    reached = [decode(summaries, limits), training(summaries)]
    reached += [classify(summaries, limits, precision) for precision in BERT_SHARES]
    precisions(summaries)
    return int(not all(reached))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
