"""Families: workloads that a report shows together, in the order in which it shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchsuite.report.sheet import Row


@dataclass(frozen=True)
class Family:
    """A group of workloads. `name` is fit for a file or an anchor."""

    name: str
    title: str
    workloads: tuple[str, ...] = ()


OTHERS = Family("others", "Other workloads")
FAMILIES = (
    Family(
        "ceilings",
        "Ceilings",
        ("matmul", "memory-copy", "memory-read", "launch", "transfer-to-device", "transfer-from-device", "disk-read"),
    ),
    Family(
        "kernels",
        "Kernels and layers",
        (
            "embedding", "position-encoding", "rnn", "attention-self", "attention-cross", "attention-causal",
            "attention-decode", "feed-forward", "layer-norm", "softmax", "cross-entropy", "transformer-layer",
            "decoder-layer",
        ),
    ),
    Family(
        "inference",
        "Models: inference",
        ("bert-classify", "bert-evaluate", "gpt2-forward", "t5-forward", "minilm-embed", "model-forward"),
    ),
    Family(
        "training",
        "Models: training",
        (
            "dense-classifier-train", "char-lm-train", "rnn-train", "bert-finetune", "bert-pretrain", "gpt2-pretrain",
            "t5-train", "distill-step",
        ),
    ),
    Family(
        "generation",
        "Models: generation",
        ("gpt2-generate", "t5-generate", "llama-generate", "char-lm-generate", "model-generate"),
    ),
    Family("around", "Around the model", ("tokenize", "dataloader", "cold-start")),
    OTHERS,
)  # fmt: skip
_OF = {workload: family for family in FAMILIES for workload in family.workloads}


def family(workload: str) -> Family:
    """The family of a workload; what a stranger has added is among the others."""
    return _OF.get(workload, OTHERS)


def by_family(rows: Iterable[Row]) -> dict[Family, list[Row]]:
    """Rows of each family that has any, families in order, rows in the order given."""
    found: dict[Family, list[Row]] = {each: [] for each in FAMILIES}
    for row in rows:
        found[family(row.summary.job.case.workload)].append(row)
    return {each: members for each, members in found.items() if members}
