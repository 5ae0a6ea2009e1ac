"""Attention over a key-value cache as one operator of ONNX Runtime, which writes new keys and values where they belong.

B = batch, H = query heads, G = key-value heads, T = positions of one pass, S = positions that there is room for,
D = head dimension. Spelt out, the same is 14 nodes a layer, each of which costs as much as reading 60 kB.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface

from benchsuite.backends.caches import OwnLayers
from benchsuite.errors import Unsupported

NAME = "onnxruntime-grouped-query"
_UNKNOWN = ("sliding_window", "softcap", "s_aux", "position_bias")


class FusedLayers(OwnLayers):
    """Caches that the operator writes: `update` leaves that to `attend`, which `NAME` calls."""

    def __init__(self, tensors: tuple[Tensor, ...], positions_T: Tensor, *, in_place: bool) -> None:
        super().__init__(tensors, positions_T, in_place=in_place)
        self.last_1 = positions_T[-1:].to(torch.int32)
        self.last_B = self.last_1.expand(tensors[0].shape[0])

    def update(self, key_BGTD: Tensor, value_BGTD: Tensor, layer: int, *_: object) -> tuple[Tensor, Tensor]:
        """See `OwnLayers.update`."""
        return key_BGTD, value_BGTD

    @property
    def options(self) -> dict[str, Any]:
        """See `OwnLayers.options`."""
        return {"caches": self}

    def attend(self, query_BHTD: Tensor, key_BGTD: Tensor, value_BGTD: Tensor, layer: int, scale: float) -> Tensor:
        """Attention's output (B, T, H, D); position p sees entries 0 to p."""
        (batch, heads, positions, head_dim), past = query_BHTD.shape, self.keys[layer]
        mixed, self.keys[layer], self.values[layer] = torch.onnx.ops.symbolic_multi_out(
            "com.microsoft::GroupQueryAttention",
            (
                *(x.transpose(1, 2).reshape(batch, positions, -1) for x in (query_BHTD, key_BGTD, value_BGTD)),
                past,
                self.values[layer],
                self.last_B,
                self.last_1 + 1,
            ),
            {"num_heads": heads, "kv_num_heads": key_BGTD.shape[1], "scale": scale},
            dtypes=(query_BHTD.dtype,) * 3,
            shapes=((batch, positions, heads * head_dim), past.shape, past.shape),
            version=1,
        )
        return mixed.view(batch, positions, heads, head_dim)


def _attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    _: Tensor | None,
    *,
    scaling: float,
    caches: FusedLayers,
    **options: Any,
) -> tuple[Tensor, None]:
    """The operator, in the calling convention of `transformers`; it masks by itself what is after each position."""
    if unknown := [name for name in _UNKNOWN if options.get(name) is not None]:
        raise Unsupported(f"the runtime's attention operator does not do {', '.join(unknown)}")
    layer: Any = module.layer_idx
    return caches.attend(query, key, value, layer, scaling), None


AttentionInterface.register(NAME, _attention)
