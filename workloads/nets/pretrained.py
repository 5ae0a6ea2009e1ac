"""Models of `transformers` with the weights that lie in their folder, made to trace without branches on data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn.functional import normalize
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from benchsuite.errors import UsageError
from workloads.model import Model, pooling

_GLANCE = 8  # tokens

# See workloads/nets/bert.py.
AttentionInterface.register("maskless-sdpa", sdpa_attention_forward)


class Frequencies:
    """What is mixed into a rotary embedding: its frequencies stay in fp32, as where a library loads in bfloat16."""

    _buffers: dict[str, Tensor | None]

    def _apply(self, function: Callable[[Tensor], Tensor], recurse: bool = True) -> Any:
        kept = {name: x for name, x in self._buffers.items() if x is not None and x.is_floating_point()}
        super()._apply(function, recurse)  # type: ignore[misc]
        for name, x in kept.items():
            moved = self._buffers[name]
            assert moved is not None
            self._buffers[name] = x.to(moved.device)
        return self


class Pass(nn.Module):
    """Ids (B, T), for an encoder-decoder twice, to logits, or of an encoder to states or embeddings."""

    def __init__(self, model: Model, network: nn.Module) -> None:
        super().__init__()
        self.model = network
        self.purpose = model.purpose
        self.pooling, self.normalized = pooling(model.folder) if model.purpose == "encoder" else ("none", False)

    def forward(self, ids_BT: Tensor, *decoder_ids_BT: Tensor) -> Tensor:
        """Logits (B, T, V) of a language model or (B, C) of a classifier; states (B, T, D) or embeddings (B, D)."""
        result: Tensor
        if self.purpose == "encoder":
            return self._pooled(self.model(input_ids=ids_BT).last_hidden_state)
        if self.purpose == "seq2seq":
            result = self.model(input_ids=ids_BT, decoder_input_ids=decoder_ids_BT[0], use_cache=False).logits
        elif self.purpose == "causal":
            result = self.model(input_ids=ids_BT, use_cache=False).logits
        else:
            result = self.model(input_ids=ids_BT).logits
        return result

    def _pooled(self, states_BTD: Tensor) -> Tensor:
        if self.pooling == "none":
            return states_BTD
        pooled_BD = states_BTD.mean(1) if self.pooling == "mean" else states_BTD[:, 0]
        return normalize(pooled_BD, dim=-1) if self.normalized else pooled_BD


def load(model: Model, positions: int) -> nn.Module:
    """The network in fp32, in evaluation mode, for sequences of up to `positions`. Raises UsageError."""
    try:
        network, info = model.kind.from_pretrained(
            model.folder,
            config=model.config,
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = str(error).strip().split("\n")[0]
        raise UsageError(f"the weights of {model.name} cannot be loaded as safetensors ({reason})") from error
    if missing := sorted(info["missing_keys"]):
        raise UsageError(f"{model.folder} lacks weights of {model.kind.__name__}: {', '.join(missing[:3])} ...")
    _check_room(model, network, positions)
    network = network.eval().requires_grad_(requires_grad=False)
    _drop_masks(model, network, positions)
    for part in network.modules():
        if any(name.endswith("inv_freq") for name, _ in part.named_buffers(recurse=False)):
            part.__class__ = type(type(part).__name__, (Frequencies, type(part)), {})
    # Head counts, angles and the like are not in any weight, and a cache must not take one model for another.
    text = json.dumps(model.config.to_dict(), sort_keys=True, default=str)
    network.register_buffer("configuration", torch.tensor(list(hashlib.sha256(text.encode()).digest())).byte())
    made: nn.Module = network
    return made


def _check_room(model: Model, network: nn.Module, positions: int) -> None:
    """Raise UsageError where the model has no room for `positions`; tables may begin after a row for padding."""
    room = getattr(model.text, "max_position_embeddings", None)
    for name, part in network.named_modules():
        if isinstance(part, nn.Embedding) and "position" in name and room == part.num_embeddings and part.padding_idx:
            room = part.num_embeddings - part.padding_idx - 1
    if room is not None and positions > room:
        raise UsageError(f"{model.name} has {room} positions, and {positions} were asked for: choose fewer")


@torch.no_grad()
def _drop_masks(model: Model, network: Any, positions: int) -> None:
    """Let kernels be told what is causal, in place of masks, where that gives the same results.

    Note: masks that `transformers` (5.17 to 5.23) makes depend on data in eager runs and are made of ones when traced.
    """
    before = network.config._attn_implementation
    window = getattr(model.text, "sliding_window", None)
    if before != "sdpa" or (window is not None and window < positions):
        return
    probe = Pass(model, network)
    ids_BT = (torch.arange(2 * _GLANCE) % model.text.vocab_size).view(2, -1)[:, :positions] + 0
    inputs = (ids_BT, ids_BT) if model.purpose == "seq2seq" else (ids_BT,)
    expected = probe(*inputs)
    network.set_attn_implementation("maskless-sdpa")
    if not torch.allclose(probe(*inputs), expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max())):
        network.set_attn_implementation(before)
