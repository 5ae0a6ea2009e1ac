"""Multi-head self attention (Vaswani et al. 2017), with the fused kernel of the library or spelt out."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


class SelfAttention(nn.Module):
    """Every position attends to all; projections to queries, keys and values are one matrix of width 3 D.

    B = batch, T = positions, D = heads x head_dim, H = heads, K = head_dim. `fused` chooses PyTorch's
    scaled_dot_product_attention; without it the (B, H, T, T) scores are computed and stored.
    """

    def __init__(self, heads: int, head_dim: int, *, fused: bool = True) -> None:
        super().__init__()
        width = heads * head_dim
        self.heads, self.head_dim, self.fused = heads, head_dim, fused
        self.project_in = nn.Linear(width, 3 * width)
        self.project_out = nn.Linear(width, width)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """Attention's output, of the shape of its input."""
        batch, positions, width = x_BTD.shape
        qkv_3BHTK = self.project_in(x_BTD).view(batch, positions, 3, self.heads, self.head_dim).permute(2, 0, 3, 1, 4)
        q_BHTK, k_BHTK, v_BHTK = qkv_3BHTK.unbind(0)
        if self.fused:
            y_BHTK = scaled_dot_product_attention(q_BHTK, k_BHTK, v_BHTK)
        else:
            scores_BHTT = q_BHTK @ k_BHTK.transpose(-2, -1) * self.head_dim**-0.5
            y_BHTK = torch.softmax(scores_BHTT, dim=-1) @ v_BHTK
        y_BTD = y_BHTK.transpose(1, 2).reshape(batch, positions, width)
        out_BTD: Tensor = self.project_out(y_BTD)
        return out_BTD
