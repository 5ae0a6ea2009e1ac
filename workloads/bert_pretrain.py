"""One step of pre-training BERT-base on masked tokens: forward, cross-entropy, backward, AdamW."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchsuite import Case, TrainStep, Work, Workload
from workloads.bert import VOCABULARY, Shape, learning_bytes

if TYPE_CHECKING:
    from torch import Tensor

MASK_ID = 103  # of the published vocabulary


def build(case: Case) -> TrainStep:
    """Ids (B, T) from the corpus with masks, masked positions (B, M) and what was there (B, M); no dropout.

    M is 15 % of T, the same number in every sequence, so that shapes are static (as in the authors' own code).
    """
    from workloads.corpus import token_ids
    from workloads.nets.bert import MaskedWords, masked_loss, pretraining_adamw

    shape = Shape(case["layers"], case["width"])
    shape.check(case["seq"])
    inputs = masked(token_ids(case["batch"], case["seq"], VOCABULARY))
    return TrainStep(MaskedWords(shape).train(), inputs, masked_loss, pretraining_adamw)


def masked(ids_BT: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The ids with 15 % of each row replaced, where (B, M), and by what they were replaced (B, M).

    Of the chosen, 80 % become the mask, 10 % a random token and 10 % stay (Devlin et al. 2019).
    """
    import torch

    from workloads.nets.weights import uniform

    batch, seq = ids_BT.shape
    masked_BM = uniform("masked", batch, seq).argsort(-1)[:, : masked_count(seq)].sort(-1).values
    labels_BM = ids_BT.gather(1, masked_BM)
    lot_BM = uniform("replaced", *masked_BM.shape)
    random_BM = (uniform("tokens", *masked_BM.shape) * VOCABULARY).long()
    other_BM = torch.where(lot_BM < 0.9, random_BM, labels_BM)
    return ids_BT.scatter(1, masked_BM, torch.where(lot_BM < 0.8, MASK_ID, other_BM)), masked_BM, labels_BM


def masked_count(seq: int) -> int:
    """M, the masked positions of a sequence: 15 %, at least one."""
    return max(1, round(0.15 * seq))


def work(case: Case) -> Work:
    """Three times the operations of a forward pass: backward has two products for each one of forward.

    Forward is the layers', and 2 B M (D^2 + V D) for a dense layer and the output matrix, the table of tokens, on M
    masked positions. Bytes are those of a step of Adam; a pass reads the layers and the output matrix in full.
    """
    shape, batch, seq, width = Shape(case["layers"], case["width"]), case["batch"], case["seq"], case["width"]
    head_flops = 2 * batch * masked_count(seq) * (width**2 + VOCABULARY * width)
    head = width**2 + 3 * width + VOCABULARY  # a dense layer, a normalisation, a bias a token
    read = shape.layer_weights + VOCABULARY * width + head
    return Work(
        items=batch * seq,
        unit="tokens",
        flops=3 * (shape.flops(batch, seq) + head_flops),
        bytes=learning_bytes(read, shape.encoder_weights + head),
    )


workload = Workload(
    name="bert-pretrain",
    summary="one step of pre-training BERT-base on masked tokens, with AdamW",
    kind="training",
    program=TrainStep,
    axes={"batch": 16, "seq": 128, "layers": 12, "width": 768},
    presets={
        "smoke": {"batch": (2,), "seq": (16,), "layers": (2,), "width": (128,)},
        "full": {"batch": (2,)},
    },
    accelerated={"full": {"batch": (16, 128)}},
    build=build,
    work=work,
    imports=("torch", "torch._dynamo", "tokenizers", "transformers.models.bert.modeling_bert"),
)
