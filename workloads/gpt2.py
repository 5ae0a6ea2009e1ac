"""GPT-2 (Radford et al. 2019) in numbers: its shape, its weights, and the operations of a pass over it.

Letters: D = width, L = layers, V = vocabulary, T = positions. `width` 768 with 12 layers is the small model of the
paper, 1024 with 24 the medium one. Only products of matrices are counted as operations, a multiply-add as two.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.errors import UsageError

VOCABULARY, POSITIONS, HEAD_DIM = 50257, 1024, 64
ELEMENT_BYTES = 4  # fp32


@dataclass(frozen=True)
class Shape:
    """The size of one network."""

    layers: int
    width: int

    @property
    def heads(self) -> int:
        """Attention heads, each 64 wide at every size that was published."""
        return self.width // HEAD_DIM

    @property
    def weights(self) -> int:
        """All weights: V D + 1024 D + L (12 D^2 + 13 D) + 2 D; the output matrix is the embedding."""
        return self.weights_read + POSITIONS * self.width

    @property
    def weights_read(self) -> int:
        """The weights that a pass must read in full: all but the table of positions."""
        return VOCABULARY * self.width + self.layers * (12 * self.width**2 + 13 * self.width) + 2 * self.width

    def layer_flops(self, tokens: int, pairs: int) -> int:
        """Operations of the layers on `tokens` tokens and `pairs` (query, key) pairs: L (24 D^2 tokens + 4 D pairs).

        A layer's matrices hold 12 D^2 weights: 3 D^2 to queries, keys and values, D^2 out of attention, 8 D^2 in the
        feed-forward block. A pair costs D multiply-adds for its score and D for its value.
        """
        return self.layers * (24 * self.width**2 * tokens + 4 * self.width * pairs)

    def output_flops(self, tokens: int) -> int:
        """Operations of the output matrix on `tokens` tokens: 2 V D tokens."""
        return 2 * VOCABULARY * self.width * tokens

    def check(self, positions: int) -> None:
        """Raise UsageError where no such network exists or where it has no room for `positions`."""
        if self.width % HEAD_DIM:
            raise UsageError(
                f"width={self.width} is not whole heads: choose a multiple of {HEAD_DIM}, such as width=768"
            )
        if positions > POSITIONS:
            raise UsageError(f"GPT-2 has no position after {POSITIONS}: {positions} were asked for, choose fewer")


def causal_pairs(positions: int) -> int:
    """(query, key) pairs of one sequence in which no query looks ahead: T (T + 1) / 2."""
    return positions * (positions + 1) // 2
