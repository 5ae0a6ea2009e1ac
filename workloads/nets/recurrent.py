"""Recurrent networks: one spelt out step by step, and the library's.

Letters: T = positions, B = batch, D = width of inputs and of the state. The state starts at zero. Positions come first,
as the library and ONNX store them, so that no backend has to turn tensors around.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from workloads.nets.weights import fill, keeping_scale, normal


class Unrolled(nn.Module):
    """h_t = tanh(x_t A + a + h_{t-1} C + c) (Elman 1990), one Python step for each position."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.of_input = nn.Linear(width, width)
        self.of_state = nn.Linear(width, width)

    def forward(self, x_TBD: Tensor) -> Tensor:
        """Every state, of the shape of the input."""
        state_BD, states = torch.zeros_like(x_TBD[0]), []
        for x_BD in x_TBD.unbind(0):
            state_BD = torch.tanh(self.of_input(x_BD) + self.of_state(state_BD))
            states.append(state_BD)
        return torch.stack(states)


class Library(nn.Module):
    """nn.RNN with tanh or, if `gated`, nn.LSTM (Hochreiter and Schmidhuber 1997): one layer."""

    def __init__(self, width: int, *, gated: bool) -> None:
        super().__init__()
        self.cell = (nn.LSTM if gated else nn.RNN)(width, width)

    def forward(self, x_TBD: Tensor) -> Tensor:
        """Every state, of the shape of the input."""
        states_TBD: Tensor = self.cell(x_TBD)[0]
        return states_TBD


@torch.no_grad()
def fill_recurrent(module: nn.Module) -> None:
    """Matrices that keep the scale of the state, and biases around zero that tell their places apart."""
    fill(module, keeping_scale(module))
    for name, parameter in module.named_parameters():
        if parameter.ndim == 1:
            parameter.copy_(normal(name, *parameter.shape) / 10)
