"""Qwen3-0.6B (Yang et al. 2025) and smaller of its kind as `transformers` builds them, with weights quick to draw.

B = batch, H = query heads, G = key-value heads, T = positions of one pass, S = positions seen, D = head dimension.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, Qwen3Config, Qwen3ForCausalLM
from transformers.initialization import no_init_weights
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from workloads.llama import HEAD_DIM, POSITIONS, ROTARY_BASE, Shape
from workloads.nets.weights import fill


def grouped_attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, *, scaling: float, **options: Any
) -> tuple[Tensor, None]:
    """Attention of (B, H, T, D) queries to (B, G, S, D) keys: the queries of a group are further rows of its one head.

    So no key or value is repeated. Without a mask, which must be one for all heads, it is the library's own attention.
    """
    if mask is None:
        out: tuple[Tensor, None] = sdpa_attention_forward(module, query, key, value, None, scaling=scaling, **options)
        return out
    batch, heads, positions, head_dim = query.shape
    groups = key.shape[1]
    rows = query.reshape(batch, groups, heads // groups * positions, head_dim)
    mixed = scaled_dot_product_attention(rows, key, value, mask.repeat(1, 1, heads // groups, 1), scale=scaling)
    return mixed.reshape(batch, heads, positions, head_dim).transpose(1, 2), None


AttentionInterface.register("grouped-sdpa", grouped_attention)


class Rotary(nn.Module):
    """Cosines and sines (B, T, D) of rotary positions (Su et al. 2021), found in fp32 from whole numbers.

    Note: the library's own keeps frequencies as a buffer, which a model converted to bf16 rounds to 8 bits.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("even", torch.arange(0, HEAD_DIM, 2), persistent=False)
        self.even: Tensor

    def forward(self, x: Tensor, position_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Of the device and type of `x`."""
        frequencies = ROTARY_BASE ** (self.even.float() * (-1 / HEAD_DIM))
        angles = position_ids[..., None].float() * frequencies
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos().to(x.dtype), angles.sin().to(x.dtype)


def llama(shape: Shape) -> nn.Module:
    """A language model of `shape` in evaluation mode; weights are drawn at deviation 0.02, residual ones less."""
    config = Qwen3Config(
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        head_dim=HEAD_DIM,
        max_position_embeddings=POSITIONS,
        rope_parameters={"rope_type": "default", "rope_theta": ROTARY_BASE},
        rms_norm_eps=1e-6,
        tie_word_embeddings=True,
        attn_implementation="grouped-sdpa",
    )
    with no_init_weights():
        module = Qwen3ForCausalLM(config)
    module.tie_weights()
    module.model.rotary_emb = Rotary()
    residual = 0.02 * (2 * shape.layers) ** -0.5
    fill(module, lambda name: residual if name.endswith(("o_proj.weight", "down_proj.weight")) else 0.02)
    model: nn.Module = module.eval()
    return model
