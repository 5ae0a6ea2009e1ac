"""Whole synthetic runs for the reports: a laptop, and a server with an accelerator."""

from __future__ import annotations

from benchsuite.records import Check, Job, Record, Validity, Work
from benchsuite.store import Stored
from tests.fakes import CONTENDED, job, laptop, ok, rounds, server, stored

_MATMUL = Work(1, "products", flops=2 * 2048.0**3, bytes=3 * 4 * 2048.0**2)
_COPY = Work(1, "copies", bytes=2 * 2.0**28)
_READ = Work(2.0**28, "B", values=2.0**26)
_LAUNCH = Work(1, "launches", values=4)
_CROSSING = Work(2.0**28, "B", bytes=2.0**28)
_DISK = Work(2.0**27, "B", bytes=2.0**27, launches=0)
_LAYER = {8: Work(8 * 128, "tokens", 1.45e10, 2.8e7), 32: Work(32 * 128, "tokens", 5.8e10, 2.8e7)}
_GENERATE = Work(32, "tokens", 8e9, 1.6e10)
_LOOKUP = Work(4096, "lookups", bytes=4096 * 768 * 4 * 2.0)
_STARTING = {"time/import": 2.1, "time/build": 0.05, "time/prepare": 0.4, "time/first": 0.02, "memory/host_peak": 9e8}


def small() -> Stored:
    """Four jobs of one workload, two rounds, no ceilings."""
    jobs = [(backend, batch) for batch in (8, 32) for backend in ("torch-eager-cpu", "onnxruntime-cpu")]
    records: list[Record] = []
    for i, (backend, batch) in enumerate(jobs):
        records += rounds(_layer(backend, "fp32", batch), _LAYER[batch], _pace(0.01 * batch / (8 + i)), 2)
    return stored(records, laptop(), "small.jsonl")


def mixed(slower: float = 1.0, name: str = "laptop.jsonl") -> Stored:
    """Every status and a few doubts, ceilings, generation; all on a CPU, `slower` times as slow."""
    backends = {"torch-eager-cpu": 1.0, "torch-compile-cpu": 0.8, "onnxruntime-cpu": 0.805}
    records = rounds(job("matmul", size=2048), _MATMUL, _pace(0.12 * slower))
    records += rounds(job("memory-copy", mebibytes=256), _COPY, _pace(0.05 * slower))
    records += rounds(job("embedding", batch=32, width=768), _LOOKUP, _pace(0.0019 * slower), validity=(CONTENDED,))
    for backend, factor in backends.items():
        for batch in (8, 32):
            time = _pace(0.012 * batch * factor * slower)
            records += rounds(_layer(backend, "fp32", batch), _LAYER[batch], time)
    records += _generation(slower)
    records += _troubles()
    return stored(records, laptop(), name)


def accelerated() -> Stored:
    """About 30 jobs on a server with an accelerator, in four precisions."""
    records: list[Record] = []
    for precision, factor in {"fp32": 1.0, "tf32": 0.3, "bf16": 0.07}.items():
        records += rounds(job("matmul", "torch-eager-cuda", precision, size=2048), _MATMUL, _pace(3.4e-4 * factor))
    records += rounds(job("matmul", size=2048), _MATMUL, _pace(0.02))
    records += rounds(job("memory-copy", mebibytes=256), _COPY, _pace(0.01))
    records += rounds(job("memory-copy", "torch-eager-cuda", mebibytes=256), _COPY, _pace(1.9e-4))
    records += rounds(job("memory-read", "torch-eager-cuda", mebibytes=256), _READ, _pace(8.7e-5))
    for backend, time in {"torch-eager-cpu": 2e-6, "torch-eager-cuda": 4.1e-6, "torch-graph-cuda": 2.2e-6}.items():
        records += rounds(job("launch", backend), _LAUNCH, _pace(time))
    for memory, time in {"pinned": 4.8e-3, "pageable": 1.9e-2}.items():
        records += rounds(job("transfer-to-device", "torch-eager-cuda", memory=memory), _CROSSING, _pace(time))
    records += rounds(job("disk-read", mebibytes=128, block_kib=1024), _DISK, _pace(0.05))
    speeds = {"torch-eager-cuda": 1.0, "torch-compile-cuda": 0.8, "torch-graph-cuda": 0.7, "onnxruntime-cuda": 0.9}
    for batch in (8, 32):
        records += rounds(_layer("torch-eager-cpu", "fp32", batch), _LAYER[batch], _pace(1.3e-3 * batch))
        for backend, factor in speeds.items():
            for precision, gain in {"fp32": 1.0, "bf16": 0.35}.items():
                time = _pace(6e-5 * batch * factor * gain)
                records += rounds(_layer(backend, precision, batch), _LAYER[batch], time)
    return stored(records, server(), "server.jsonl")


def _generation(slower: float) -> list[Record]:
    case = job("gpt2-generate", batch=1, prompt=128, new_tokens=32)
    times = {"time/latency": 1.6, "time/prefill": 0.2, "time/per_token": 0.045, **_STARTING}
    return rounds(case, _GENERATE, {k: v * slower for k, v in times.items()})


def _troubles() -> list[Record]:
    wrong = Check("before", "output", 0.31, 1e-2, "fp32", passed=False)
    reason = "output differs from the reference: relative error 0.31, allowed 0.01"
    bf16 = [_layer(backend, "bf16", 8) for backend in ("torch-compile-cpu", "torch-eager-cpu")]
    drifting = (Validity("not-steady", 0.031, 0.01, "give it more time"), CONTENDED)
    records = [ok(bf16[0], _LAYER[8], _pace(0.001), 0), Record(bf16[0], 1, "wrong", reason, checks=(wrong,))]
    records += rounds(bf16[1], _LAYER[8], _pace(0.05), 3, validity=drifting)
    records += [Record(bf16[1], 3, "failed", "killed after 60 s without an answer")]
    for batch in (8, 32):
        for backend in ("torch-eager-cuda", "torch-compile-cuda"):
            records += [Record(_layer(backend, "fp32", batch), r, "skipped", "no NVIDIA device") for r in range(5)]
    records += [Record(job("gpt2-pretrain", batch=64), r, "failed", "out of memory: 31 GiB wanted") for r in range(5)]
    return records


def _layer(backend: str, precision: str, batch: int) -> Job:
    return job("transformer-layer", backend, precision, batch=batch, seq=128, width=768)


def _pace(time: float) -> dict[str, float]:
    return {"time/latency": 1.02 * time, "time/throughput": time, **_STARTING}
