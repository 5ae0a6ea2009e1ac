"""Embedding lookup in a table that is already there, and its gradient.

Letters: B = batch, T = positions, V = vocabulary, D = width.

Note: nn.Embedding draws its own table first, which takes longer than all else in building the workload.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding


class Lookup(nn.Module):
    """The rows of `table_VD` that ids name."""

    def __init__(self, table_VD: Tensor) -> None:
        super().__init__()
        self.table_VD = nn.Parameter(table_VD)

    def forward(self, ids_BT: Tensor) -> Tensor:
        """Rows of shape (B, T, D)."""
        return embedding(ids_BT, self.table_VD)


class LookupWithGradient(Lookup):
    """The rows, and what a training step does with their gradient: each is added to its id's row of a table of zeros.

    The operator is the one that autograd calls, so that a backend without autograd does the same work.
    """

    def forward(self, ids_BT: Tensor, gradient_BTD: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Rows of shape (B, T, D), and the gradient of the table (V, D)."""
        vocabulary, no_padding = self.table_VD.shape[0], -1
        gradient_VD = torch.ops.aten.embedding_dense_backward(gradient_BTD, ids_BT, vocabulary, no_padding, False)
        return super().forward(ids_BT), gradient_VD
