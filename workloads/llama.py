"""A current language model of 0.6 billion parameters in numbers, from its published configuration: Qwen3-0.6B.

Llama's architecture (Touvron et al. 2023) with grouped-query attention, rotary positions, gated feed-forward and a
normalisation of queries and keys. Letters: D = width, H = query heads of 128, G = key-value heads, F = feed-forward
width, V = vocabulary, L = layers. `width` 1024 with 28 layers is the model as published: H = D / 64, G = H / 2,
F = 3 D. Only products of matrices are counted as operations, a multiply-add as two.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.errors import UsageError

VOCABULARY, POSITIONS, HEAD_DIM, ROTARY_BASE = 151936, 40960, 128, 1_000_000.0


@dataclass(frozen=True)
class Shape:
    """The size of one network."""

    layers: int
    width: int
    vocabulary: int

    @property
    def heads(self) -> int:
        """Query heads."""
        return self.width // 64

    @property
    def kv_heads(self) -> int:
        """Key-value heads, each shared by two query heads."""
        return self.heads // 2

    @property
    def feed_forward(self) -> int:
        """Width of the gated feed-forward block."""
        return 3 * self.width

    @property
    def matrices(self) -> int:
        """Weights of a layer's matrices: 2 x 128 D (H + G) in attention, 3 D F in the feed-forward block."""
        return 2 * self.width * HEAD_DIM * (self.heads + self.kv_heads) + 3 * self.width * self.feed_forward

    @property
    def weights(self) -> int:
        """All weights, each read in a pass: V D, and a layer's matrices and 2 D + 2 x 128 scales, and D scales."""
        layer = self.matrices + 2 * self.width + 2 * HEAD_DIM
        return self.vocabulary * self.width + self.layers * layer + self.width

    def flops(self, tokens: int, pairs: int, outputs: int) -> int:
        """2 L x matrices a token, 4 x 128 L H a (query, key) pair, and 2 V D a position that has an output."""
        layers = self.layers * (2 * self.matrices * tokens + 4 * HEAD_DIM * self.heads * pairs)
        return layers + 2 * self.vocabulary * self.width * outputs

    def check(self, positions: int) -> None:
        """Raise UsageError where no such network exists or where it has no room for `positions`."""
        if not self.width or self.width % 128:
            raise UsageError(f"width={self.width} is not whole pairs of heads: choose a multiple of 128")
        if positions > POSITIONS:
            raise UsageError(f"the model has no position after {POSITIONS}: {positions} were asked for, choose fewer")
