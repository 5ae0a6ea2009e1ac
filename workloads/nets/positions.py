"""Positions told to a transformer, from tables that are made beforehand as every library makes them.

Letters: B = batch, T = positions, D = width, H = heads, K = head_dim.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

BASE = 10000.0  # of the wavelengths, in both papers


class Sinusoidal(nn.Module):
    """x + table; table[t, 2 i] = sin(t / 10000^(2 i / D)), table[t, 2 i + 1] its cosine (Vaswani et al. 2017)."""

    def __init__(self, positions: int, width: int) -> None:
        super().__init__()
        angles_TF = _angles(positions, width)
        table_TD = torch.stack([angles_TF.sin(), angles_TF.cos()], dim=-1).flatten(1)
        self.table_TD = nn.Buffer(table_TD.float())

    def forward(self, x_BTD: Tensor) -> Tensor:
        """The activations with their positions added."""
        return x_BTD + self.table_TD


class Rotary(nn.Module):
    """Queries and keys turned in K / 2 planes by t / 10000^(2 i / K) (Su et al. 2021).

    Plane i holds elements i and i + K / 2, as in the libraries' models; in the paper they are neighbours.
    """

    def __init__(self, positions: int, head_dim: int) -> None:
        super().__init__()
        angles_TK = _angles(positions, head_dim).repeat(1, 2)
        self.cos_TK = nn.Buffer(angles_TK.cos().float())
        self.sin_TK = nn.Buffer(angles_TK.sin().float())

    def forward(self, q_BHTK: Tensor, k_BHTK: Tensor) -> tuple[Tensor, Tensor]:
        """Both turned, in their shapes."""
        return self._turned(q_BHTK), self._turned(k_BHTK)

    def _turned(self, x_BHTK: Tensor) -> Tensor:
        first, second = x_BHTK.chunk(2, dim=-1)
        return x_BHTK * self.cos_TK + torch.cat([-second, first], dim=-1) * self.sin_TK


def _angles(positions: int, width: int) -> Tensor:
    """Of shape (T, width / 2), in double precision: late positions turn many times."""
    frequencies_F = BASE ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    return torch.outer(torch.arange(positions, dtype=torch.float64), frequencies_F)
