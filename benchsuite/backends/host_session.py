"""Sessions of work on the host: the phases are the program's own."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from benchsuite.backend import DeviceTimer
from benchsuite.workload import HostTask, Program


class HostSession:
    """A `HostTask` on inputs of its own."""

    def __init__(self, program: HostTask, threads: int) -> None:
        torch.set_grad_enabled(False)
        self.inputs: tuple[Tensor, ...] = tuple(x.clone() for x in program.inputs)
        self.synchronize: Callable[[], None] | None = None
        self.device_timer: DeviceTimer | None = None
        steps = program.prepare(self.inputs, threads)
        self.phases, self._output, self.notes = steps.phases, steps.output, dict(steps.notes)

    def output(self) -> dict[str, Tensor]:
        """What the program says of its last iteration, copied."""
        return {name: x.clone() for name, x in self._output().items()}

    def reset(self, program: Program) -> None:
        """Nothing to forget."""
