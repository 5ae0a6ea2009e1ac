"""Positions told to a transformer: sinusoids added to activations, or queries and keys turned."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from benchsuite.errors import UsageError
from workloads.axes import word


def build(case: Case) -> Forward:
    """Activations (B, T, heads x head_dim), or queries and keys (B, H, T, K), at unit scale.

    The tables are made in building, as models make them once for all layers: an iteration reads and applies them.
    Raises UsageError for an unknown kind, or a width that is no pairs of elements.
    """
    from workloads.nets.positions import Rotary, Sinusoidal
    from workloads.nets.weights import normal

    batch, seq, heads, head_dim = (case[axis] for axis in ("batch", "seq", "heads", "head_dim"))
    if head_dim % 2:
        raise UsageError(f"head_dim={head_dim} is not pairs of elements: choose an even number, such as head_dim=64")
    if _is_rotary(case):
        shape = batch, heads, seq, head_dim
        return Forward(Rotary(seq, head_dim).eval(), (normal("q", *shape), normal("k", *shape)))
    width = heads * head_dim
    return Forward(Sinusoidal(seq, width).eval(), (normal("x", batch, seq, width),))


def work(case: Case) -> Work:
    """No product of matrices; D = heads x head_dim.

    Values: sinusoidal 2 B T D and a table of T D; rotary 4 B T D, for queries and keys, and tables of 2 T K.
    """
    seq, width = case["seq"], case["heads"] * case["head_dim"]
    tokens = case["batch"] * seq
    if _is_rotary(case):
        return Work(items=tokens, unit="tokens", values=4 * tokens * width + 2 * seq * case["head_dim"])
    return Work(items=tokens, unit="tokens", values=2 * tokens * width + seq * width)


def _is_rotary(case: Case) -> bool:
    return word(case, "kind", "sinusoidal", "rotary") == "rotary"


workload = Workload(
    name="position-encoding",
    summary="sinusoids added to activations, or queries and keys turned",
    kind="kernel",
    program=Forward,
    axes={"batch": 16, "seq": 512, "heads": 12, "head_dim": 64, "kind": "sinusoidal"},
    presets={
        "smoke": {
            "batch": (1,),
            "seq": (32,),
            "heads": (2,),
            "head_dim": (32,),
            "kind": ("sinusoidal", "rotary"),
        },
        "full": {"kind": ("sinusoidal", "rotary")},
    },
    accelerated={"full": {"seq": (1024,), "kind": ("sinusoidal", "rotary")}},
    build=build,
    work=work,
)
