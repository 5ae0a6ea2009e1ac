"""Key-value caches in the protocol of `transformers`, over tensors that we own.

B = batch, H = key-value heads, S = positions that there is room for, T = positions of one pass, D = head dimension.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor
from transformers import EncoderDecoderCache


class OwnLayers:
    """The part of the cache protocol of `transformers` that models call, over tensors that we own.

    Note: `transformers.StaticCache` keeps its length in a hidden tensor and allocates by itself; tensors passed in and
    a position passed in make prefill and decode plain functions, which compile, capture and export alike.
    """

    is_compileable = True

    def __init__(self, tensors: tuple[Tensor, ...], positions_T: Tensor, *, in_place: bool) -> None:
        half = len(tensors) // 2
        self.keys, self.values = list(tensors[:half]), list(tensors[half:])
        self.positions_T, self.in_place = positions_T, in_place

    def update(self, key_BHTD: Tensor, value_BHTD: Tensor, layer: int, *_: object) -> tuple[Tensor, Tensor]:
        """Write a layer's new keys and values; all of them, old and new."""
        for cache, new in ((self.keys, key_BHTD), (self.values, value_BHTD)):
            cache[layer] = put(cache[layer], 2, self.positions_T, new, in_place=self.in_place)
        return self.keys[layer], self.values[layer]

    def get_seq_length(self, *_: object) -> Tensor:
        """How many positions were there before this pass, which is where relative positions begin."""
        return self.positions_T[:1]

    def get_mask_sizes(self, *_: object) -> tuple[int, int]:
        """How many positions a mask covers, and the first of them."""
        return self.keys[0].shape[2], 0

    @property
    def options(self) -> dict[str, Any]:
        """What a model must pass on to its attention."""
        return {}

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """Keys of every layer, then values of every layer."""
        return (*self.keys, *self.values)


@dataclass
class CrossLayer:
    """Keys and values of one layer's attention to the encoder."""

    keys: Tensor
    values: Tensor


class CrossLayers:
    """The cross-attention's half of an encoder-decoder cache: empty layers are filled by the first pass."""

    def __init__(self, tensors: tuple[Tensor, ...]) -> None:
        half = len(tensors) // 2
        self.layers = [CrossLayer(*pair) for pair in zip(tensors[:half], tensors[half:], strict=True)]

    def update(self, key_BHTD: Tensor, value_BHTD: Tensor, layer: int, *_: object) -> tuple[Tensor, Tensor]:
        """Keep a layer's keys and values."""
        assert layer == len(self.layers)
        self.layers.append(CrossLayer(key_BHTD, value_BHTD))
        return key_BHTD, value_BHTD

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """Keys of every layer, then values of every layer."""
        return (*(layer.keys for layer in self.layers), *(layer.values for layer in self.layers))


class BothCaches(EncoderDecoderCache):  # type: ignore[misc]  # transformers is not typed
    """What a decoder recognises by its type; each layer of the cross-attention is either there or yet to be filled."""

    def __init__(self, own: OwnLayers, cross: CrossLayers, layers: int) -> None:
        self.self_attention_cache, self.cross_attention_cache = own, cross
        self.is_updated = dict.fromkeys(range(layers), bool(cross.layers))


def put(x: Tensor, dim: int, index_T: Tensor, new: Tensor, *, in_place: bool) -> Tensor:
    """`x` with `new` at `index_T` of `dim`: written into `x`, or a new tensor."""
    if in_place:
        return x.index_copy_(dim, index_T, new)
    shape = [1] * x.ndim
    shape[dim] = -1
    return x.scatter(dim, index_T.view(shape).expand_as(new), new)
