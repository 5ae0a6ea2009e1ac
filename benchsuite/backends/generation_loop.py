"""What a generating session keeps and runs, whatever runs it: ids, position, caches, and two passes over them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from benchsuite.backends.caches import OwnLayers
from benchsuite.backends.generation_steps import CachedStep, DecoderStep, EncoderStep, Step, WindowStep, known_ids
from benchsuite.workload import Generate


@dataclass(frozen=True)
class Pass:
    """A step, the tensors that it reads, and those that what it returns after the logits belongs in."""

    step: Step
    reads: tuple[Tensor, ...]
    writes: tuple[Tensor, ...]


@dataclass(frozen=True)
class Loop:
    """One pass for the first new token, then another for each later one; between them the position moves on."""

    given: tuple[Tensor, ...]
    start: int | None
    known: int
    ids_BS: Tensor  # noqa: N815
    position_1: Tensor
    first: Pass
    later: Pass

    def begin(self) -> None:
        """Before the first pass: the ids that are known, and the last one's position."""
        if self.start is None:
            self.ids_BS[:, : self.known] = self.given[0]
        self.position_1.fill_(self.known - 1)

    @property
    def tokens(self) -> Tensor:
        """The new tokens (B, N)."""
        return self.ids_BS[:, self.known :]


def loop_of(
    program: Generate,
    given: tuple[Tensor, ...],
    dtype: torch.dtype,
    *,
    in_place: bool,
    layers: type[OwnLayers] = OwnLayers,
) -> Loop:
    """The loop of `program`, with `given`, its inputs on the device, and caches of `dtype`.

    `in_place` is that of the steps; `layers` are how a causal model writes its cache.
    """
    known, device = known_ids(program), given[0].device
    ids_BS = torch.full((given[0].shape[0], known + program.new_tokens), program.start or 0, device=device)
    position_1 = torch.zeros(1, dtype=torch.int64, device=device)
    first, later = _passes(program, (ids_BS, position_1), given, dtype, layers, in_place=in_place)
    return Loop(given, program.start, known, ids_BS, position_1, first, later)


def _passes(
    program: Generate,
    state: tuple[Tensor, Tensor],
    given: tuple[Tensor, ...],
    dtype: torch.dtype,
    layers: type[OwnLayers],
    *,
    in_place: bool,
) -> tuple[Pass, Pass]:
    """The first pass and the later ones; what is not written in place is written by whoever runs them."""
    noise, written = given[1:], () if in_place else state[:1]
    if program.cache_shape is None:
        window = Pass(WindowStep(program, in_place=in_place), (*state, *noise), written)
        return window, window
    (batch, length), source = state[0].shape, given[0].shape[1]
    own = _empty_cache(program.cache_shape, batch, length, dtype, given[0].device)
    written = () if in_place else (*written, *own)
    reads = (*state, *noise, *own)
    if program.start is None:
        prefill, decode = (CachedStep(program, span, layers, in_place=in_place) for span in (source, 1))
        return Pass(prefill, reads, written), Pass(decode, reads, written)
    cross = _empty_cache(program.cache_shape, batch, source, dtype, given[0].device)
    encode, decode_on = EncoderStep(program, in_place=in_place), DecoderStep(program, in_place=in_place)
    return (
        Pass(encode, (*state, given[0], *noise, *own), (*cross, *written)),
        Pass(decode_on, (*reads, *cross), written),
    )


def _empty_cache(
    cache_shape: tuple[int, int, int], batch: int, length: int, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, ...]:
    """Keys of every layer, then values of every layer, each (batch, heads, length, head dimension), zeroed."""
    layers, heads, head_dim = cache_shape
    return tuple(torch.zeros(batch, heads, length, head_dim, dtype=dtype, device=device) for _ in range(2 * layers))
