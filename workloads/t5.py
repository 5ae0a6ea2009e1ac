"""T5 (Raffel et al. 2020) in numbers: its shape, its weights, and the operations of a pass over it.

Letters: D = width, L = layers of encoder and of decoder each, V = vocabulary, S = source positions, T = target
positions. `width` 512 with 6 layers is the small model as published. Only products of matrices are counted as
operations, a multiply-add as two.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.errors import UsageError

VOCABULARY, HEAD_DIM, BUCKETS = 32128, 64, 32
START = 0  # the id of padding, with which the decoder begins


@dataclass(frozen=True)
class Shape:
    """The size of one network."""

    layers: int
    width: int

    @property
    def heads(self) -> int:
        """Attention heads, each 64 wide."""
        return self.width // HEAD_DIM

    @property
    def weights(self) -> int:
        """All weights: V D + L (28 D^2 + 5 D) + 2 D + 2 x 32 D / 64; the output matrix is the embedding."""
        return VOCABULARY * self.width + self.encoder_weights + self.decoder_weights + self.cross_weights

    @property
    def encoder_weights(self) -> int:
        """L (12 D^2 + 2 D) + D and the biases of relative positions: attention 4 D^2, feed-forward 8 D^2."""
        return self.layers * (12 * self.width**2 + 2 * self.width) + self.width + BUCKETS * self.heads

    @property
    def decoder_weights(self) -> int:
        """L (14 D^2 + 3 D) + D and the biases of relative positions, without the cross-attention's keys and values."""
        return self.layers * (14 * self.width**2 + 3 * self.width) + self.width + BUCKETS * self.heads

    @property
    def cross_weights(self) -> int:
        """2 L D^2: what makes the cross-attention's keys and values, once a source."""
        return 2 * self.layers * self.width**2

    def source_flops(self, batch: int, source: int) -> int:
        """L (28 D^2 B S + 4 D B S^2): the encoder, and the cross-attention's keys and values."""
        return self.layers * batch * (28 * self.width**2 * source + 4 * self.width * source**2)

    def target_flops(self, tokens: int, pairs: int) -> int:
        """(28 L D^2 + 2 V D) a token and 4 L D a (query, key) pair: the decoder, and the output matrix."""
        token = 28 * self.layers * self.width**2 + 2 * VOCABULARY * self.width
        return token * tokens + 4 * self.layers * self.width * pairs

    def forward_flops(self, batch: int, source: int, target: int) -> int:
        """Operations of a pass over both sides; a target position sees itself, those before, and all of the source."""
        pairs = batch * (target * (target + 1) // 2 + target * source)
        return self.source_flops(batch, source) + self.target_flops(batch * target, pairs)

    def check(self) -> None:
        """Raise UsageError where no such network exists."""
        if not self.width or self.width % HEAD_DIM:
            raise UsageError(
                f"width={self.width} is not whole heads: choose a multiple of {HEAD_DIM}, such as width=512"
            )
