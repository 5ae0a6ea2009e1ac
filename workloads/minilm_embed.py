"""Sentence embeddings by the architecture of all-MiniLM-L6 (Wang et al. 2020; Reimers and Gurevych 2019)."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload
from workloads.bert import ID_BYTES, Shape

HEAD_DIM = 32


def build(case: Case) -> Forward:
    """Ids of shape (B, T) from the corpus, none of them padding."""
    from workloads.bert import VOCABULARY
    from workloads.corpus import token_ids
    from workloads.nets.bert import Embedder

    shape = Shape(case["layers"], case["width"], HEAD_DIM)
    shape.check(case["seq"])
    return Forward(Embedder(shape), (token_ids(case["batch"], case["seq"], VOCABULARY),))


def work(case: Case) -> Work:
    """L (24 D^2 B T + 4 D B T^2) operations; the mean over positions and its length are no product of matrices.

    Values: the weights of the layers, which are read in full, and B D written. Bytes: ids of 8 B.
    """
    shape, batch, seq = Shape(case["layers"], case["width"], HEAD_DIM), case["batch"], case["seq"]
    return Work(
        items=batch,
        unit="sequences",
        flops=shape.flops(batch, seq),
        bytes=ID_BYTES * batch * seq,
        values=shape.layer_weights + 2 * shape.width + batch * shape.width,
    )


workload = Workload(
    name="minilm-embed",
    summary="MiniLM embeds sequences of 128 tokens",
    kind="inference",
    program=Forward,
    axes={"batch": 16, "seq": 128, "layers": 6, "width": 384},
    presets={
        "smoke": {"batch": (1,), "seq": (16,), "layers": (2,), "width": (128,)},
        "full": {"batch": (1, 16)},
        # As short as queries are, so that one of them alone reads more than it computes.
        "sweep": {"batch": (1, 2, 4, 8, 16, 32), "seq": (8,)},
    },
    accelerated={"full": {"batch": (256,)}, "sweep": {"batch": (64, 128, 256, 512), "seq": (8,)}},
    build=build,
    work=work,
    imports=("torch", "tokenizers", "transformers.models.bert.modeling_bert"),
)
