"""Causal attention over given queries, keys and values, without projections: the prefill of generation."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from workloads.axes import is_fused


def build(case: Case) -> Forward:
    """Queries, keys and values, each (B, H, T, K) at unit scale. Raises UsageError for an unknown implementation.

    The plain implementation adds up all T^2 pairs and masks by a table that is stored beforehand.
    """
    from workloads.nets.attention import DotProduct
    from workloads.nets.weights import normal

    shape = case["batch"], case["heads"], case["seq"], case["head_dim"]
    module = DotProduct(fused=is_fused(case), causal=case["seq"]).eval()
    return Forward(module, (normal("q", *shape), normal("k", *shape), normal("v", *shape)))


def work(case: Case) -> Work:
    """4 B H K T (T + 1) / 2 operations: K multiply-adds for a pair's score and K for its value.

    Only pairs in which no query looks ahead are counted; an implementation that computes all of them has a smaller
    share. Values: three inputs read and the output written.
    """
    heads, seq, head_dim = case["batch"] * case["heads"], case["seq"], case["head_dim"]
    pairs = heads * seq * (seq + 1) // 2
    tokens = case["batch"] * seq
    return Work(items=tokens, unit="tokens", flops=4 * head_dim * pairs, values=4 * heads * seq * head_dim)


workload = Workload(
    name="attention-causal",
    summary="causal attention as in the prefill of generation",
    kind="kernel",
    program=Forward,
    axes={"batch": 1, "seq": 1024, "heads": 12, "head_dim": 64, "implementation": "sdpa"},
    presets={
        "smoke": {"seq": (64,), "heads": (2,), "head_dim": (32,), "implementation": ("sdpa", "plain")},
        "quick": {},
        "full": {"implementation": ("sdpa", "plain")},
        "sweep": {"seq": (256, 512, 1024, 2048)},
    },
    accelerated={
        "quick": {"batch": (8,), "seq": (2048,)},
        "full": {"batch": (8,), "seq": (4096,)},
        "sweep": {"seq": (4096, 8192)},
    },
    build=build,
    work=work,
)
