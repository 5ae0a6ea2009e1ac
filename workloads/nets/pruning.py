"""Weights set to zero by magnitude (Han et al. 2015); they stay stored as dense matrices."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def prune(module: nn.Module, percent: int) -> None:
    """Zero, in every dense layer of `module`, the `percent` of its weights that are nearest to zero."""
    for part in module.modules():
        if isinstance(part, nn.Linear):
            count = part.weight.numel() * percent // 100
            if count:
                magnitude = part.weight.abs()
                threshold = magnitude.flatten().kthvalue(count).values
                part.weight.mul_(magnitude > threshold)
