"""Slow-downs of a known size, for recording what gates are scored on: one side of a duet sets SLOWED.

`time:0.05` spins after each call for 5 % of what it took; `work:0.05` does 5 % more of the same work, in the two
workloads that can.
"""

import os
import time
from dataclasses import dataclass
from typing import Any

from torch import nn

from benchsuite import Case, Forward, Phase, Work, Workload
from benchsuite.backends.onnxruntime import cpu as onnxruntime_cpu
from benchsuite.backends.torch_eager import cpu as torch_eager_cpu

_MOST_BETWEEN = 2_000  # nanoseconds


def share(kind: str) -> float:
    """How much of `kind` this process adds."""
    name, _, size = os.environ.get("SLOWED", "none:0").partition(":")
    return float(size) if name == kind else 0.0


@dataclass(frozen=True)
class Slowed:
    """Another backend, whose sessions take longer by a share of their own time."""

    inner: Any
    name: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def prepare(self, program: Any, precision: str, threads: int) -> Any:
        session = self.inner.prepare(program, precision, threads)
        session.phases = tuple(Phase(_slowed(p.run), p.units, p.metric) for p in session.phases)
        return session


def _slowed(run: Any) -> Any:
    """`run`, and a spin as long as a share of what it took; the side that adds nothing spins for nothing."""
    added = share("time")
    ended, between = 0, _MOST_BETWEEN

    def slowed() -> None:
        nonlocal ended, between
        start = time.perf_counter_ns()
        # What a call costs around it, at its least: a slow-down of the whole would slow that down, too.
        between = min(between, start - ended)
        run()
        end = time.perf_counter_ns()
        extra = int(added * (end - start + between))
        # From here on, not from the end of the call: the side that adds nothing has reckoned that, too.
        begin = time.perf_counter_ns()
        while time.perf_counter_ns() - begin < extra:
            pass
        ended = time.perf_counter_ns()

    return slowed


torch_eager = Slowed(torch_eager_cpu, "slowed-torch-eager-cpu")
onnxruntime = Slowed(onnxruntime_cpu, "slowed-onnxruntime-cpu")


def _rows(case: Case) -> Forward:
    import torch

    rows = round(case["rows"] * (1 + share("work")))
    return Forward(nn.Linear(case["width"], case["width"]), (torch.randn(rows, case["width"]),))


class _Calls(nn.Module):
    def __init__(self, calls: int) -> None:
        super().__init__()
        self.calls = calls

    def forward(self, x: Any) -> Any:
        for _ in range(self.calls):
            x = x.neg()
        return x


def _calls(case: Case) -> Forward:
    import torch

    return Forward(_Calls(round(case["calls"] * (1 + share("work")))), (torch.randn(case["width"]),))


more_rows = Workload(
    name="more-rows", summary="a dense layer", kind="kernel", program=Forward, axes={"rows": 1000, "width": 256},
    presets={}, build=_rows, work=lambda case: Work(case["rows"], "rows"),
)  # fmt: skip
more_calls = Workload(
    name="more-calls", summary="many small operators", kind="kernel", program=Forward,
    axes={"calls": 500, "width": 64}, presets={}, build=_calls, work=lambda case: Work(case["calls"], "calls"),
)  # fmt: skip
