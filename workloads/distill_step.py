"""One step of distilling BERT-base into a student of half its layers: both forward, the student's backward, AdamW."""

from __future__ import annotations

from benchsuite import Case, TrainStep, Work, Workload
from workloads.bert import ELEMENT_BYTES, POSITIONS, VOCABULARY, Shape, learning_bytes


def build(case: Case) -> TrainStep:
    """Ids of shape (B, T) from the corpus and labels of shape (B); the teacher is frozen, and nothing drops out."""
    from workloads.corpus import token_ids
    from workloads.nets.bert import finetuning_adamw
    from workloads.nets.distill import Distillation, distillation_loss
    from workloads.nets.weights import uniform

    student, teacher = _shapes(case)
    teacher.check(case["seq"])
    labels_B = (uniform("labels", case["batch"]) < 0.5).long()
    inputs = (token_ids(case["batch"], case["seq"], VOCABULARY), labels_B)
    return TrainStep(Distillation(student, teacher), inputs, distillation_loss, finetuning_adamw)


def work(case: Case) -> Work:
    """Three forward passes of the student, for forward and backward, and one of the teacher.

    Bytes are those of a step of Adam on the student, and the teacher's weights read once, in fp32 (4 B).
    """
    student, teacher = _shapes(case)
    batch, seq = case["batch"], case["seq"]
    passes = ((3, student), (1, teacher))
    flops = sum(times * (shape.flops(batch, seq) + shape.head_flops(batch)) for times, shape in passes)
    read = student.layer_weights + student.head_weights
    learnt = read + (VOCABULARY + POSITIONS + 2) * student.width  # tables, and the normalisation after them
    taught = ELEMENT_BYTES * (teacher.layer_weights + teacher.head_weights)
    return Work(items=batch, unit="sequences", flops=flops, bytes=learning_bytes(read, learnt) + taught)


def _shapes(case: Case) -> tuple[Shape, Shape]:
    return Shape(case["layers"], case["width"]), Shape(case["teacher_layers"], case["width"])


workload = Workload(
    name="distill-step",
    summary="one training step of a student with a teacher's soft labels",
    kind="training",
    program=TrainStep,
    axes={"batch": 16, "seq": 128, "layers": 6, "teacher_layers": 12, "width": 768},
    presets={
        "smoke": {"batch": (2,), "seq": (16,), "layers": (1,), "teacher_layers": (2,), "width": (128,)},
        "full": {"batch": (2,)},
    },
    accelerated={"full": {"batch": (16, 128)}},
    build=build,
    work=work,
    imports=(
        "torch",
        "torch._dynamo",
        "tokenizers",
        "transformers.models.bert.modeling_bert",
        "transformers.models.distilbert.modeling_distilbert",
    ),
)
