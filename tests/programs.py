"""Tiny programs of each kind, the same on every call."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from benchsuite.workload import Forward, Generate, TrainStep, Transfer


class Mix(nn.Module):
    """Two inputs that are not interchangeable, and a scalar buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(6, 4), nn.Linear(6, 4)
        self.register_buffer("scale", torch.tensor(2.0))

    def forward(self, a_BD: Tensor, b_BD: Tensor) -> Tensor:
        return self.first(a_BD) + self.scale * torch.tanh(self.second(b_BD))


def forward() -> Forward:
    torch.manual_seed(0)
    return Forward(Mix(), (torch.randn(5, 6), torch.randn(5, 6)))


def transfer() -> Transfer:
    torch.manual_seed(0)
    return Transfer((torch.randn(7, 3),))


def squared_error(module: nn.Module, x_BD: Tensor, y_BC: Tensor) -> Tensor:
    return nn.functional.mse_loss(module(x_BD), y_BC)


def adamw(parameters: Any, lr: float = 1e-3) -> torch.optim.Optimizer:
    return torch.optim.AdamW(parameters, lr=lr)


def train(optimizer: Any = adamw) -> TrainStep:
    """The first weight has more elements than are kept of one parameter; the last layer is frozen."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(24, 256), nn.GELU(), nn.Linear(256, 3), nn.Linear(3, 3))
    module[3].requires_grad_(requires_grad=False)
    return TrainStep(module, (torch.randn(8, 24), torch.randn(8, 3)), squared_error, optimizer)


def language_model() -> nn.Module:
    """Two layers with weights wide enough that each token depends on what came before it."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=61,
        n_positions=32,
        n_embd=16,
        n_layer=2,
        n_head=2,
        initializer_range=0.5,
        tie_word_embeddings=False,
        bos_token_id=0,
        eos_token_id=0,
    )
    module: nn.Module = GPT2LMHeadModel(config).eval()
    return module


def generate(new_tokens: int = 6) -> Generate:
    module = language_model()
    torch.manual_seed(0)
    return Generate(module, (torch.randint(61, (2, 5)),), new_tokens, (2, 2, 8))
