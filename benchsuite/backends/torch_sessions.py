"""Sessions over torch tensors on any device; backends differ in how they transform what is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from benchsuite.backend import DeviceTimer, Phase, Session
from benchsuite.backends.cached_step import CachedStep, empty_cache
from benchsuite.workload import Forward, Generate, Program, TrainStep, Transfer

DTYPES = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Transform:
    """How a backend changes what is called: `function` before the first call, `run` once the session is complete.

    `run` is also given what to call before any further call that is not part of an iteration.
    """

    function: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function
    run: Callable[[Callable[[], None], Callable[[], object]], Callable[[], None]] = lambda run, _: run


def _nothing() -> None:
    """A phase that any call may follow."""


class _EventTimer:
    """Two events on the current stream."""

    def __init__(self) -> None:
        self._start, self._stop = torch.Event(enable_timing=True), torch.Event(enable_timing=True)

    def start(self) -> None:
        self._start.record()

    def stop(self) -> None:
        self._stop.record()

    def seconds(self) -> float:
        return float(self._start.elapsed_time(self._stop)) / 1e3


class TorchSession:
    """What every torch session shares: its device, its inputs there, and waiting for it."""

    def __init__(self, program: Program, precision: str, device: str) -> None:
        torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
        torch.set_grad_enabled(isinstance(program, TrainStep))
        self.device, self.dtype = device, DTYPES[precision]
        self.notes: dict[str, str] = {}
        self.phases: tuple[Phase, ...] = ()
        on_host = device == "cpu"
        self.synchronize: Callable[[], None] | None = None if on_host else torch.accelerator.synchronize
        self.device_timer: DeviceTimer | None = _EventTimer() if device in ("cuda", "xpu") else None
        self.inputs: tuple[Tensor, ...] = tuple(self._place(x) for x in program.inputs)

    def _place(self, x: Tensor) -> Tensor:
        """A copy of our own: a workload's inputs may be views of one another, and ours are rewritten."""
        return x.to(self.device, self._input_dtype(x), copy=True)

    def _input_dtype(self, x: Tensor) -> torch.dtype:
        return self.dtype if x.is_floating_point() else x.dtype

    def reset(self, program: Program) -> None:
        """Nothing to forget, but for sessions that say so."""


class ForwardSession(TorchSession):
    """`module(*inputs)`."""

    def __init__(self, program: Forward, precision: str, device: str, transform: Transform) -> None:
        super().__init__(program, precision, device)
        module = transform.function(program.module.to(device, self.dtype))

        def run() -> None:
            self._result = module(*self.inputs)

        self.phases = (Phase(transform.run(run, _nothing)),)

    def output(self) -> dict[str, Tensor]:
        """`output`, or `output/0`, `output/1`, ... where the module returns several."""
        if isinstance(self._result, Tensor):
            return {"output": own(self._result)}
        return {f"output/{i}": own(x) for i, x in enumerate(self._result)}


class TransferSession(TorchSession):
    """Copy the input to a tensor that already exists."""

    def __init__(self, program: Transfer, precision: str, device: str, transform: Transform) -> None:
        super().__init__(program, precision, device)
        source, self._destination = self.inputs[0], torch.zeros_like(self.inputs[0])
        copy = transform.function(lambda destination, source: destination.copy_(source))

        def run() -> None:
            copy(self._destination, source)

        self.phases = (Phase(transform.run(run, _nothing)),)

    def output(self) -> dict[str, Tensor]:
        """`output`: the copy."""
        return {"output": own(self._destination)}


