"""What is kept of a training step's parameters: a fixed sample of each one's change."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

_SAMPLES = 4096
STEPS = 2


def updates(before: dict[str, Tensor], after: dict[str, Tensor]) -> dict[str, Tensor]:
    """For each parameter, up to 4096 elements of its change; all of them NaN where any element of the parameter is.

    The elements are chosen by a seed made of the name, the same here and in the reference.
    """
    kept = {}
    for name, start in before.items():
        end, places = after[name].flatten(), _places(name, start.numel())
        change = end[places].double() - start.flatten()[places].double()
        # A sum is finite only where every element is, short of overflow, which is as wrong.
        kept[f"change/{name}"] = change if bool(end.sum().isfinite()) else change * float("nan")
    return kept


def _places(name: str, count: int) -> Tensor:
    import torch

    if count <= _SAMPLES:
        return torch.arange(count)
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    return torch.randint(count, (_SAMPLES,), generator=generator)
