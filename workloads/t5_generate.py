"""Greedy generation by T5: the encoder once, then one decoder token at a time over two key-value caches."""

from __future__ import annotations

from benchsuite import Case, Generate, Work, Workload
from benchsuite.errors import UsageError
from workloads.t5 import HEAD_DIM, START, VOCABULARY, Shape


def build(case: Case) -> Generate:
    """Source ids of shape (B, source) from the corpus. Raises UsageError where nothing is to be generated."""
    from workloads.corpus import token_ids
    from workloads.nets.t5 import t5

    shape, new_tokens = Shape(case["layers"], case["width"]), case["new"]
    shape.check()
    if new_tokens < 1:
        raise UsageError(f"new={new_tokens} leaves nothing to generate: choose new=1 or more")
    inputs = (token_ids(case["batch"], case["source"], VOCABULARY),)
    return Generate(t5(shape), inputs, new_tokens, (shape.layers, shape.heads, HEAD_DIM), START)


def work(case: Case) -> Work:
    """The encoder and the cross-attention's keys and values once; N passes of the decoder over one token.

    Pass n = 1, 2, ... sees n positions of its own and all S of the source. Values: every pass reads the decoder's
    weights and the output matrix, writes 2 D a layer of keys and values, and reads those of what it sees; the first
    pass also reads the encoder's weights and writes 2 D a layer and source position.
    """
    shape, batch, source, new = Shape(case["layers"], case["width"]), case["batch"], case["source"], case["new"]
    pairs = batch * (new * (new + 1) // 2 + new * source)
    weights = new * (shape.decoder_weights + VOCABULARY * shape.width) + shape.encoder_weights + shape.cross_weights
    cache = 2 * shape.layers * shape.width * (batch * (new + source) + pairs)
    return Work(
        items=batch * new,
        unit="tokens",
        flops=shape.source_flops(batch, source) + shape.target_flops(batch * new, pairs),
        values=weights + cache,
        launches=new,
    )


workload = Workload(
    name="t5-generate",
    summary="greedy generation by T5 with key-value caches",
    kind="generation",
    program=Generate,
    axes={"batch": 1, "source": 32, "new": 20, "layers": 6, "width": 512},
    presets={
        "smoke": {"source": (8,), "new": (4,), "layers": (2,), "width": (128,)},
        "full": {"batch": (1, 8)},
    },
    accelerated={"full": {"batch": (1, 8), "source": (256,), "new": (64,)}},
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.t5.modeling_t5"),
)
