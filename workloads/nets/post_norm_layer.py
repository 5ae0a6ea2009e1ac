"""One encoder layer of the original transformer (Vaswani et al. 2017): normalisation after each residual sum.

Note: nn.TransformerEncoderLayer is not used. In evaluation it takes a fused path, but not when it is compiled or
exported, so that backends would be compared on different computations.
"""

from __future__ import annotations

from torch import Tensor, nn

from workloads.nets.attention import SelfAttention


class PostNormLayer(nn.Module):
    """Self attention, then two dense layers with ReLU; no dropout. B = batch, T = positions, D = width."""

    def __init__(self, heads: int, head_dim: int, feed_forward: int) -> None:
        super().__init__()
        width = heads * head_dim
        self.attention = SelfAttention(heads, head_dim)
        self.attention_norm = nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(nn.Linear(width, feed_forward), nn.ReLU(), nn.Linear(feed_forward, width))
        self.feed_forward_norm = nn.LayerNorm(width)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """The layer's output, of the shape of its input."""
        x_BTD = self.attention_norm(x_BTD + self.attention(x_BTD))
        out_BTD: Tensor = self.feed_forward_norm(x_BTD + self.feed_forward(x_BTD))
        return out_BTD
