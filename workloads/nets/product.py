"""The product of two matrices, as a network, and how to check a large one for less than it costs."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

_VECTORS = 16
_PIECE = 2**23  # elements of a matrix that are doubles at a time: 64 MiB


class Product(nn.Module):
    """`a @ b`."""

    def forward(self, a_NK: Tensor, b_KM: Tensor) -> Tensor:
        """The product, of shape (N, M)."""
        return a_NK @ b_KM


def product_error(inputs: tuple[Tensor, ...], c_NM: Tensor) -> float:
    """The relative error of the worst row or column of C = A B, of O(n^2) cost; infinite for a wrong shape.

    Freivalds 1977: C X is held against A (B X), both in float64, for random X. Here X has 16 columns of +1 and -1, so
    that the squares of a row of (C - A B) X average to the squared norm of that row of C - A B. Rows and columns are
    each held against the root mean square of their norms. What is wrong in one block thus weighs by its part of a
    row, where the error of the whole product would weigh it by its part of all elements.
    """
    a_NK, b_KM = inputs
    if c_NM.shape != (a_NK.shape[0], b_KM.shape[1]):
        return float("inf")
    x_MV, y_NV = _signs(c_NM.shape[1]), _signs(c_NM.shape[0])
    rows = _worst(_times(c_NM, x_MV), _times(a_NK, _times(b_KM, x_MV)))
    columns = _worst(_transposed_times(c_NM, y_NV), _transposed_times(b_KM, _transposed_times(a_NK, y_NV)))
    return max(rows, columns)  # a NaN of C is in both, and max() returns one that comes first


def _worst(got_NV: Tensor, want_NV: Tensor) -> float:
    """The largest norm of a row of the difference, over the root mean square of the norms of the rows wanted."""
    size = want_NV.pow(2).mean().sqrt()
    return float((got_NV - want_NV).pow(2).mean(1).max().sqrt() / size)


def _times(m_NK: Tensor, x_KV: Tensor) -> Tensor:
    """The product in float64."""
    return torch.cat([piece @ x_KV for piece in _doubles(m_NK)])


def _transposed_times(m_NK: Tensor, y_NV: Tensor) -> Tensor:
    """The product of the transpose in float64."""
    sums_VK = torch.zeros(y_NV.shape[1], m_NK.shape[1], dtype=torch.float64)
    start = 0
    for piece in _doubles(m_NK):
        sums_VK.addmm_(y_NV[start : start + len(piece)].T, piece)
        start += len(piece)
    return sums_VK.T


def _doubles(m_NK: Tensor) -> Iterator[Tensor]:
    """A piece of the rows at a time, in memory that the next piece takes: fresh memory costs more than the product."""
    rows = max(1, _PIECE // m_NK.shape[1])
    memory = torch.empty(min(rows, len(m_NK)), m_NK.shape[1], dtype=torch.float64)
    for start in range(0, len(m_NK), rows):
        piece = m_NK[start : start + rows]
        yield memory[: len(piece)].copy_(piece)


def _signs(count: int) -> Tensor:
    generator = torch.Generator().manual_seed(count)
    return torch.randint(2, (count, _VECTORS), generator=generator).double() * 2 - 1
