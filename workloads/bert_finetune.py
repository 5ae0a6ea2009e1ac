"""One step of fine-tuning BERT-base to classify: forward, cross-entropy, backward, AdamW."""

from __future__ import annotations

from benchsuite import Case, TrainStep, Work, Workload
from workloads.bert import Shape, learning_bytes


def build(case: Case) -> TrainStep:
    """Ids of shape (B, T) from the corpus and labels of shape (B); no dropout, so that a step can be verified."""
    from workloads.bert import VOCABULARY
    from workloads.corpus import token_ids
    from workloads.nets.bert import Classifier, classification_loss, finetuning_adamw
    from workloads.nets.weights import uniform

    shape, batch = Shape(case["layers"], case["width"]), case["batch"]
    shape.check(case["seq"])
    labels_B = (uniform("labels", batch) < 0.5).long()
    inputs = (token_ids(batch, case["seq"], VOCABULARY), labels_B)
    return TrainStep(Classifier(shape).train(), inputs, classification_loss, finetuning_adamw)


def work(case: Case) -> Work:
    """Three times the operations of a forward pass: backward has two products for each one of forward.

    Bytes are those of a step of Adam; a pass reads the layers' weights in full, and some rows of the tables.
    """
    shape, batch, seq = Shape(case["layers"], case["width"]), case["batch"], case["seq"]
    flops = 3 * (shape.flops(batch, seq) + shape.head_flops(batch))
    read, learnt = (weights + shape.head_weights for weights in (shape.layer_weights, shape.encoder_weights))
    return Work(items=batch, unit="sequences", flops=flops, bytes=learning_bytes(read, learnt))


workload = Workload(
    name="bert-finetune",
    summary="one step of fine-tuning BERT-base to classify, with AdamW",
    kind="training",
    program=TrainStep,
    axes={"batch": 16, "seq": 128, "layers": 12, "width": 768},
    presets={
        "smoke": {"batch": (2,), "seq": (16,), "layers": (2,), "width": (128,)},
        "full": {"batch": (4,)},
        "sweep": {"batch": (4,), "layers": (4,), "width": (512,)},
    },
    accelerated={
        "quick": {"batch": (128,)},
        "full": {"batch": (16, 128)},
        "sweep": {"batch": (64,), "layers": (4,), "width": (512,)},
    },
    build=build,
    work=work,
    # The first optimizer imports torch._dynamo, about 1 s (torch 2.13): named here, that is not part of building.
    imports=("torch", "torch._dynamo", "tokenizers", "transformers.models.bert.modeling_bert"),
)
