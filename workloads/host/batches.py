"""Sequences of a file as batches, the way that training scripts load them."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler


class _Sequences(Dataset[Tensor]):
    """Sequence `i` of the 32-bit ids in a file that is mapped, as int64 (T,)."""

    def __init__(self, path: Path, count: int, seq: int) -> None:
        self._ids_NT = torch.from_file(str(path), size=count * seq, dtype=torch.int32).view(count, seq)

    def __getitem__(self, index: int) -> Tensor:
        return self._ids_NT[index].long()

    def __len__(self) -> int:
        return len(self._ids_NT)


class _Ordered(Sampler[int]):
    """The indices that a tensor holds when a pass begins."""

    def __init__(self, order_N: Tensor) -> None:
        self._order_N = order_N

    def __iter__(self) -> Iterator[int]:
        return iter(self._order_N.tolist())

    def __len__(self) -> int:
        return len(self._order_N)


class Batches:
    """One pass over the file in the order of `order_N`; `workers` processes are started once and kept."""

    def __init__(self, path: Path, order_N: Tensor, batch: int, seq: int, workers: int) -> None:
        how = "fork" if platform.system() == "Linux" and hasattr(os, "fork") else "spawn"
        own: dict[str, Any] = {"persistent_workers": True, "multiprocessing_context": how} if workers else {}
        sequences = _Sequences(path, len(order_N), seq)
        self._loader = DataLoader(sequences, batch, sampler=_Ordered(order_N), num_workers=workers, **own)
        self._batches: list[Tensor] = []

    def load(self) -> None:
        """Every batch, (B, T) each, as training would be given them."""
        self._batches = list(self._loader)

    def output(self) -> dict[str, Tensor]:
        """`ids` (N, B, T)."""
        return {"ids": torch.stack(self._batches)}
