"""Other inputs of the same kind, so that a remembered output is found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def vary(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Each tensor with its elements moved on by one: same values, same distribution, other places."""
    return tuple(x.flatten().roll(1).view_as(x) for x in inputs)


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
