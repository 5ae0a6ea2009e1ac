"""PyTorch replayed as CUDA graphs: each phase is captured once, so that launching costs one call."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchsuite.backend import Session
from benchsuite.backends.torch_backend import TorchBackend
from benchsuite.workload import Program, TrainStep

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from benchsuite.backends.torch_sessions import Transform


@dataclass(frozen=True)
class TorchGraph(TorchBackend):
    """CUDA graph replay of what the eager backend calls."""

    def transform(self, program: type[Program]) -> Transform:
        """See `TorchBackend.transform`."""
        from benchsuite.backends.cuda_capture import captured
        from benchsuite.backends.torch_sessions import Transform

        return Transform(run=captured)

    def prepare(self, program: Program, precision: str, threads: int) -> Session:
        """See `Backend.prepare`. The optimizer is told to keep its step count on the device."""
        if isinstance(program, TrainStep):
            program = dataclasses.replace(program, optimizer=_capturable(program.optimizer))
        return super().prepare(program, precision, threads)


def _capturable(make: Callable[[Any], Optimizer]) -> Callable[[Any], Optimizer]:
    def optimizer(parameters: Any) -> Optimizer:
        made = make(parameters)
        for group in made.param_groups:
            if "capturable" in group:
                group["capturable"] = True
        return made

    return optimizer


cuda = TorchGraph("torch-graph-cuda", "cuda")
