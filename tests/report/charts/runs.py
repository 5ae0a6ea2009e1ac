"""Synthetic runs with sweeps, precisions and traces, whose charts are known beforehand."""

from __future__ import annotations

import dataclasses
import math

from benchsuite.records import Check, Job, Measurement, Record, Work
from benchsuite.store import Stored
from tests.fakes import job, rounds, server, stored

LENGTHS = (128, 256, 512, 1024, 2048, 4096)
BATCHES = (1, 2, 4, 8, 16, 32, 64)
SPEEDS = {
    "torch-eager-cpu": 1.0,
    "torch-compile-cpu": 0.8,
    "onnxruntime-cpu": 0.6,
    "torch-eager-cuda": 0.02,
    "torch-compile-cuda": 0.016,
    "torch-graph-cuda": 0.014,
    "onnxruntime-cuda": 0.018,
}
LAUNCHING = {
    "torch-eager-cuda": 4e-3, "torch-compile-cuda": 2.5e-3, "torch-graph-cuda": 5e-4, "onnxruntime-cuda": 2e-3,
}  # fmt: skip
ERRORS = {"fp32": 1e-6, "tf32": 3e-4, "bf16": 4e-3, "fp16": 6e-4, "int8": 3e-2}
GAINS = {"fp32": 1.0, "tf32": 2.2, "bf16": 4.1, "fp16": 4.0, "int8": 5.5}


def swept(name: str = "sweep.jsonl", slower: float = 1.0) -> Stored:
    """A server's sweep: attention over length grows as the square, BERT over the batch in proportion.

    On the CPU a BERT batch takes 1 ms an item; on the accelerator it takes a fixed time and a fiftieth of that.
    """
    records = _ceilings(slower)
    for backend, factor in SPEEDS.items():
        for length in LENGTHS:
            work = Work(length, "tokens", flops=3e3 * length**2, values=4096.0 * length)
            time = slower * (LAUNCHING.get(backend, 0.0) + factor * 2e-9 * length**2)
            records += rounds(job("attention-self", backend, seq=length, heads=12), work, _times(backend, time, length))
        for batch in BATCHES:
            work = Work(batch, "samples", flops=2.2e10 * batch, values=8.5e7)
            time = slower * (LAUNCHING.get(backend, 0.0) + factor * 1e-3 * batch)
            records += rounds(job("bert-classify", backend, batch=batch, seq=128), work, _times(backend, time, batch))
    records += _precisions(slower)
    return stored(records, server(), name)


def alike(count: int) -> list[Stored]:
    """Several machines, each somewhat slower than the one before."""
    hosts = [dataclasses.replace(server(), host=f"server-{i}") for i in range(count)]
    runs = [swept(f"{host.host}.jsonl", 1.15**i) for i, host in enumerate(hosts)]
    return [
        dataclasses.replace(run, run=dataclasses.replace(run.run, environment=host))
        for run, host in zip(runs, hosts, strict=True)
    ]


def traced(count: int = 4, samples: int = 60) -> Stored:
    """Three jobs of each of two backends: steady, restless and drifting, in that order of spread."""
    records = []
    for backend in ("torch-eager-cpu", "onnxruntime-cpu"):
        for workload, spread in {"softmax": 0.001, "layer-norm": 0.2, "embedding": 0.01}.items():
            records += [_trace(job(workload, backend, width=64), r, samples, spread) for r in range(count)]
    return stored(records)


def _trace(job: Job, round: int, samples: int, spread: float) -> Record:
    series = tuple(1e-3 * (1 + spread * math.sin(2.4 * i + round)) for i in range(samples))
    return Record(job, round, "ok", measurements=(Measurement.of("time/latency", series),))


def prepared(state: str) -> Record:
    """A job of ONNX Runtime that was prepared with a cache in this state: 8 s cold, 2 s warm."""
    number, seconds = (0, 8.0) if state == "cold" else (1, 2.0)
    measurements = (Measurement.of("time/latency", (0.01,)), Measurement.of("time/prepare", (seconds,)))
    return Record(
        job("softmax", "onnxruntime-cpu", width=64), number, "ok", measurements=measurements,
        notes={"onnx-cache": state},
    )  # fmt: skip


def _ceilings(slower: float) -> list[Record]:
    product, copy = Work(1, "products", flops=2 * 2048.0**3), Work(2.0**28, "B", bytes=2.0**28)
    records = rounds(job("matmul", size=2048), product, _times("torch-eager-cpu", 0.02 * slower, 0))
    records += rounds(job("memory-copy", mebibytes=256), copy, _times("torch-eager-cpu", 0.005 * slower, 0))
    copied = _times("torch-eager-cuda", 1e-4 * slower, 0)
    records += rounds(job("memory-copy", "torch-eager-cuda", mebibytes=256), copy, copied)
    for precision, gain in GAINS.items():
        times = _times("torch-eager-cuda", 3.4e-4 * slower / gain, 0)
        records += rounds(job("matmul", "torch-eager-cuda", precision, size=2048), product, times)
    return records


def _precisions(slower: float) -> list[Record]:
    records: list[Record] = []
    for workload in ("feed-forward", "gpt2-forward", "t5-forward", "minilm-embed"):
        for backend in ("torch-eager-cuda", "torch-compile-cuda", "onnxruntime-cuda"):
            for precision, error in ERRORS.items():
                if (backend, precision) == ("onnxruntime-cuda", "int8"):
                    continue
                work = Work(32, "samples", flops=1e11, values=1e8)
                times = _times(backend, slower * SPEEDS[backend] / GAINS[precision], 0)
                check = Check("before", "output", error * (1 + len(workload) / 10), 1.0, "float64", passed=True)
                found = rounds(job(workload, backend, precision, batch=32), work, times)
                records += [dataclasses.replace(record, checks=(check,)) for record in found]
    return records


def _times(backend: str, time: float, size: int) -> dict[str, float]:
    times = {"time/latency": time, "time/throughput": time, "time/first": 3 * time + 1e-3, "time/prepare": 0.5}
    times["memory/host_peak"] = 9e8 + 1e6 * size
    if backend.endswith("cuda"):
        times["memory/device_peak"] = 2e8 + 4e6 * size
    return times
