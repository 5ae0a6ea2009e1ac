"""T5 (Raffel et al. 2020) as `transformers` builds it, with weights that are quick to draw.

B = batch, S = source positions, T = target positions, V = vocabulary. Nothing is padded; masks are given all the same,
as `transformers` otherwise makes them by looking at data, which does not trace.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import T5Config, T5ForConditionalGeneration
from transformers.initialization import no_init_weights

from workloads.nets.weights import fill
from workloads.t5 import HEAD_DIM, START, VOCABULARY, Shape

EMBEDDING_DEVIATION = 0.1


def t5(shape: Shape) -> Any:
    """A T5 of `shape` with the small model's ReLU and tied embeddings, without dropout, in evaluation mode.

    Deviations are those that the published training begins with, but for the embedding: at its deviation of 1 the
    last token would be every next one, as the output matrix is the embedding.
    """
    config = T5Config(
        vocab_size=VOCABULARY,
        d_model=shape.width,
        d_kv=HEAD_DIM,
        d_ff=4 * shape.width,
        num_layers=shape.layers,
        num_heads=shape.heads,
        dropout_rate=0.0,
        decoder_start_token_id=START,
    )
    with no_init_weights():
        model = T5ForConditionalGeneration(config)
    model.tie_weights()
    widths = {name: parameter.shape[-1] for name, parameter in model.named_parameters()}

    def deviation(name: str) -> float:
        if "shared" in name:
            return EMBEDDING_DEVIATION
        if "relative" in name:
            return float(shape.width**-0.5)
        scores = HEAD_DIM**-0.5 if name.endswith(".q.weight") else 1.0  # as scores are not scaled
        return float(scores * widths[name] ** -0.5)

    fill(model, deviation)
    return model.eval()


class Translator(nn.Module):
    """Source (B, S) and target ids (B, T) to the logits (B, T, V) of the target's next ids."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.model = t5(shape)

    def forward(self, source_BS: Tensor, target_BT: Tensor) -> Tensor:
        """The logits."""
        dtype = self.model.shared.weight.dtype
        target = target_BT.shape[1]
        seen_TT = torch.ones(target, target, dtype=torch.bool, device=target_BT.device).tril()
        logits_BTV: Tensor = self.model(
            input_ids=source_BS,
            attention_mask=torch.zeros(1, 1, 1, source_BS.shape[1], dtype=dtype, device=source_BS.device),
            decoder_input_ids=target_BT,
            decoder_attention_mask=torch.where(seen_TT, 0.0, float("-inf")).to(dtype)[None, None],
            use_cache=False,
        ).logits
        return logits_BTV


def translation_loss(module: nn.Module, source_BS: Tensor, target_BT: Tensor, labels_BT: Tensor) -> Tensor:
    """Mean cross-entropy of predicting `labels_BT`, the ids one position later."""
    return cross_entropy(module(source_BS, target_BT).flatten(0, 1), labels_BT.flatten())


def shifted(labels_BT: Tensor) -> Tensor:
    """The target that predicts `labels_BT`: the start, then all but the last of them."""
    return torch.cat([torch.full_like(labels_BT[:, :1], START), labels_BT[:, :-1]], 1)


def adamw(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019) as one fused pass, with the epsilon of Liu et al. 2019.

    Rounding carries some unit of ReLU across zero in every few steps, which moves all gradients a little. Under an
    epsilon of 1e-8 the weights whose gradient is as small would then go the other way at full speed.
    """
    return torch.optim.AdamW(parameters, lr=1e-4, eps=1e-6, weight_decay=0.01, fused=True)