class TrainSession(TorchSession):
    """Forward, loss, backward and optimizer; below fp32 under autocast with fp32 weights."""

    def __init__(self, program: TrainStep, precision: str, device: str, transform: Transform) -> None:
        super().__init__(program, precision, device)
        module = self._module = program.module.to(device)
        self._optimizer = program.optimizer(module.parameters())
        loss_of = transform.function(lambda *inputs: program.loss(module, *inputs))
        autocast = torch.autocast(device, self.dtype, enabled=self.dtype != torch.float32)

        def run() -> None:
            self._optimizer.zero_grad(set_to_none=True)
            with autocast:
                self._loss = loss_of(*self.inputs)
            self._loss.backward()
            self._optimizer.step()

        self.phases = (Phase(transform.run(run, _nothing)),)

    def _input_dtype(self, x: Tensor) -> torch.dtype:
        return x.dtype

    def output(self) -> dict[str, Tensor]:
        """`loss`, and each parameter as `parameter/<name>`: the very one if on the host, as there may be gigabytes."""
        parameters = {f"parameter/{name}": p.detach().cpu() for name, p in self._module.named_parameters()}
        return {"loss": own(self._loss), **parameters}

    def reset(self, program: Program) -> None:
        """Weights of `program`, optimizer state zero (where every optimizer of torch starts), all in place."""
        assert isinstance(program, TrainStep)
        with torch.no_grad():
            for mine, fresh in zip(self._module.parameters(), program.module.parameters(), strict=True):
                mine.copy_(fresh)
            for state in self._optimizer.state.values():
                for value in state.values():
                    if isinstance(value, Tensor):
                        value.zero_()


class GenerateSession(TorchSession):
    """Prefill, then one decode step a token; token, position and cache stay in the same tensors throughout."""

    def __init__(self, program: Generate, precision: str, device: str, transform: Transform) -> None:
        super().__init__(program, precision, device)
        prompt_BT = self.inputs[0]
        batch, prompt = prompt_BT.shape
        module = program.module.to(device, self.dtype)
        step = transform.function(CachedStep(module, in_place=True))
        cache = empty_cache(program.cache_shape, batch, prompt + program.new_tokens, self.dtype, device)
        prompt_T = torch.arange(prompt, device=device)
        token_B1 = torch.zeros(batch, 1, dtype=torch.int64, device=device)
        position_1 = torch.zeros(1, dtype=torch.int64, device=device)
        self._history_BN = torch.zeros(batch, program.new_tokens, dtype=torch.int64, device=device)

        def keep(next_B1: Tensor) -> None:
            token_B1.copy_(next_B1)
            self._history_BN.index_copy_(1, position_1 - (prompt - 1), next_B1)
            position_1.add_(1)

        def prefill() -> None:
            next_B1, self._logits_BV = step(prompt_BT, prompt_T, *cache)
            position_1.fill_(prompt - 1)
            keep(next_B1)

        def decode_one() -> None:
            next_B1, self._logits_BV = step(token_B1, position_1, *cache)
            keep(next_B1)

        prefill = transform.run(prefill, _nothing)
        decode_one = transform.run(decode_one, lambda: position_1.fill_(prompt))

        def decode() -> None:
            for _ in range(program.new_tokens - 1):
                decode_one()

        self.phases = (Phase(prefill, metric="time/prefill"),)
        if program.new_tokens > 1:
            self.phases += (Phase(decode, units=program.new_tokens - 1, metric="time/per_token"),)

    def output(self) -> dict[str, Tensor]:
        """`tokens` (B, N) and the `logits` (B, V) of the last one."""
        return {"tokens": own(self._history_BN), "logits": own(self._logits_BV)}


def open_session(program: Program, precision: str, device: str, transform: Transform) -> Session:
    """The session of `program` on `device`."""
    match program:
        case Forward():
            return ForwardSession(program, precision, device, transform)
        case Transfer():
            return TransferSession(program, precision, device, transform)
        case TrainStep():
            return TrainSession(program, precision, device, transform)
        case Generate():
            return GenerateSession(program, precision, device, transform)


def own(x: Tensor) -> Tensor:
    """A copy on the host that nothing else writes to."""
    return x.detach().to("cpu", copy=True)
