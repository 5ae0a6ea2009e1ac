"""Sessions over torch tensors on any device; backends differ in how they transform what is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from benchsuite.backend import DeviceTimer, Phase, Session
from benchsuite.backends.torch_int8 import quantised
from benchsuite.workload import Forward, Generate, Program, TrainStep, Transfer

DTYPES = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Transform:
    """How a backend changes what is called: `function` before the first call, `run` once the session is complete.

    `run` is also given what to call before any further call that is not part of an iteration.
    """

    function: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function
    run: Callable[[Callable[[], None], Callable[[], object]], Callable[[], None]] = lambda run, _: run


def nothing() -> None:
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
        torch.backends.cudnn.allow_tf32 = precision == "tf32"  # of recurrent layers, which the line above leaves alone
        torch.set_grad_enabled(isinstance(program, TrainStep))
        self.device, self.precision = device, precision
        self.dtype = _dtype(precision, device)
        self.notes: dict[str, str] = {}
        self.phases: tuple[Phase, ...] = ()
        on_host = device == "cpu"
        self.synchronize: Callable[[], None] | None = None if on_host else torch.accelerator.synchronize
        self.device_timer: DeviceTimer | None = _EventTimer() if device in ("cuda", "xpu") else None
        self.inputs: tuple[Tensor, ...] = tuple(self._place(x) for x in program.inputs)

    def _place(self, x: Tensor) -> Tensor:
        """A copy of our own: a workload's inputs may be views of one another, and ours are rewritten."""
        return x.to(self.device, self._input_dtype(x), copy=True).contiguous()

    def _input_dtype(self, x: Tensor) -> torch.dtype:
        return self.dtype if x.is_floating_point() else x.dtype

    def _placed(self, program: Forward | Generate) -> nn.Module:
        """The module of `program` on the device, in the session's precision."""
        module = program.module.to(self.device, self.dtype)
        if self.precision == "int8":
            module, self.notes["int8"] = quantised(program, self.device)
        return module

    def reset(self, program: Program) -> None:
        """Nothing to forget, but for sessions that say so."""


class ForwardSession(TorchSession):
    """`module(*inputs)`."""

    def __init__(self, program: Forward, precision: str, device: str, transform: Transform) -> None:
        super().__init__(program, precision, device)
        module = transform.function(self._placed(program))

        def run() -> None:
            self._result = module(*self.inputs)

        self.phases = (Phase(transform.run(run, nothing)),)

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

        self.phases = (Phase(transform.run(run, nothing)),)

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

        self.phases = (Phase(transform.run(run, nothing)),)

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


def open_session(program: Forward | Transfer | TrainStep, precision: str, device: str, transform: Transform) -> Session:
    """The session of `program` on `device`."""
    match program:
        case Forward():
            return ForwardSession(program, precision, device, transform)
        case Transfer():
            return TransferSession(program, precision, device, transform)
        case TrainStep():
            return TrainSession(program, precision, device, transform)


def _dtype(precision: str, device: str) -> torch.dtype:
    """What inputs and all that is not quantised are in: beside int8, what a device is quick at."""
    if precision == "int8":
        return torch.float32 if device == "cpu" else torch.bfloat16
    return DTYPES[precision]


def own(x: Tensor) -> Tensor:
    """A copy on the host that nothing else writes to."""
    return x.detach().to("cpu", copy=True)
