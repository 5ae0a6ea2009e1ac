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
    rewrite(mine, inputs, places=2)


def rewrite(mine: tuple[Tensor, ...], inputs: tuple[Tensor, ...], places: int = 0) -> None:
    """Write `inputs`, varied by `places`, into the tensors that a session reads.

    The elements go straight to their places: a temporary of hundreds of megabytes would cost more than all else here.
    """
    import torch

    with torch.no_grad():
        for x, value in zip(mine, inputs, strict=True):
            shift = places % max(1, value.numel())
            if not shift or not x.is_contiguous():
                x.copy_(value.flatten().roll(shift).view_as(value) if shift else value)
                continue
            to, source = x.view(-1), value.flatten()
            to[shift:].copy_(source[:-shift])
            to[:shift].copy_(source[-shift:])


def same(mine: tuple[Tensor, ...], values: tuple[Tensor, ...]) -> bool:
    """Whether the session's inputs still hold `values`, in the session's own precision."""
    import torch

    return all(torch.equal(x.cpu(), value.to(x.dtype).cpu()) for x, value in zip(mine, values, strict=True))
