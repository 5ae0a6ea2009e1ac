"""One step of training a small language model over characters: forward, cross-entropy, backward, Adam."""

from __future__ import annotations

from benchsuite import Case, TrainStep, Work, Workload
from workloads.bert import learning_bytes
from workloads.char_lm import EMBEDDING, character_ids, characters, flops, weights
from workloads.gpt2 import causal_pairs


def build(case: Case) -> TrainStep:
    """Ids and labels of shape (B, T) from the corpus."""
    from workloads.nets.char_lm import CharacterModel, adam, next_character_loss

    ids_BT1 = character_ids(case["batch"], case["seq"] + 1)  # one more, for the last label
    inputs = (ids_BT1[:, :-1].contiguous(), ids_BT1[:, 1:].contiguous())
    return TrainStep(CharacterModel(len(characters()), case["seq"]).train(), inputs, next_character_loss, adam)


def work(case: Case) -> Work:
    """Operations are three times those of a forward pass: backward has two products for each one of forward.

    Bytes are those of a step of Adam; rows of the embedding that are read are left out.
    """
    batch, seq, vocabulary = case["batch"], case["seq"], len(characters())
    learnt = weights(vocabulary, seq)
    return Work(
        items=batch * seq,
        unit="characters",
        flops=3 * flops(batch * seq, batch * causal_pairs(seq), batch * seq, vocabulary),
        bytes=learning_bytes(learnt - vocabulary * EMBEDDING, learnt),
    )


workload = Workload(
    name="char-lm-train",
    summary="one training step of a small language model over characters",
    kind="training",
    program=TrainStep,
    axes={"batch": 32, "seq": 64},
    presets={"smoke": {"batch": (4,), "seq": (16,)}, "quick": {}, "full": {}},
    accelerated={"full": {"batch": (1024,)}},
    build=build,
    work=work,
    imports=("torch", "torch._dynamo"),
)
