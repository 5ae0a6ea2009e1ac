"""A language model over characters: embeddings, one attention head (Vaswani et al. 2017), an output matrix.

B = batch, T = positions, E = width of the embedding, D = width of the head, V = vocabulary, N = new tokens.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, scaled_dot_product_attention

from workloads.char_lm import EMBEDDING, WIDTH
from workloads.nets.weights import fill, uniform

SPREAD = 2.0  # deviation of the logits at the start: enough that a sample depends on them


class Prediction(NamedTuple):
    """What language models of `transformers` return."""

    logits: Tensor


class CharacterModel(nn.Module):
    """One causal head over embedded characters and learnt positions, in the calling convention of `transformers`."""

    def __init__(self, vocabulary: int, positions: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, EMBEDDING)
        self.position = nn.Embedding(positions, EMBEDDING)
        self.query = nn.Linear(EMBEDDING, WIDTH, bias=False)
        self.key = nn.Linear(EMBEDDING, WIDTH, bias=False)
        self.value = nn.Linear(EMBEDDING, WIDTH, bias=False)
        self.output = nn.Linear(WIDTH, vocabulary)
        widths = {name: parameter.shape[-1] for name, parameter in self.named_parameters()}
        gains = {"embedding.weight": EMBEDDING**0.5, "position.weight": EMBEDDING**0.5, "output.weight": SPREAD}
        fill(self, lambda name: float(gains.get(name, 1.0) * widths[name] ** -0.5))

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, logits_to_keep: int | Tensor = 0, **_: Any
    ) -> Prediction:
        """Logits of the character after each position that is kept: the last ones by number, or those listed."""
        positions_T = torch.arange(input_ids.shape[1], device=input_ids.device)
        x_BTE = self.embedding(input_ids) + self.position(positions_T)
        query, key, value = (part(x_BTE)[:, None] for part in (self.query, self.key, self.value))
        causal = attention_mask is None
        mixed_BTD = scaled_dot_product_attention(query, key, value, attention_mask, is_causal=causal)[:, 0]
        if isinstance(logits_to_keep, int):
            return Prediction(self.output(mixed_BTD[:, -logits_to_keep:]))
        return Prediction(self.output(mixed_BTD.index_select(1, logits_to_keep)))


def next_character_loss(module: nn.Module, ids_BT: Tensor, labels_BT: Tensor) -> Tensor:
    """Mean cross-entropy of predicting `labels_BT`, the ids one position later."""
    return cross_entropy(module(ids_BT).logits.flatten(0, 1), labels_BT.flatten())


def adam(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015) as one fused pass."""
    return torch.optim.Adam(parameters, lr=1e-3, fused=True)


def gumbel(name: str, *shape: int) -> Tensor:
    """Noise of the standard Gumbel distribution, -ln(-ln u), the same for the same `name`.

    The best of logits and such noise is a sample of the logits' softmax (Gumbel 1954; Maddison et al. 2014).
    """
    least = torch.finfo(torch.float32).tiny
    return -torch.log(-torch.log(uniform(name, *shape).clamp(least, 1 - 2**-24)))
