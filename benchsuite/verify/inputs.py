"""Other inputs of the same kind, so that a remembered output is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def vary(inputs: tuple[Tensor, ...], places: int = 1) -> tuple[Tensor, ...]:
    """Each tensor with its elements moved on: same values, same distribution, other places."""
    return tuple(x.flatten().roll(places).view_as(x) for x in inputs)


def spoil(mine: tuple[Tensor, ...], inputs: tuple[Tensor, ...]) -> None:
    """Write into the tensors that a session reads what nothing is ever computed from."""
    rewrite(mine, vary(inputs, places=2))


def rewrite(mine: tuple[Tensor, ...], values: tuple[Tensor, ...]) -> None:
    """Write `values` into the tensors that a session reads."""
    import torch

    with torch.no_grad():
        for x, value in zip(mine, values, strict=True):
            x.copy_(value)


def same(mine: tuple[Tensor, ...], values: tuple[Tensor, ...]) -> bool:
    """Whether the session's inputs still hold `values`, in the session's own precision."""
    import torch

    return all(torch.equal(x.cpu(), value.to(x.dtype).cpu()) for x, value in zip(mine, values, strict=True))
