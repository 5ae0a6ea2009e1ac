"""Self attention with its projections: several heads or one with tanh; a fused kernel or the plain formula."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from workloads.axes import is_fused, word


def build(case: Case) -> Forward:
    """Activations of shape (B, T, D) at unit scale, D = heads x head_dim. Raises UsageError for an unknown word.

    `variant=tanh-single-head` is one head of width D without a last projection: Q = K = tanh(x A + a) and
    V = tanh(x C + c). A query agrees best with its own key; A is drawn so small that the others still count.
    """
    from workloads.nets.attention import SelfAttention, TanhAttention
    from workloads.nets.weights import fill, keeping_scale, normal

    heads, head_dim, fused = case["heads"], case["head_dim"], is_fused(case)
    make = TanhAttention if _is_single(case) else SelfAttention
    module = make(heads, head_dim, fused=fused).eval()
    scale = keeping_scale(module)
    fill(module, lambda name: scale(name) * (0.5 if name == "query_key.weight" else 1.0))
    return Forward(module, (normal("x", case["batch"], case["seq"], heads * head_dim),))


def work(case: Case) -> Work:
    """B T (2 P D^2 + 4 T D) operations: P projections of D^2 multiply-adds a token, and two of D for every pair.

    P is 4, or 2 with a single head: one for queries and keys, one for values. Values: P (D^2 + D) weights read, the
    input read and the output written. The scores that the plain implementation stores are its own choice and are not
    counted.
    """
    tokens, width = case["batch"] * case["seq"], case["heads"] * case["head_dim"]
    projections = 2 if _is_single(case) else 4
    flops = tokens * (2 * projections * width**2 + 4 * case["seq"] * width)
    return Work(tokens, "tokens", flops=flops, values=projections * (width**2 + width) + 2 * tokens * width)


def _is_single(case: Case) -> bool:
    return word(case, "variant", "multi-head", "tanh-single-head") == "tanh-single-head"


workload = Workload(
    name="attention-self",
    summary="self attention with its projections",
    kind="kernel",
    program=Forward,
    axes={"batch": 4, "seq": 512, "heads": 12, "head_dim": 64, "variant": "multi-head", "implementation": "sdpa"},
    presets={
        "smoke": {
            "batch": (1,),
            "seq": (64,),
            "heads": (4,),
            "head_dim": (32,),
            "variant": ("multi-head", "tanh-single-head"),
        },
        "full": {"variant": ("multi-head", "tanh-single-head")},
        # So narrow that the square overtakes the projections well before the longest.
        "sweep": {
            "batch": (1,),
            "seq": (64, 128, 256, 512, 1024, 2048, 4096),
            "heads": (4,),
            "implementation": ("sdpa", "plain"),
        },
    },
    accelerated={
        "quick": {"batch": (16,), "seq": (1024,)},
        "full": {"batch": (16,), "seq": (2048,)},
        "sweep": {"batch": (1,), "seq": (8192, 16384), "heads": (4,)},
    },
    build=build,
    work=work,
)
