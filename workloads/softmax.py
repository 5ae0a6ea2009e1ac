"""Softmax over rows, such as the scores of attention."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload


def build(case: Case) -> Forward:
    """Standard normal scores of shape (rows, width)."""
    from torch import nn

    from workloads.nets.weights import normal

    return Forward(nn.Softmax(dim=-1), (normal("x", case["rows"], case["width"]),))


def work(case: Case) -> Work:
    """No product of matrices. Values: each score read once and each weight written once."""
    return Work(items=case["rows"], unit="rows", values=2 * case["rows"] * case["width"])


workload = Workload(
    name="softmax",
    summary="softmax over rows",
    kind="kernel",
    program=Forward,
    axes={"rows": 8192, "width": 1024},
    presets={"smoke": {"rows": (64,), "width": (128,)}, "full": {}},
    accelerated={"full": {"rows": (32768,)}},
    build=build,
    work=work,
)
