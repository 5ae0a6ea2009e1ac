"""One new token as a function of tensors that keep their places: the same for torch and ONNX Runtime.

B = batch, S = positions that there is room for, T = positions of one pass, H = key-value heads, D = head dimension,
N = new tokens, V = vocabulary. A step reads `ids_BS` up to `position_1`, the last one whose id is known, and writes the
next id after it. With `in_place` it writes ids and caches where they are; without it it returns them, to be bound to
the very memory that they were read from.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutput

from benchsuite.backends.caches import BothCaches, CrossLayers, OwnLayers, put
from benchsuite.workload import Generate


class Step(nn.Module):
    """What all steps share: choosing the next token and writing it down."""

    def __init__(self, program: Generate, *, in_place: bool) -> None:
        super().__init__()
        self.module = program.module
        self.in_place = in_place
        self.sampled = len(program.inputs) > 1
        self.known = known_ids(program)

    def write(self, ids_BS: Tensor, position_1: Tensor, logits_BV: Tensor, *noise_BNV: Tensor) -> Tensor:
        """`ids_BS` with the token that follows `position_1`."""
        score_BV = logits_BV
        for noise in noise_BNV:
            score_BV = logits_BV.to(noise.dtype) + noise.index_select(1, position_1 - (self.known - 1))[:, 0]
        token_B1 = score_BV.argmax(-1, keepdim=True)
        return put(ids_BS, 1, position_1 + 1, token_B1, in_place=self.in_place)


class WindowStep(Step):
    """`ids_BS`, `position_1`, noise -> `logits_BV` (and ids): without a cache, the model runs over all S positions."""

    def forward(self, ids_BS: Tensor, position_1: Tensor, *noise_BNV: Tensor) -> tuple[Tensor, ...]:
        """The step; what lies after `position_1` is masked."""
        positions_S = torch.arange(ids_BS.shape[1], device=ids_BS.device)
        dtype = next(p.dtype for p in self.module.parameters() if p.is_floating_point())
        logits_BV = self.module(
            input_ids=ids_BS,
            position_ids=positions_S[None],
            attention_mask=_causal(positions_S, ids_BS.shape[1], dtype),
            use_cache=False,
            logits_to_keep=position_1,
        ).logits[:, -1]
        ids_BS = self.write(ids_BS, position_1, logits_BV, *noise_BNV)
        return (logits_BV,) if self.in_place else (logits_BV, ids_BS)


class CachedStep(Step):
    """`ids_BS`, `position_1`, noise, caches (B, H, S, D) -> `logits_BV` (and ids and caches).

    The pass is over the `span` positions that end with `position_1`.
    """

    def __init__(self, program: Generate, span: int, layers: type[OwnLayers], *, in_place: bool) -> None:
        super().__init__(program, in_place=in_place)
        self.span, self.layers, self.kind = span, layers, layers.__name__

    def forward(self, ids_BS: Tensor, position_1: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        """The step; the mask lets position p see cache entries 0 to p."""
        noise, cache = rest[: self.sampled], rest[self.sampled :]
        positions_T = position_1 + torch.arange(1 - self.span, 1, device=ids_BS.device)
        layers = self.layers(cache, positions_T, in_place=self.in_place)
        logits_BV = self.module(
            input_ids=ids_BS.index_select(1, positions_T),
            position_ids=positions_T[None],
            attention_mask=_causal(positions_T, cache[0].shape[2], cache[0].dtype),
            past_key_values=layers,
            use_cache=True,
            logits_to_keep=1,
            **layers.options,
        ).logits[:, -1]
        ids_BS = self.write(ids_BS, position_1, logits_BV, *noise)
        return (logits_BV,) if self.in_place else (logits_BV, ids_BS, *layers.tensors)


class EncoderStep(Step):
    """`ids_BS`, `position_1`, `source_BT`, noise, own caches -> `logits_BV`, cross-attention's keys and values (...).

    The encoder's pass and the decoder's first.
    """

    def forward(self, ids_BS: Tensor, position_1: Tensor, source_BT: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        """The step."""
        noise, cache = rest[: self.sampled], rest[self.sampled :]
        own, cross = OwnLayers(cache, position_1, in_place=self.in_place), CrossLayers(())
        logits_BV = _decode(self.module, ids_BS, own, cross, source_BT.shape[1], input_ids=source_BT)
        ids_BS = self.write(ids_BS, position_1, logits_BV, *noise)
        kept = () if self.in_place else (ids_BS, *own.tensors)
        return (logits_BV, *cross.tensors, *kept)


class DecoderStep(Step):
    """`ids_BS`, `position_1`, noise, own caches, cross-attention's keys and values -> `logits_BV` (...)."""

    def forward(self, ids_BS: Tensor, position_1: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        """The step; nothing of the encoder is read but keys and values."""
        noise, tensors = rest[: self.sampled], rest[self.sampled :]
        half = len(tensors) // 2
        own, cross = OwnLayers(tensors[:half], position_1, in_place=self.in_place), CrossLayers(tensors[half:])
        unread = BaseModelOutput(last_hidden_state=torch.zeros(1, 1, 1, device=ids_BS.device))
        source = cross.layers[0].keys.shape[2]
        logits_BV = _decode(self.module, ids_BS, own, cross, source, encoder_outputs=unread)
        ids_BS = self.write(ids_BS, position_1, logits_BV, *noise)
        return (logits_BV,) if self.in_place else (logits_BV, ids_BS, *own.tensors)


def _decode(
    module: nn.Module, ids_BS: Tensor, own: OwnLayers, cross: CrossLayers, source: int, **encoder: Any
) -> Tensor:
    """Logits (B, V) of one position of an encoder-decoder; both masks are given, so that nothing asks for data."""
    keys = own.keys[0]
    logits_B1V: Tensor = module(
        attention_mask=torch.zeros(1, 1, 1, source, dtype=keys.dtype, device=keys.device),
        decoder_input_ids=ids_BS.index_select(1, own.positions_T),
        decoder_attention_mask=_causal(own.positions_T, keys.shape[2], keys.dtype),
        past_key_values=BothCaches(own, cross, len(own.keys)),
        use_cache=True,
        **encoder,
    ).logits
    return logits_B1V[:, -1]


def _causal(positions_T: Tensor, length: int, dtype: torch.dtype) -> Tensor:
    """A mask (1, 1, T, S) to add to scores: nothing for entries up to the position, minus infinity after it."""
    seen_TS = torch.arange(length, device=positions_T.device)[None, :] <= positions_T[:, None]
    mask_TS = torch.where(seen_TS, 0.0, float("-inf")).to(dtype)
    return mask_TS[None, None]


def known_ids(program: Generate) -> int:
    """How many ids are there before the first new one."""
    return program.inputs[0].shape[1] if program.start is None else 1
