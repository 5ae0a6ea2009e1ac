"""Generation over torch tensors on any device."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import torch
from torch import Tensor

from benchsuite.backend import Phase
from benchsuite.backends.generation_loop import Pass, loop_of
from benchsuite.backends.torch_sessions import TorchSession, Transform, nothing, own
from benchsuite.workload import Generate


class GenerateSession(TorchSession):
    """A first pass, then one decode step a token; ids, position and caches stay in the same tensors throughout."""

    def __init__(self, program: Generate, precision: str, device: str, transform: Transform) -> None:
        super().__init__(program, precision, device)
        program = dataclasses.replace(program, module=self._placed(program))
        loop = self._loop = loop_of(program, self.inputs, self.dtype, in_place=True)
        run_first = self._runner(loop.first, transform)
        run_later = run_first if loop.later is loop.first else self._runner(loop.later, transform)

        def first() -> None:
            loop.begin()
            run_first()

        def later() -> None:
            loop.position_1.add_(1)
            run_later()

        first = transform.run(first, nothing)
        later = transform.run(later, loop.begin)

        def decode() -> None:
            for _ in range(program.new_tokens - 1):
                later()

        self.phases = (Phase(first, metric="time/prefill"),)
        if program.new_tokens > 1:
            self.phases += (Phase(decode, units=program.new_tokens - 1, metric="time/per_token"),)

    def _runner(self, part: Pass, transform: Transform) -> Callable[[], None]:
        step = transform.function(part.step)

        def run() -> None:
            self._logits_BV, *made = step(*part.reads)
            for kept, new in zip(part.writes, made, strict=True):
                kept.copy_(new)

        return run

    def _input_dtype(self, x: Tensor) -> torch.dtype:
        return x.dtype  # noise decides between logits, and is the same in every precision

    def output(self) -> dict[str, Tensor]:
        """`tokens` (B, N) and the `logits` (B, V) of the last one."""
        return {"tokens": own(self._loop.tokens), "logits": own(self._logits_BV)}
