"""Cross-entropy of logits over the vocabulary of GPT-2 against the tokens of real text."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload


def build(case: Case) -> Forward:
    """Standard normal logits of shape (B T, V) and labels from the corpus; the loss of every token is kept."""
    from torch import nn

    from workloads.corpus import token_ids
    from workloads.nets.weights import normal

    batch, seq, vocabulary = case["batch"], case["seq"], case["vocabulary"]
    labels_N = token_ids(batch, seq, vocabulary).flatten()
    return Forward(nn.CrossEntropyLoss(reduction="none"), (normal("logits", batch * seq, vocabulary), labels_N))


def work(case: Case) -> Work:
    """No product of matrices. Each label of 8 B is read. Values: each logit read once and a token's loss written."""
    tokens = case["batch"] * case["seq"]
    return Work(items=tokens, unit="tokens", bytes=8 * tokens, values=tokens * (case["vocabulary"] + 1))


workload = Workload(
    name="cross-entropy",
    summary="cross-entropy over the vocabulary of GPT-2",
    kind="kernel",
    program=Forward,
    axes={"batch": 1, "seq": 256, "vocabulary": 50257},
    presets={"smoke": {"seq": (16,)}, "full": {}},
    accelerated={"full": {"batch": (4,), "seq": (1024,)}},
    build=build,
    work=work,
    imports=("torch", "tokenizers"),
)
