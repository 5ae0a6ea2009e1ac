"""Sums of rows, as a network."""

from __future__ import annotations

from torch import Tensor, nn


class RowSums(nn.Module):
    """The sum of each row."""

    def forward(self, x_NK: Tensor) -> Tensor:
        """Sums of shape (N,)."""
        return x_NK.sum(-1)
