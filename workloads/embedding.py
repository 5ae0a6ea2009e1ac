"""Embedding lookup: rows of a large table chosen by the tokens of real text, and the gradient of that table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchsuite import Case, Forward, Work, Workload
from workloads.axes import word

if TYPE_CHECKING:
    from torch import Tensor


def build(case: Case) -> Forward:
    """A table of `vocabulary` x `width`, and ids of shape (B, T) from the corpus or uniformly drawn.

    With `direction=backward` also gradients of the rows (B, T, D), from which the table's own is made.
    Raises UsageError for an unknown word.
    """
    from workloads.nets.lookup import Lookup, LookupWithGradient
    from workloads.nets.weights import normal

    batch, seq, width = case["batch"], case["seq"], case["width"]
    table_VD, ids_BT = normal("table", case["vocabulary"], width), _ids(case)
    if _is_backward(case):
        return Forward(LookupWithGradient(table_VD), (ids_BT, normal("gradient", batch, seq, width)))
    return Forward(Lookup(table_VD), (ids_BT,))


def work(case: Case) -> Work:
    """No product of matrices; N = B T ids of 8 B are read and N rows of D values written.

    Rows that are read: uniform ids name V (1 - (1 - 1/V)^N) different rows on average, which come from memory. Text
    repeats its tokens, so most come from a cache, and how many do not depends on the corpus: none is counted.
    Backward reads N more rows and writes the gradient of the whole table, V D values, most of them zero.
    """
    vocabulary, width, lookups = case["vocabulary"], case["width"], case["batch"] * case["seq"]
    rows: float = lookups
    if _is_uniform(case):
        rows += vocabulary * (1 - (1 - 1 / vocabulary) ** lookups)
    if _is_backward(case):
        rows += lookups + vocabulary
    return Work(items=lookups, unit="lookups", bytes=8 * lookups, values=rows * width)


def _ids(case: Case) -> Tensor:
    import torch

    from workloads.corpus import token_ids
    from workloads.nets.weights import uniform

    batch, seq, vocabulary = case["batch"], case["seq"], case["vocabulary"]
    if _is_uniform(case):
        return (uniform("ids", batch, seq).double() * vocabulary).to(torch.int64)
    return token_ids(batch, seq, vocabulary)


def _is_backward(case: Case) -> bool:
    return word(case, "direction", "forward", "backward") == "backward"


def _is_uniform(case: Case) -> bool:
    return word(case, "ids", "text", "uniform") == "uniform"


workload = Workload(
    name="embedding",
    summary="rows of an embedding table, and the gradient of that table",
    kind="kernel",
    program=Forward,
    axes={"vocabulary": 50257, "width": 768, "batch": 16, "seq": 512, "direction": "forward", "ids": "text"},
    presets={
        "smoke": {"width": (32,), "batch": (1,), "seq": (64,), "direction": ("forward", "backward")},
        "quick": {},
        "full": {"direction": ("forward", "backward")},
    },
    accelerated={
        "quick": {"batch": (64,)},
        "full": {"batch": (64,), "direction": ("forward", "backward"), "ids": ("text", "uniform")},
    },
    build=build,
    work=work,
    imports=("torch", "tokenizers"),
)
