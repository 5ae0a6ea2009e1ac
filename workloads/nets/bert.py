"""BERT (Devlin et al. 2019) as `transformers` builds it, with weights that are quick to draw.

No sequence is padded, so no mask is given: a mask of ones would be added to every score for nothing.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize
from transformers import AttentionInterface, BertConfig, BertForMaskedLM, BertForSequenceClassification, BertModel
from transformers.initialization import no_init_weights
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from workloads.bert import LABELS, POSITIONS, SEGMENTS, VOCABULARY, Shape
from workloads.nets.weights import fill

DEVIATION = 0.02

# An attention without a mask function of its own gets no mask from transformers. Under "sdpa" (transformers 5.17 to
# 5.23) a traced model without a mask gets one made of ones, and eager runs look at the values of one that is given.
AttentionInterface.register("maskless-sdpa", sdpa_attention_forward)


class Classifier(nn.Module):
    """Ids (B, T) to logits (B, 2), from the first position."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.model = _drawn(BertForSequenceClassification, shape)

    def forward(self, ids_BT: Tensor) -> Tensor:
        """Logits of the two labels."""
        logits_BC: Tensor = self.model(input_ids=ids_BT).logits
        return logits_BC


class Evaluation(nn.Module):
    """Ids (B, T) and labels (B) to the mean cross-entropy, and the logits (B, 2) that tell the accuracy."""

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, ids_BT: Tensor, labels_B: Tensor) -> tuple[Tensor, Tensor]:
        """The loss, of one element, and the logits."""
        logits_BC = self.classifier(ids_BT)
        return cross_entropy(logits_BC, labels_B).reshape(1), logits_BC


class MaskedWords(nn.Module):
    """Ids (B, T) and positions (B, M) to logits (B, M, V): the output matrix sees the masked positions alone."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.model: Any = _drawn(BertForMaskedLM, shape)

    def forward(self, ids_BT: Tensor, masked_BM: Tensor) -> Tensor:
        """Logits of the words that were at the masked positions."""
        states_BTD = self.model.bert(input_ids=ids_BT).last_hidden_state
        places_BMD = masked_BM[:, :, None].expand(-1, -1, states_BTD.shape[-1])
        logits_BMV: Tensor = self.model.cls(states_BTD.gather(1, places_BMD))
        return logits_BMV


class Embedder(nn.Module):
    """Ids (B, T) to sentence embeddings (B, D): the mean over positions, scaled to length one (Reimers 2019)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.model = _drawn(BertModel, shape, add_pooling_layer=False)

    def forward(self, ids_BT: Tensor) -> Tensor:
        """One embedding a sequence."""
        return normalize(self.model(input_ids=ids_BT).last_hidden_state.mean(1), dim=-1)


def classification_loss(module: nn.Module, ids_BT: Tensor, labels_B: Tensor) -> Tensor:
    """Mean cross-entropy of a classifier."""
    return cross_entropy(module(ids_BT), labels_B)


def masked_loss(module: nn.Module, ids_BT: Tensor, masked_BM: Tensor, labels_BM: Tensor) -> Tensor:
    """Mean cross-entropy over the masked positions."""
    return cross_entropy(module(ids_BT, masked_BM).flatten(0, 1), labels_BM.flatten())


def finetuning_adamw(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019) at a rate that Devlin et al. (2019) chose for fine-tuning."""
    return torch.optim.AdamW(parameters, lr=2e-5, weight_decay=0.01, fused=True)


def pretraining_adamw(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """AdamW with the rate and decay of pre-training BERT (Devlin et al. 2019)."""
    return torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.01, fused=True)


def _drawn(kind: type[nn.Module], shape: Shape, **further: object) -> nn.Module:
    """A network of `transformers` with normal weights of deviation 0.02, without dropout, in evaluation mode."""
    config = BertConfig(
        vocab_size=VOCABULARY,
        max_position_embeddings=POSITIONS,
        type_vocab_size=SEGMENTS,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=4 * shape.width,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        num_labels=LABELS,
        attn_implementation="maskless-sdpa",
    )
    with no_init_weights():
        module = kind(config, **further)
    if isinstance(module, BertForMaskedLM):
        module.tie_weights()
    fill(module, lambda _: DEVIATION)
    return module.eval()
