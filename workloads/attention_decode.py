"""Attention of one new token to a long cache of keys and values: what a step of generation reads beside the weights."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from benchsuite.errors import UsageError
from workloads.axes import is_fused


def build(case: Case) -> Forward:
    """Queries (B, H, K), and keys and values (B, G, S, K) at unit scale. G = kv_heads, S = seq.

    Raises UsageError for an unknown implementation, and where heads cannot share the cache's heads evenly.
    """
    from workloads.nets.attention import DecodeAttention
    from workloads.nets.weights import normal

    batch, heads, kv_heads, head_dim = (case[axis] for axis in ("batch", "heads", "kv_heads", "head_dim"))
    if kv_heads < 1 or heads % kv_heads:
        raise UsageError(f"kv_heads={kv_heads} does not divide heads={heads}: choose a divisor, such as kv_heads=1")
    cache = batch, kv_heads, case["seq"], head_dim
    module = DecodeAttention(fused=is_fused(case)).eval()
    return Forward(module, (normal("q", batch, heads, head_dim), normal("k", *cache), normal("v", *cache)))


def work(case: Case) -> Work:
    """4 B H S K operations: K multiply-adds for a pair's score and K for its value.

    Values: 2 B G S K of the cache read once, however many heads share it; queries read and the output written.
    """
    batch, heads, seq, head_dim = case["batch"], case["heads"], case["seq"], case["head_dim"]
    values = 2 * batch * case["kv_heads"] * seq * head_dim + 2 * batch * heads * head_dim
    return Work(items=batch, unit="tokens", flops=4 * batch * heads * seq * head_dim, values=values)


workload = Workload(
    name="attention-decode",
    summary="attention of one new token to a long key-value cache",
    kind="kernel",
    program=Forward,
    axes={"batch": 16, "seq": 2048, "heads": 12, "kv_heads": 12, "head_dim": 64, "implementation": "sdpa"},
    presets={
        "smoke": {
            "batch": (2,),
            "seq": (128,),
            "heads": (4,),
            "kv_heads": (2,),
            "head_dim": (32,),
            "implementation": ("sdpa", "plain"),
        },
        "quick": {},
        "full": {"kv_heads": (12, 3)},
        "sweep": {"seq": (512, 1024, 2048)},
    },
    # Heads of 128 as in current models; at its largest a cache of half a billion numbers.
    accelerated={
        "quick": {"batch": (32,), "heads": (32,), "kv_heads": (8,), "head_dim": (128,), "seq": (8192,)},
        "full": {"batch": (16,), "heads": (32,), "kv_heads": (32, 8), "head_dim": (128,), "seq": (4096,)},
        "sweep": {"seq": (4096, 8192)},
    },
    build=build,
    work=work,
)
