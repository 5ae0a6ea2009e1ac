"""Classification by BERT-base: sequences of 128 tokens to two labels."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from benchsuite.errors import UsageError
from workloads.bert import LABELS, Shape, classifying


def build(case: Case) -> Forward:
    """Ids of shape (B, T) from the corpus. Raises UsageError where `sparsity` is no percentage."""
    from workloads.bert import VOCABULARY
    from workloads.corpus import token_ids
    from workloads.nets.bert import Classifier
    from workloads.nets.pruning import prune

    shape, sparsity = Shape(case["layers"], case["width"]), case["sparsity"]
    shape.check(case["seq"])
    if sparsity >= 100:
        raise UsageError(f"sparsity={sparsity} leaves no weights: choose a percentage below 100, such as sparsity=50")
    module = Classifier(shape)
    prune(module, sparsity)
    return Forward(module, (token_ids(case["batch"], case["seq"], VOCABULARY),))


def work(case: Case) -> Work:
    """L (24 D^2 B T + 4 D B T^2) + 2 B (D^2 + 2 D) operations: layers, and the head on the first position.

    Weights that are zero are stored, read and multiplied as any other, so `sparsity` changes no count.
    """
    batch = case["batch"]
    return classifying(Shape(case["layers"], case["width"]), batch, case["seq"], outputs=LABELS * batch)


workload = Workload(
    name="bert-classify",
    summary="BERT-base classifies sequences of 128 tokens",
    kind="inference",
    program=Forward,
    axes={"batch": 1, "seq": 128, "sparsity": 0, "layers": 12, "width": 768},
    presets={
        "smoke": {"seq": (16,), "sparsity": (0, 50), "layers": (2,), "width": (128,)},
        "quick": {"batch": (1,)},
        "full": {"batch": (1, 16)},
        "sweep": {"batch": (4,), "layers": (4,), "width": (512,)},
    },
    accelerated={
        "quick": {"batch": (16,)},
        "full": {"batch": (128,)},
        "sweep": {"batch": (64,), "layers": (4,), "width": (512,)},
    },
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.bert.modeling_bert"),
)
