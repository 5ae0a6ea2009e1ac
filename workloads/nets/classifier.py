"""Logistic regression on points of a plane that a line separates."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from workloads.nets.weights import fill, keeping_scale, normal

FEATURES = 2


class DenseClassifier(nn.Module):
    """Points (N, 2) to the logit (N) of a single unit; its sigmoid is the probability of the label."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = nn.Linear(FEATURES, 1)
        fill(self, keeping_scale(self))

    def forward(self, x_NF: Tensor) -> Tensor:
        """The logit of each point."""
        logits_N1: Tensor = self.unit(x_NF)
        return logits_N1[:, 0]


def separable_points(rows: int) -> tuple[Tensor, Tensor]:
    """Normal points (N, 2), and as labels (N) 1.0 on one side of a line through the origin, 0.0 on the other."""
    x_NF = normal("points", rows, FEATURES)
    return x_NF, (x_NF @ torch.tensor([1.0, -0.5]) > 0).float()


def binary_loss(module: nn.Module, x_NF: Tensor, labels_N: Tensor) -> Tensor:
    """Mean binary cross-entropy; taking logits, it is exact where a sigmoid would round to 0 or 1."""
    return binary_cross_entropy_with_logits(module(x_NF).float(), labels_N)


def adam(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015) as one fused pass, at ten times its customary rate: there are three weights."""
    return torch.optim.Adam(parameters, lr=1e-2, fused=True)
