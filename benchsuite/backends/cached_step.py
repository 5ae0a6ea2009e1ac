"""One step of greedy generation over a preallocated key-value cache: the same graph for torch and ONNX Runtime."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class _Layers:
    """The part of the cache protocol of `transformers` that a causal model calls, over tensors that we own.

    Note: `transformers.StaticCache` keeps its length in a hidden tensor and allocates by itself; tensors passed in and
    a position passed in make prefill and decode plain functions, which compile, capture and export alike.
    """

    is_compileable = True

    def __init__(self, keys: tuple[Tensor, ...], values: tuple[Tensor, ...], positions_T: Tensor, *, in_place: bool):
        self.keys, self.values, self.positions_T = list(keys), list(values), positions_T
        self.in_place = in_place

    def update(self, key_BHTD: Tensor, value_BHTD: Tensor, layer: int, *_: object) -> tuple[Tensor, Tensor]:
        for cache, new in ((self.keys, key_BHTD), (self.values, value_BHTD)):
            write = cache[layer].index_copy_ if self.in_place else cache[layer].index_copy
            cache[layer] = write(2, self.positions_T, new)
        return self.keys[layer], self.values[layer]

    def get_seq_length(self, *_: object) -> int:
        return 0

    def get_mask_sizes(self, *_: object) -> tuple[int, int]:
        return self.keys[0].shape[2], 0


class CachedStep(nn.Module):
    """`ids_BT` at `positions_T` -> the next token (B, 1) and its logits (B, V), with 2 x layers caches (B, H, S, D).

    With `in_place` the caches are written where they are; without it they are returned after the logits.
    """

    def __init__(self, module: nn.Module, *, in_place: bool) -> None:
        super().__init__()
        self.module = module
        self.in_place = in_place

    def forward(self, ids_BT: Tensor, positions_T: Tensor, *cache: Tensor) -> tuple[Tensor, ...]:
        """The step; the mask lets position p see cache entries 0 to p."""
        half = len(cache) // 2
        layers = _Layers(cache[:half], cache[half:], positions_T, in_place=self.in_place)
        seen_TS = torch.arange(cache[0].shape[2], device=ids_BT.device)[None, :] <= positions_T[:, None]
        mask_TS = torch.where(seen_TS, 0.0, float("-inf")).to(cache[0].dtype)
        logits_BV = self.module(
            input_ids=ids_BT,
            position_ids=positions_T[None],
            attention_mask=mask_TS[None, None],
            past_key_values=layers,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        token_B1 = logits_BV.argmax(-1, keepdim=True)
        return (token_B1, logits_BV) if self.in_place else (token_B1, logits_BV, *layers.keys, *layers.values)


def empty_cache(
    cache_shape: tuple[int, int, int], batch: int, length: int, dtype: torch.dtype, device: str
) -> tuple[Tensor, ...]:
    """Keys of every layer, then values of every layer, each (batch, heads, length, head dimension), zeroed."""
    layers, heads, head_dim = cache_shape
    return tuple(torch.zeros(batch, heads, length, head_dim, dtype=dtype, device=device) for _ in range(2 * layers))
