"""The harness against a bare loop: the same module, inputs and inner loop, in alternated blocks."""

from __future__ import annotations

import statistics
import time

from benchsuite.backend import Session
from benchsuite.catalog import backends, workloads
from benchsuite.measure.clock import Clock, resolution
from benchsuite.measure.loop import inner_loop
from benchsuite.measure.sample import latency
from benchsuite.records import Request
from benchsuite.workload import Forward

_BLOCKS = 24
_SAMPLES = 20


def overhead(request: Request) -> dict[str, object]:
    """Seconds of the timer's step, and for each block of AB BA the ratio of the harness's median to the bare loop's."""
    import torch

    assert request.job is not None
    torch.manual_seed(request.seed)
    program = workloads()[request.job.case.workload].build(request.job.case)
    assert isinstance(program, Forward)
    session = backends()[request.job.backend].prepare(program, request.job.precision, request.job.threads)
    clock = Clock()
    for _ in range(20):
        first = latency(session, 1, clock).wall
    iterations = inner_loop(first)
    _block(program, session, iterations, clock)
    ratios = [_block(program, session, iterations, clock) for _ in range(_BLOCKS)]
    return {"ratios": ratios, "timer_floor_seconds": resolution(clock)}


def _block(program: Forward, session: Session, iterations: int, clock: Clock) -> float:
    """Samples in AB BA order, so that a steady drift cancels; the ratio of the two medians."""
    bare, harness = [], []
    for i in range(_SAMPLES):
        for side in ("bare", "harness") if i % 2 else ("harness", "bare"):
            if side == "bare":
                bare.append(_bare(program, iterations))
            else:
                harness.append(latency(session, iterations, clock).wall)
    return statistics.median(harness) / statistics.median(bare)


def _bare(program: Forward, iterations: int) -> float:
    """What a careful person would write by hand."""
    module, inputs = program.module, program.inputs
    start = time.perf_counter()
    for _ in range(iterations):
        module(*inputs)
    return (time.perf_counter() - start) / iterations
