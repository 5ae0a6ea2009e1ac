"""GPT-2 (Radford et al. 2019) as `transformers` builds it, with weights that are quick to draw."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import AttentionInterface, GPT2Config, GPT2LMHeadModel
from transformers.initialization import no_init_weights
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from workloads.gpt2 import POSITIONS, VOCABULARY, Shape
from workloads.nets.weights import fill

# An attention without a mask function of its own gets no mask from transformers, so that the fused kernel is told to be
# causal in every backend. Under "sdpa" (transformers 5.17 to 5.23) only eager runs do so: a traced model gets a mask.
AttentionInterface.register("causal-sdpa", sdpa_attention_forward)


def gpt2(shape: Shape, *, attention: str = "sdpa") -> nn.Module:
    """A GPT-2 language model of `shape`, without dropout, in evaluation mode.

    Weights are drawn as the paper says: deviation 0.02, on residual projections 0.02 / sqrt(2 x layers).
    """
    model = unfilled(shape, attention=attention)
    residual = 0.02 * (2 * shape.layers) ** -0.5
    fill(model, lambda name: residual if name.endswith("c_proj.weight") else 0.02)
    return model


def unfilled(shape: Shape, *, attention: str = "sdpa") -> nn.Module:
    """The same with memory for its weights, of which none is written."""
    config = GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=POSITIONS,
        n_embd=shape.width,
        n_head=shape.heads,
        n_layer=shape.layers,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        resid_pdrop=0.0,
        attn_implementation=attention,
    )
    with no_init_weights():
        module = GPT2LMHeadModel(config)
    module.tie_weights()
    model: nn.Module = module.eval()
    return model


class Logits(nn.Module):
    """Ids (B, T) to the logits of every position (B, T, V)."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids_BT: Tensor) -> Tensor:
        """Logits of the token after each."""
        logits_BTV: Tensor = self.model(input_ids=ids_BT, use_cache=False).logits
        return logits_BTV


def next_token_loss(module: nn.Module, ids_BT: Tensor, labels_BT: Tensor) -> Tensor:
    """Mean cross-entropy of predicting `labels_BT`, the ids one position later."""
    logits_BTV: Tensor = module(input_ids=ids_BT, use_cache=False).logits
    return cross_entropy(logits_BTV.flatten(0, 1), labels_BT.flatten())


def adamw(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019) as one fused pass, with a rate that stays stable without a warm-up."""
    return torch.optim.AdamW(parameters, lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
