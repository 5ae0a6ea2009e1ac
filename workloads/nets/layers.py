"""The two layers of the transformer (Vaswani et al. 2017): encoder and decoder; no dropout.

Letters: B = batch, T = positions, S = positions of the encoder's output, D = width.

Note: nn.TransformerEncoderLayer is not used. In evaluation it takes a fused path, but not when it is compiled or
exported, so that backends would be compared on different computations.
"""

from __future__ import annotations

from torch import Tensor, nn

from workloads.nets.attention import CrossAttention, SelfAttention


class EncoderLayer(nn.Module):
    """Self attention, then two dense layers with ReLU; each is added to its input.

    Normalisation follows each sum, as in the paper, or with `norm_first` comes before each part (Xiong et al. 2020).
    """

    def __init__(self, heads: int, head_dim: int, feed_forward: int, *, norm_first: bool = False) -> None:
        super().__init__()
        width = heads * head_dim
        self.norm_first = norm_first
        self.attention = SelfAttention(heads, head_dim)
        self.attention_norm = nn.LayerNorm(width)
        self.feed_forward = _feed_forward(width, feed_forward)
        self.feed_forward_norm = nn.LayerNorm(width)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """The layer's output, of the shape of its input."""
        if self.norm_first:
            x_BTD = x_BTD + self.attention(self.attention_norm(x_BTD))
            pre_BTD: Tensor = x_BTD + self.feed_forward(self.feed_forward_norm(x_BTD))
            return pre_BTD
        x_BTD = self.attention_norm(x_BTD + self.attention(x_BTD))
        post_BTD: Tensor = self.feed_forward_norm(x_BTD + self.feed_forward(x_BTD))
        return post_BTD


class DecoderLayer(nn.Module):
    """Causal self attention over `positions`, attention to the encoder's output, two dense layers with ReLU.

    Each is added to its input and normalised after that.
    """

    def __init__(self, heads: int, head_dim: int, feed_forward: int, positions: int) -> None:
        super().__init__()
        width = heads * head_dim
        self.self_attention = SelfAttention(heads, head_dim, causal=positions)
        self.self_attention_norm = nn.LayerNorm(width)
        self.cross_attention = CrossAttention(heads, head_dim)
        self.cross_attention_norm = nn.LayerNorm(width)
        self.feed_forward = _feed_forward(width, feed_forward)
        self.feed_forward_norm = nn.LayerNorm(width)

    def forward(self, x_BTD: Tensor, memory_BSD: Tensor) -> Tensor:
        """The layer's output, of the shape of its first input."""
        x_BTD = self.self_attention_norm(x_BTD + self.self_attention(x_BTD))
        x_BTD = self.cross_attention_norm(x_BTD + self.cross_attention(x_BTD, memory_BSD))
        out_BTD: Tensor = self.feed_forward_norm(x_BTD + self.feed_forward(x_BTD))
        return out_BTD


def _feed_forward(width: int, inner: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width))
