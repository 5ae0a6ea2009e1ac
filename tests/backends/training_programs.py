"""Small training steps, one for each thing that training workloads are made of, the same on every call."""

from __future__ import annotations

import copy
import functools
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchsuite.workload import TrainStep

SGD = functools.partial(torch.optim.SGD, lr=0.1)
ADAM = functools.partial(torch.optim.Adam, lr=1e-2)
ADAMW = functools.partial(torch.optim.AdamW, lr=1e-2, weight_decay=0.1)

CHARACTERS = 11


def ids(batch: int = 4, seq: int = 12) -> Tensor:
    """Ids of which every one comes several times, and the last of the vocabulary never."""
    return torch.randint(CHARACTERS - 1, (batch, seq))


def next_loss(module: nn.Module, ids_BT: Tensor) -> Tensor:
    logits_BTV = module(ids_BT[:, :-1])
    return functional.cross_entropy(logits_BTV.flatten(0, 1), ids_BT[:, 1:].flatten())


def dense_classifier() -> TrainStep:
    """Two features, one sigmoid unit, binary cross-entropy."""
    torch.manual_seed(0)
    x_BD = torch.randn(100, 2)
    y_B1 = (x_BD.sum(-1, keepdim=True) > 0).float()

    def loss(module: nn.Module, x_BD: Tensor, y_B1: Tensor) -> Tensor:
        return functional.binary_cross_entropy(module(x_BD), y_B1)

    return TrainStep(nn.Sequential(nn.Linear(2, 1), nn.Sigmoid()), (x_BD, y_B1), loss, ADAM)


class Characters(nn.Module):
    """Embedding, then `mix` of shape (B, T, D) to (B, T, D), then the embedding's own matrix or another."""

    def __init__(self, mix: nn.Module, width: int, *, tied: bool) -> None:
        super().__init__()
        self.embed, self.mix, self.norm = nn.Embedding(CHARACTERS, width), mix, nn.LayerNorm(width)
        self.out = nn.Linear(width, CHARACTERS, bias=not tied)
        if tied:
            self.out.weight = self.embed.weight

    def forward(self, ids_BT: Tensor) -> Tensor:
        return self.out(self.norm(self.mix(self.embed(ids_BT))))


class TanhAttention(nn.Module):
    """Self-attention whose queries are its keys, each the tanh of a projection."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.key, self.value = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x_BTD: Tensor) -> Tensor:
        q_BTD, v_BTD = torch.tanh(self.key(x_BTD)), torch.tanh(self.value(x_BTD))
        return torch.softmax(q_BTD @ q_BTD.transpose(1, 2), -1) @ v_BTD


class Grouped(nn.Module):
    """Causal attention of four heads over two of keys, and then one under a mask of truth values; GELU by tanh."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.q, self.kv, self.gelu = nn.Linear(width, width), nn.Linear(width, width), nn.GELU("tanh")

    def forward(self, x_BTD: Tensor) -> Tensor:
        batch, seq, width = x_BTD.shape
        q_BHTK = self.q(x_BTD).view(batch, seq, 4, -1).transpose(1, 2)
        k_BGTK, v_BGTK = self.kv(x_BTD).view(batch, seq, 4, -1).transpose(1, 2).chunk(2, 1)
        attend = functional.scaled_dot_product_attention
        y_BHTK = attend(q_BHTK, k_BGTK, v_BGTK, is_causal=True, enable_gqa=True)
        near_TT = torch.ones(seq, seq, dtype=torch.bool).triu(-3)
        y_BHTK = attend(y_BHTK, q_BHTK, self.gelu(q_BHTK), attn_mask=near_TT, scale=0.3)
        return y_BHTK.transpose(1, 2).reshape(batch, seq, width)


class Recurrent(nn.Module):
    """A layer of torch that also returns its last state."""

    def __init__(self, kind: type[nn.RNNBase], width: int) -> None:
        super().__init__()
        self.layer = kind(width, width, num_layers=2, batch_first=True)

    def forward(self, x_BTD: Tensor) -> Tensor:
        return self.layer(x_BTD)[0]


def character_model(mix: Any, optimizer: Any = ADAM, *, tied: bool = False) -> TrainStep:
    torch.manual_seed(0)
    return TrainStep(Characters(mix(16), 16, tied=tied), (ids(),), next_loss, optimizer)


def recurrent_model(kind: type[nn.RNNBase]) -> TrainStep:
    """Over five positions, as each is a copy of the layer in a graph."""
    torch.manual_seed(0)
    return TrainStep(Characters(Recurrent(kind, 16), 16, tied=False), (ids(seq=6),), next_loss, SGD)


def distillation() -> TrainStep:
    """A student that follows a frozen teacher, both in one module, by the divergence of their answers."""
    torch.manual_seed(0)
    student = Characters(TanhAttention(16), 16, tied=False)
    teacher = copy.deepcopy(Characters(TanhAttention(16), 16, tied=True)).requires_grad_(requires_grad=False)

    def loss(module: Any, ids_BT: Tensor) -> Tensor:
        answers = (functional.log_softmax(m(ids_BT) / 2.0, -1).flatten(0, 1) for m in module)
        return functional.kl_div(*answers, reduction="batchmean", log_target=True)

    return TrainStep(nn.ModuleList([student, teacher]), (ids(),), loss, ADAMW)


class Picks(nn.Module):
    """Rows of a table by two indices each, with repetitions and from the end; and a layer that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.unused = nn.Parameter(torch.randn(3, 5, 8)), nn.Linear(2, 2)
        self.padded = nn.Embedding(CHARACTERS, 8, padding_idx=3)

    def forward(self, ids_BT: Tensor) -> Tensor:
        return self.table[ids_BT % 3, (ids_BT % 5) - 5] * self.padded(ids_BT)


def picks() -> TrainStep:
    torch.manual_seed(0)
    return TrainStep(Picks(), (ids(16, 64),), lambda module, ids_BT: module(ids_BT).pow(2).mean(), ADAMW)
