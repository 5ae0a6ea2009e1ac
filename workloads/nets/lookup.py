"""Embedding lookup in a table that is already there.

Note: nn.Embedding draws its own table first, which takes longer than all else in building the workload.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import embedding


class Lookup(nn.Module):
    """The rows of `table_VD` that ids name. V = vocabulary, D = width."""

    def __init__(self, table_VD: Tensor) -> None:
        super().__init__()
        self.table_VD = nn.Parameter(table_VD)

    def forward(self, ids_BT: Tensor) -> Tensor:
        """Rows of shape (B, T, D)."""
        return embedding(ids_BT, self.table_VD)
