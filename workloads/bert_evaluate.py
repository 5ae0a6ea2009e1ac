"""Evaluation of a fine-tuned BERT-base: the loss of a labelled batch, and the logits that tell its accuracy."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from workloads.bert import LABELS, Shape, classifying


def build(case: Case) -> Forward:
    """The model and the batch of `bert-finetune`.

    Note: accuracy itself is no output. It jumps where two logits are close, so that rounding alone could change it.
    """
    import dataclasses

    from workloads import bert_finetune
    from workloads.nets.bert import Evaluation

    training = bert_finetune.build(dataclasses.replace(case, workload="bert-finetune"))
    return Forward(Evaluation(training.module).eval(), training.inputs)


def work(case: Case) -> Work:
    """L (24 D^2 B T + 4 D B T^2) + 2 B (D^2 + 2 D) operations, as in `bert-classify`; labels are read, 8 B each."""
    batch = case["batch"]
    done = classifying(Shape(case["layers"], case["width"]), batch, case["seq"], outputs=LABELS * batch + 1)
    return Work(done.items, done.unit, done.flops, done.bytes + 8 * batch, done.values)


workload = Workload(
    name="bert-evaluate",
    summary="loss and logits of BERT-base on a labelled batch",
    kind="inference",
    program=Forward,
    axes={"batch": 16, "seq": 128, "layers": 12, "width": 768},
    presets={
        "smoke": {"batch": (2,), "seq": (16,), "layers": (2,), "width": (128,)},
        "full": {"batch": (4,)},
        "sweep": {"batch": (4,), "layers": (4,), "width": (512,)},
    },
    accelerated={"full": {"batch": (16, 128)}, "sweep": {"batch": (64,), "layers": (4,), "width": (512,)}},
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.bert.modeling_bert"),
)
