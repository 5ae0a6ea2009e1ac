"""One step of training T5: encoder and decoder forward, cross-entropy, backward, AdamW."""

from __future__ import annotations

from benchsuite import Case, TrainStep, Work, Workload
from workloads.bert import learning_bytes
from workloads.t5 import VOCABULARY, Shape


def build(case: Case) -> TrainStep:
    """Source, target and label ids of shape (B, T) each from the corpus; the target is the labels shifted right."""
    from workloads.corpus import token_ids
    from workloads.nets.t5 import Translator, adamw, shifted, translation_loss

    batch, seq, shape = case["batch"], case["seq"], Shape(case["layers"], case["width"])
    shape.check()
    both_BS = token_ids(batch, 2 * seq, VOCABULARY)
    source_BS, labels_BT = both_BS[:, :seq].contiguous(), both_BS[:, seq:].contiguous()
    inputs = (source_BS, shifted(labels_BT), labels_BT)
    return TrainStep(Translator(shape).train(), inputs, translation_loss, adamw)


def work(case: Case) -> Work:
    """Operations are three times those of a forward pass: backward has two products for each one of forward.

    Bytes are those of a step of Adam; activations are not counted.
    """
    batch, seq, shape = case["batch"], case["seq"], Shape(case["layers"], case["width"])
    return Work(
        items=batch * seq,
        unit="tokens",
        flops=3 * shape.forward_flops(batch, seq, seq),
        bytes=learning_bytes(shape.weights, shape.weights),
    )


workload = Workload(
    name="t5-train",
    summary="one training step of T5 with AdamW",
    kind="training",
    program=TrainStep,
    axes={"batch": 4, "seq": 64, "layers": 6, "width": 512},
    presets={
        "smoke": {"batch": (1,), "seq": (16,), "layers": (1,), "width": (64,)},
        "full": {"batch": (4,)},
    },
    accelerated={"full": {"batch": (64,), "seq": (256,)}},
    build=build,
    work=work,
    imports=("torch", "torch._dynamo", "tokenizers", "transformers.models.t5.modeling_t5"),
)
