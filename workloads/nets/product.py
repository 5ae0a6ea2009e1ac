"""The product of two matrices, as a network."""

from __future__ import annotations

from torch import Tensor, nn


class Product(nn.Module):
    """`a @ b`."""

    def forward(self, a_NK: Tensor, b_KM: Tensor) -> Tensor:
        """The product, of shape (N, M)."""
        return a_NK @ b_KM
