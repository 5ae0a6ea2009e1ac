"""BERT (Devlin et al. 2019) and its relatives in numbers: shape, weights, and the operations of a pass.

Letters: D = width, L = layers, V = vocabulary, T = positions, B = batch. The base model has 12 layers of 768, each head
64 wide. Only products of matrices are counted as operations, a multiply-add as two; every position attends to all.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite import Work
from benchsuite.errors import UsageError

VOCABULARY, POSITIONS, SEGMENTS = 30522, 512, 2
HEAD_DIM = 64
LABELS = 2
ID_BYTES, ELEMENT_BYTES = 8, 4  # int64, fp32


@dataclass(frozen=True)
class Shape:
    """The size of one network: `head_dim` is 64 but for the narrowest; the feed-forward block is 4 D wide."""

    layers: int
    width: int
    head_dim: int = HEAD_DIM

    @property
    def heads(self) -> int:
        """Attention heads."""
        return self.width // self.head_dim

    @property
    def layer_weights(self) -> int:
        """Weights of all layers: L (12 D^2 + 13 D), which every pass reads in full."""
        return self.layers * (12 * self.width**2 + 13 * self.width)

    @property
    def encoder_weights(self) -> int:
        """The layers and what comes before them: tables of V, 512 and 2 rows, and a normalisation."""
        return self.layer_weights + (VOCABULARY + POSITIONS + SEGMENTS + 2) * self.width

    @property
    def head_weights(self) -> int:
        """A dense layer on the first position and a dense layer to two labels: D^2 + D + 2 D + 2."""
        return self.width**2 + self.width + LABELS * (self.width + 1)

    def flops(self, batch: int, positions: int) -> int:
        """Operations of the layers: L (24 D^2 B T + 4 D B T^2), as of GPT-2 but with no pair masked."""
        tokens = batch * positions
        return self.layers * (24 * self.width**2 * tokens + 4 * self.width * tokens * positions)

    def head_flops(self, batch: int) -> int:
        """Operations of the dense layer on the first position and the one to two labels: 2 B (D^2 + 2 D)."""
        return 2 * batch * (self.width**2 + LABELS * self.width)

    def check(self, positions: int) -> None:
        """Raise UsageError where no such network exists or where it has no room for `positions`."""
        if self.width % self.head_dim or not self.width:
            wanted = f"choose a multiple of {self.head_dim}, such as width=768"
            raise UsageError(f"width={self.width} is not whole heads: {wanted}")
        if positions > POSITIONS:
            raise UsageError(f"BERT has no position after {POSITIONS}: seq={positions} was asked for, choose fewer")


def classifying(shape: Shape, batch: int, seq: int, *, outputs: int) -> Work:
    """One pass of a classifier that writes `outputs` numbers.

    Values: the weights of layers and head, which are read in full. Rows of the embedding tables are left out: text
    repeats its tokens, so that most come from a cache. Bytes: ids of 8 B.
    """
    return Work(
        items=batch,
        unit="sequences",
        flops=shape.flops(batch, seq) + shape.head_flops(batch),
        bytes=ID_BYTES * batch * seq,
        values=shape.layer_weights + 2 * shape.width + shape.head_weights + outputs,
    )


def learning_bytes(read: int, learnt: int) -> int:
    """Bytes of a step of Adam in fp32, with `read` weights read in each pass and `learnt` weights updated.

    Forward and backward each read the weights; gradients are written and read; Adam reads and writes weights and both
    moments. Activations are not counted.
    """
    return ELEMENT_BYTES * (2 * read + (2 + 6) * learnt)
