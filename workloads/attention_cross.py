"""Multi-head cross attention with its projections: the positions of one sequence attend to those of another."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from workloads.axes import is_fused


def build(case: Case) -> Forward:
    """Activations (B, T, D) that ask and (B, S, D) that are asked, at unit scale. T = seq, S = memory.

    Raises UsageError for an unknown implementation.
    """
    from workloads.nets.attention import CrossAttention
    from workloads.nets.weights import fill, keeping_scale, normal

    heads, head_dim, batch = case["heads"], case["head_dim"], case["batch"]
    module = CrossAttention(heads, head_dim, fused=is_fused(case)).eval()
    fill(module, keeping_scale(module))
    x_BTD = normal("x", batch, case["seq"], heads * head_dim)
    return Forward(module, (x_BTD, normal("memory", batch, case["memory"], heads * head_dim)))


def work(case: Case) -> Work:
    """B (4 D^2 T + 4 D^2 S + 4 D T S) operations: two projections on each side, and two of D for every pair.

    Values: 4 D^2 + 4 D weights and both inputs read, the output written.
    """
    batch, seq, memory = case["batch"], case["seq"], case["memory"]
    width = case["heads"] * case["head_dim"]
    flops = batch * (4 * width**2 * (seq + memory) + 4 * width * seq * memory)
    values = 4 * width**2 + 4 * width + batch * width * (2 * seq + memory)
    return Work(items=batch * seq, unit="tokens", flops=flops, values=values)


workload = Workload(
    name="attention-cross",
    summary="multi-head cross attention with its projections",
    kind="kernel",
    program=Forward,
    axes={"batch": 4, "seq": 128, "memory": 512, "heads": 12, "head_dim": 64, "implementation": "sdpa"},
    presets={
        "smoke": {
            "batch": (1,),
            "seq": (24,),
            "memory": (64,),
            "heads": (4,),
            "head_dim": (32,),
            "implementation": ("plain",),
        },
        "full": {"implementation": ("sdpa", "plain")},
    },
    accelerated={"full": {"batch": (16,), "seq": (1024,), "memory": (2048,)}},
    build=build,
    work=work,
)
