"""Multi-head self attention with its projections: one fused kernel, or the textbook's three steps."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from benchsuite.errors import UsageError


def build(case: Case) -> Forward:
    """Activations of shape (B, T, heads x head_dim) at unit scale. Raises UsageError for an unknown implementation."""
    from workloads.nets.attention import SelfAttention
    from workloads.nets.weights import fill, keeping_scale, normal

    implementation = case.choice("implementation")
    if implementation not in ("sdpa", "plain"):
        raise UsageError(f"implementation={implementation} is unknown: choose implementation=sdpa or plain")
    heads, head_dim = case["heads"], case["head_dim"]
    module = SelfAttention(heads, head_dim, fused=implementation == "sdpa").eval()
    fill(module, keeping_scale(module))
    return Forward(module, (normal("x", case["batch"], case["seq"], heads * head_dim),))


def work(case: Case) -> Work:
    """B T (8 D^2 + 4 T D) operations: four projections of D^2 multiply-adds a token, and two of D for every pair.

    Values: 4 D^2 + 4 D weights read, the input read and the output written. The scores that the plain
    implementation stores are its own choice, not the task's, and are not counted.
    """
    tokens, width = case["batch"] * case["seq"], case["heads"] * case["head_dim"]
    flops = tokens * (8 * width**2 + 4 * case["seq"] * width)
    return Work(items=tokens, unit="tokens", flops=flops, values=4 * width**2 + 4 * width + 2 * tokens * width)


workload = Workload(
    name="attention-self",
    summary="multi-head self attention with its four projections",
    kind="kernel",
    program=Forward,
    axes={"batch": 4, "seq": 512, "heads": 12, "head_dim": 64, "implementation": "sdpa"},
    presets={
        "smoke": {"batch": (1,), "seq": (64,), "heads": (4,), "head_dim": (32,), "implementation": ("sdpa", "plain")},
        "quick": {},
        "full": {"seq": (128, 512, 2048), "implementation": ("sdpa", "plain")},
    },
    build=build,
    work=work,
)
