"""A forward pass of T5: the encoder on a source text, the decoder on a target text, logits at every position."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from workloads.t5 import VOCABULARY, Shape


def build(case: Case) -> Forward:
    """Source and target ids of shape (B, T) each from the corpus. Raises UsageError for a width of no whole heads."""
    from workloads.corpus import token_ids
    from workloads.nets.t5 import Translator, shifted

    batch, seq, shape = case["batch"], case["seq"], Shape(case["layers"], case["width"])
    shape.check()
    both_BS = token_ids(batch, 2 * seq, VOCABULARY)
    return Forward(Translator(shape), (both_BS[:, :seq].contiguous(), shifted(both_BS[:, seq:])))


def work(case: Case) -> Work:
    """Operations of both stacks and of the output matrix at every target position; masked pairs are not counted.

    Values: the weights read, logits of V a target position written. Ids are 8 B each.
    """
    batch, seq, shape = case["batch"], case["seq"], Shape(case["layers"], case["width"])
    tokens = batch * seq
    return Work(
        items=tokens,
        unit="tokens",
        flops=shape.forward_flops(batch, seq, seq),
        bytes=8 * 2 * tokens,
        values=shape.weights + tokens * VOCABULARY,
    )


workload = Workload(
    name="t5-forward",
    summary="a forward pass of T5, encoder and decoder",
    kind="inference",
    program=Forward,
    axes={"batch": 8, "seq": 128, "layers": 6, "width": 512},
    presets={
        "smoke": {"batch": (1,), "seq": (16,), "layers": (2,), "width": (128,)},
        "full": {"batch": (1, 8)},
    },
    accelerated={"full": {"batch": (64,), "seq": (512,)}},
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.t5.modeling_t5"),
)
