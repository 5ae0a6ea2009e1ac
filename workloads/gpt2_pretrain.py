"""One step of pre-training GPT-2: forward, cross-entropy, backward, AdamW."""

from __future__ import annotations

from benchsuite import Case, TrainStep, Work, Workload
from workloads.gpt2 import ELEMENT_BYTES, VOCABULARY, Shape, causal_pairs


def build(case: Case) -> TrainStep:
    """Ids and labels of shape (B, T) from the corpus; no dropout, so that a step can be verified."""
    from workloads.corpus import token_ids
    from workloads.nets.gpt2 import adamw, gpt2, next_token_loss

    shape = Shape(case["layers"], case["width"])
    shape.check(case["seq"])
    ids_BT1 = token_ids(case["batch"], case["seq"] + 1, VOCABULARY)  # one more, for the last label
    inputs = (ids_BT1[:, :-1].contiguous(), ids_BT1[:, 1:].contiguous())
    module = gpt2(shape, attention="causal-sdpa").train()
    return TrainStep(module, inputs, next_token_loss, adamw)


def work(case: Case) -> Work:
    """Operations are three times those of a forward pass: backward has two products for each one of forward.

    Pairs that causality masks, scores that a kernel computes again in backward, and the optimizer's few operations a
    weight (under 2 % at 256 tokens) are not counted.
    Bytes, in fp32 (4 B): forward and backward each read the weights; gradients are written and read; AdamW reads and
    writes weights and both moments. Activations are not counted.
    """
    shape, batch, seq = Shape(case["layers"], case["width"]), case["batch"], case["seq"]
    forward = shape.layer_flops(batch * seq, batch * causal_pairs(seq)) + shape.output_flops(batch * seq)
    moved = 2 * shape.weights_read + (2 + 6) * shape.weights
    return Work(items=batch * seq, unit="tokens", flops=3 * forward, bytes=ELEMENT_BYTES * moved)


workload = Workload(
    name="gpt2-pretrain",
    summary="one training step of GPT-2 with AdamW",
    kind="training",
    program=TrainStep,
    axes={"batch": 1, "seq": 256, "layers": 12, "width": 768},
    presets={
        "smoke": {"batch": (1,), "seq": (32,), "layers": (2,), "width": (128,)},
        "quick": {"seq": (64,)},
        "full": {"seq": (256,)},
    },
    accelerated={"full": {"batch": (8, 32), "seq": (1024,)}},
    build=build,
    work=work,
    # The first optimizer imports torch._dynamo, about 1 s (torch 2.13): named here, that is not part of building.
    imports=("torch", "torch._dynamo", "tokenizers", "transformers.models.gpt2.modeling_gpt2"),
)
