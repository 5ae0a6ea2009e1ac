"""The least that can be computed of a tensor, as a network."""

from __future__ import annotations

from torch import Tensor, nn


class Negation(nn.Module):
    """`-x`."""

    def forward(self, x_N: Tensor) -> Tensor:
        """The negative, of the shape of its input."""
        return -x_N
