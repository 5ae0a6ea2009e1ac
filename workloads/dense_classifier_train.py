"""One training step of the smallest classifier: 2 features, 1 sigmoid unit, 100 rows. What is left is overhead."""

from __future__ import annotations

from benchsuite import Case, TrainStep, Work, Workload
from workloads.bert import learning_bytes

FEATURES, WEIGHTS = 2, 3


def build(case: Case) -> TrainStep:
    """Points of shape (N, 2) and labels (N) that a line separates."""
    from workloads.nets.classifier import DenseClassifier, adam, binary_loss, separable_points

    return TrainStep(DenseClassifier().train(), separable_points(case["rows"]), binary_loss, adam)


def work(case: Case) -> Work:
    """Two products, of 2 N multiply-adds each: forward, and the gradient of the weights; the input needs none.

    Bytes, in fp32: the rows with their labels, read twice, and a step of Adam on 3 weights.
    """
    rows = case["rows"]
    read = 2 * 4 * (FEATURES + 1) * rows
    return Work(
        items=rows,
        unit="rows",
        flops=2 * 2 * FEATURES * rows,
        bytes=read + learning_bytes(WEIGHTS, WEIGHTS),
        launches=1,
    )


workload = Workload(
    name="dense-classifier-train",
    summary="one training step of a single sigmoid unit with Adam",
    kind="training",
    program=TrainStep,
    axes={"rows": 100},
    presets={"smoke": {}, "quick": {}, "full": {}},
    build=build,
    work=work,
    imports=("torch", "torch._dynamo"),
)
