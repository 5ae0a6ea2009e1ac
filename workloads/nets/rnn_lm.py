"""A recurrent language model (Zaremba et al. 2014): embedding, recurrent layers, output matrix; no dropout.

Note: nn.RNN and nn.LSTM are not used. The compiler and the exporter of training steps do not look inside them (torch
2.13), so that backends would be compared on different computations.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from workloads.nets.weights import fill, keeping_scale

GATES = {"tanh": 1, "lstm": 4}


class RecurrentLayer(nn.Module):
    """States of every position from inputs of the same width D, from a state of zeros, one position after another.

    `tanh` is the cell of Elman (1990), `lstm` that of Hochreiter and Schmidhuber (1997) with a forget gate; gates are
    in the order of nn.LSTM. What does not depend on the state is one product for all positions.
    """

    def __init__(self, cell: str, width: int) -> None:
        super().__init__()
        self.cell = cell
        self.from_input = nn.Linear(width, GATES[cell] * width)
        self.from_state = nn.Linear(width, GATES[cell] * width, bias=False)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """States of shape (B, T, D)."""
        driven_TBG = self.from_input(x_BTD).transpose(0, 1).unbind(0)
        state_BD = memory_BD = torch.zeros_like(x_BTD[:, 0])
        states = []
        for driven_BG in driven_TBG:
            gates_BG = driven_BG + self.from_state(state_BD)
            if self.cell == "tanh":
                state_BD = torch.tanh(gates_BG)
            else:
                in_BD, forget_BD, new_BD, out_BD = gates_BG.chunk(4, dim=-1)
                memory_BD = torch.sigmoid(forget_BD) * memory_BD + torch.sigmoid(in_BD) * torch.tanh(new_BD)
                state_BD = torch.sigmoid(out_BD) * torch.tanh(memory_BD)
            states.append(state_BD)
        return torch.stack(states, dim=1)


class RecurrentModel(nn.Module):
    """Ids (B, T) to logits (B, T, V). V = vocabulary, D = width of embedding and states."""

    def __init__(self, cell: str, vocabulary: int, width: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width, _weight=torch.empty(vocabulary, width))  # drawn below
        self.layers = nn.Sequential(*(RecurrentLayer(cell, width) for _ in range(layers)))
        self.output = nn.Linear(width, vocabulary)
        fill(self, keeping_scale(self))

    def forward(self, ids_BT: Tensor) -> Tensor:
        """Logits of the token after each."""
        logits_BTV: Tensor = self.output(self.layers(self.embedding(ids_BT)))
        return logits_BTV


def next_token_loss(module: nn.Module, ids_BT: Tensor, labels_BT: Tensor) -> Tensor:
    """Mean cross-entropy of predicting `labels_BT`, the ids one position later."""
    return cross_entropy(module(ids_BT).flatten(0, 1), labels_BT.flatten())


def adam(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015) at its customary rate, as one fused pass."""
    return torch.optim.Adam(parameters, lr=1e-3, fused=True)
