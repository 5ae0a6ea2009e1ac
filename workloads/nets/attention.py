"""Attention (Vaswani et al. 2017) in its common forms, each with the library's fused kernel or spelt out.

Letters: B = batch, T = positions that ask, S = positions that are asked, H = heads, K = head_dim, D = H K = width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


class DotProduct(nn.Module):
    """softmax(q k^T / sqrt(K)) v, with nothing learnt.

    `fused` chooses PyTorch's scaled_dot_product_attention; without it the (B, H, T, S) scores are computed and stored.
    `causal` is the number of positions, none of which sees a later one; 0 lets every one see all.
    """

    def __init__(self, *, fused: bool = True, causal: int = 0) -> None:
        super().__init__()
        self.fused, self.causal = fused, causal > 0
        if self.causal and not fused:
            self.masked_TT = nn.Buffer(torch.ones(causal, causal, dtype=torch.bool).triu(1))

    def forward(self, q_BHTK: Tensor, k_BHSK: Tensor, v_BHSK: Tensor) -> Tensor:
        """The mean of the values that each query sees, of shape (B, H, T, K)."""
        if self.fused:
            return scaled_dot_product_attention(q_BHTK, k_BHSK, v_BHSK, is_causal=self.causal)
        scores_BHTS = q_BHTK @ k_BHSK.transpose(-2, -1) * q_BHTK.shape[-1] ** -0.5
        if self.causal:
            scores_BHTS = scores_BHTS.masked_fill(self.masked_TT, float("-inf"))
        return torch.softmax(scores_BHTS, dim=-1) @ v_BHSK


class SelfAttention(nn.Module):
    """Every position attends to all; projections to queries, keys and values are one matrix of width 3 D."""

    def __init__(self, heads: int, head_dim: int, *, fused: bool = True, causal: int = 0) -> None:
        super().__init__()
        width = heads * head_dim
        self.heads, self.head_dim = heads, head_dim
        self.project_in = nn.Linear(width, 3 * width)
        self.attend = DotProduct(fused=fused, causal=causal)
        self.project_out = nn.Linear(width, width)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """Attention's output, of the shape of its input."""
        q_BHTK, k_BHTK, v_BHTK = _split(self.project_in(x_BTD), self.heads, self.head_dim)
        out_BTD: Tensor = self.project_out(_join(self.attend(q_BHTK, k_BHTK, v_BHTK)))
        return out_BTD


class CrossAttention(nn.Module):
    """Positions of one sequence attend to those of another; keys and values are one matrix of width 2 D."""

    def __init__(self, heads: int, head_dim: int, *, fused: bool = True) -> None:
        super().__init__()
        width = heads * head_dim
        self.heads, self.head_dim = heads, head_dim
        self.project_query = nn.Linear(width, width)
        self.project_memory = nn.Linear(width, 2 * width)
        self.attend = DotProduct(fused=fused)
        self.project_out = nn.Linear(width, width)

    def forward(self, x_BTD: Tensor, memory_BSD: Tensor) -> Tensor:
        """Attention's output, of the shape of its first input."""
        (q_BHTK,) = _split(self.project_query(x_BTD), self.heads, self.head_dim)
        k_BHSK, v_BHSK = _split(self.project_memory(memory_BSD), self.heads, self.head_dim)
        out_BTD: Tensor = self.project_out(_join(self.attend(q_BHTK, k_BHSK, v_BHSK)))
        return out_BTD


class TanhAttention(nn.Module):
    """One head as wide as all of them: Q = K = tanh(x A + a), V = tanh(x C + c), out = softmax(Q K^T / sqrt(D)) V."""

    def __init__(self, heads: int, head_dim: int, *, fused: bool = True) -> None:
        super().__init__()
        width = heads * head_dim
        self.query_key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.attend = DotProduct(fused=fused)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """Attention's output, of the shape of its input."""
        qk_B1TD = torch.tanh(self.query_key(x_BTD)).unsqueeze(1)
        v_B1TD = torch.tanh(self.value(x_BTD)).unsqueeze(1)
        y_B1TD: Tensor = self.attend(qk_B1TD, qk_B1TD, v_B1TD)
        return y_B1TD.squeeze(1)


class DecodeAttention(nn.Module):
    """One query a head attends to a cache of keys and values, which several heads may share (Ainslie et al. 2023).

    G = heads of the cache, R = H / G. The R heads that share keys are rows of one product with them, so that no
    implementation copies the cache to make it wider.
    """

    def __init__(self, *, fused: bool = True) -> None:
        super().__init__()
        self.attend = DotProduct(fused=fused)

    def forward(self, q_BHK: Tensor, k_BGSK: Tensor, v_BGSK: Tensor) -> Tensor:
        """The mean of the values, of shape (B, H, K)."""
        batch, groups, _, head_dim = k_BGSK.shape
        q_BGRK = q_BHK.view(batch, groups, -1, head_dim)
        y_BGRK: Tensor = self.attend(q_BGRK, k_BGSK, v_BGSK)
        return y_BGRK.reshape(q_BHK.shape)


def _split(x_BTN: Tensor, heads: int, head_dim: int) -> tuple[Tensor, ...]:
    """As many tensors of shape (B, H, T, K) as the last dimension holds D."""
    batch, positions, _ = x_BTN.shape
    return x_BTN.view(batch, positions, -1, heads, head_dim).permute(2, 0, 3, 1, 4).unbind(0)


def _join(y_BHTK: Tensor) -> Tensor:
    """The heads side by side: (B, T, D)."""
    return y_BHTK.transpose(1, 2).flatten(2)
