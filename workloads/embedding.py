"""Embedding lookup: rows of a large table chosen by the tokens of real text."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload


def build(case: Case) -> Forward:
    """A table of `vocabulary` x `width`, and ids of shape (B, T) from the corpus."""
    from workloads.corpus import token_ids
    from workloads.nets.lookup import Lookup
    from workloads.nets.weights import normal

    table_VD = normal("table", case["vocabulary"], case["width"])
    return Forward(Lookup(table_VD), (token_ids(case["batch"], case["seq"], case["vocabulary"]),))


def work(case: Case) -> Work:
    """No arithmetic; B T ids of 8 B are read and B T rows of D values written.

    The rows that are read are left out: text repeats its tokens, so most come from a cache, and how many do not depends
    on the corpus. Counting every one would at most double what moves.
    """
    lookups = case["batch"] * case["seq"]
    return Work(items=lookups, unit="lookups", bytes=8 * lookups, values=lookups * case["width"])


workload = Workload(
    name="embedding",
    summary="rows of an embedding table, looked up by real text",
    kind="kernel",
    program=Forward,
    axes={"vocabulary": 50257, "width": 768, "batch": 8, "seq": 512},
    presets={
        "smoke": {"width": (64,), "batch": (1,), "seq": (64,)},
        "quick": {"batch": (8,), "seq": (512,)},
        "full": {"batch": (1, 8, 64), "seq": (128, 512)},
    },
    build=build,
    work=work,
    imports=("torch", "tokenizers"),
)
