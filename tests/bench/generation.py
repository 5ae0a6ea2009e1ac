"""GPT-2's decoding beside what memory can be read at, and beside `transformers`' own `generate()`, in one process.

Every way is made ready first, then all are timed in turn, over and over: a disturbance meets all of them. Shown are
medians: of the time a token, the bytes of weights that it reads over the rate at which a large tensor was summed, and
tokens per second of prefill and decoding together over those of `generate()` in fp32.

    python tests/bench/generation.py [ROUNDS] [WORKLOAD]
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import sys
import time
from collections.abc import Callable

import torch

from benchsuite import Generate, Unsupported
from benchsuite.backend import Session, call
from benchsuite.catalog import backends, workloads
from benchsuite.probe import physical_cores_usable
from benchsuite.records import Work

WAYS = [
    ("onnxruntime-cpu", "fp32"),
    ("torch-compile-cpu", "fp32"),
    ("torch-eager-cpu", "fp32"),
    ("torch-compile-cpu", "bf16"),
    ("torch-eager-cpu", "bf16"),
    ("onnxruntime-cpu", "int8"),
    ("torch-compile-cpu", "int8"),
]
READ_BYTES = 2**30
SHARE_WANTED, SPEEDUP_WANTED = 0.85, 2.5


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def prepared(build: Callable[[], Generate], threads: int) -> dict[tuple[str, str], Session]:
    sessions: dict[tuple[str, str], Session] = {}
    for name, precision in WAYS:
        if reason := backends()[name].missing() or backends()[name].refuses(Generate, precision):
            print(f"{name} {precision}: {reason}")
            continue
        try:
            sessions[name, precision] = backends()[name].prepare(build(), precision, threads)
        except Unsupported as reason:
            print(f"{name} {precision}: {reason}")
            continue
        call(sessions[name, precision])
    return sessions


def library(program: Generate) -> Callable[[], object]:
    ids_BT = program.inputs[0]
    options = {"max_new_tokens": program.new_tokens, "min_new_tokens": program.new_tokens, "do_sample": False}
    seen_BT = torch.ones_like(ids_BT)
    return lambda: program.module.generate(ids_BT, attention_mask=seen_BT, pad_token_id=0, **options)


def weight_bytes(work: Work, precision: str) -> float:
    """What one pass reads at least: a pass is a token here."""
    return dataclasses.replace(work, bytes=0).moved(precision) / work.launches


def main(rounds: int = 7, name: str = "gpt2-generate") -> int:
    threads = physical_cores_usable()
    workload = workloads()[name]
    case = next(iter(workload.cases({})))
    program = workload.build(case)
    work = workload.work(case)
    sessions = prepared(lambda: workload.build(case), threads)
    torch.set_num_threads(threads)
    generate, large = library(program), torch.ones(READ_BYTES // 4)
    generate()
    totals: dict[tuple[str, str], list[float]] = {way: [] for way in sessions}
    per_token: dict[tuple[str, str], list[float]] = {way: [] for way in sessions}
    rates, whole = [], []
    for _ in range(rounds):
        rates.append(READ_BYTES / min(seconds(large.sum) for _ in range(5)))
        whole.append(seconds(generate))
        for way, session in sessions.items():
            torch.set_grad_enabled(False)
            prefill, decode = session.phases
            call(session)
            first, rest = seconds(prefill.run), seconds(decode.run)
            totals[way].append(first + rest)
            per_token[way].append(rest / decode.units)
    rate, own = statistics.median(rates), statistics.median(whole)
    print(f"\n{case.id}, {threads} threads, {rounds} rounds, load {os.getloadavg()[0]:.1f}")
    print(f"memory read {rate / 1e9:.1f} GB/s (from {min(rates) / 1e9:.1f} to {max(rates) / 1e9:.1f})")
    print(f"transformers generate() fp32: {program.new_tokens / own:.1f} tokens/s")
    shares, speedups = {}, {}
    for way, taken in per_token.items():
        token, total = statistics.median(taken), statistics.median(totals[way])
        limit = weight_bytes(work, way[1]) / rate
        shares[way] = statistics.median(weight_bytes(work, way[1]) / r / t for r, t in zip(rates, taken, strict=True))
        speedups[way] = statistics.median(w / t for w, t in zip(whole, totals[way], strict=True))
        print(
            f"{way[0]:20} {way[1]:5} {token * 1e3:7.2f} ms a token (least {min(taken) * 1e3:.2f}, limit"
            f" {limit * 1e3:.2f}),"
            f" {100 * shares[way]:3.0f} % of the limit, {program.new_tokens / total:6.1f} tokens/s,"
            f" {speedups[way]:.2f} x generate()"
        )
    best_share = max(share for (_, precision), share in shares.items() if precision == "fp32")
    best_speedup = max(speedups.values())
    print(f"best fp32 share {100 * best_share:.0f} %, wanted {100 * SHARE_WANTED:.0f} %")
    print(f"best speed-up {best_speedup:.2f}, wanted {SPEEDUP_WANTED}")
    return int(best_share < SHARE_WANTED or best_speedup < SPEEDUP_WANTED)


if __name__ == "__main__":
    sys.exit(main(*(int(a) if a.isdigit() else a for a in sys.argv[1:])))
