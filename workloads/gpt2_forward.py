"""A forward pass of GPT-2: the logits of every position, as in scoring text."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from workloads.gpt2 import VOCABULARY, Shape, causal_pairs


def build(case: Case) -> Forward:
    """Ids of shape (B, T) from the corpus; the fused kernel is told to be causal, so that there is no mask."""
    from workloads.corpus import token_ids
    from workloads.nets.gpt2 import Logits, gpt2

    shape = Shape(case["layers"], case["width"])
    shape.check(case["seq"])
    module = Logits(gpt2(shape, attention="causal-sdpa"))
    return Forward(module.eval(), (token_ids(case["batch"], case["seq"], VOCABULARY),))


def work(case: Case) -> Work:
    """L (24 D^2 B T + 4 D B T (T + 1) / 2) + 2 V D B T operations; pairs that causality masks are not counted.

    Values: the weights, which are read in full, T rows of positions among them, and B T V logits written. Bytes: ids
    of 8 B.
    """
    shape, batch, seq = Shape(case["layers"], case["width"]), case["batch"], case["seq"]
    return Work(
        items=batch * seq,
        unit="tokens",
        flops=shape.layer_flops(batch * seq, batch * causal_pairs(seq)) + shape.output_flops(batch * seq),
        bytes=8 * batch * seq,
        values=shape.weights_read + seq * case["width"] + batch * seq * VOCABULARY,
    )


workload = Workload(
    name="gpt2-forward",
    summary="GPT-2 scores text: logits of every position",
    kind="inference",
    program=Forward,
    axes={"batch": 1, "seq": 256, "layers": 12, "width": 768},
    presets={
        "smoke": {"seq": (16,), "layers": (2,), "width": (128,)},
        "full": {},
        "sweep": {"layers": (6,), "width": (384,)},
    },
    accelerated={
        "full": {"batch": (16,), "seq": (1024,)},
        "sweep": {"batch": (4,), "seq": (1024,), "layers": (6,), "width": (384,)},
    },
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.gpt2.modeling_gpt2"),
)
