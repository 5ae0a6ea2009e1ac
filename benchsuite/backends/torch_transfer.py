"""Copies between the host's memory and a device's, by torch's eager copy."""

from __future__ import annotations

import torch
from torch import Tensor

from benchsuite.backend import Phase
from benchsuite.backends.torch_sessions import TorchSession, own
from benchsuite.errors import Unsupported
from benchsuite.workload import HostTransfer


class HostTransferSession(TorchSession):
    """Copy the input from its place to one that already exists at the other side.

    From pinned memory the copy is enqueued and runs by itself; the driver takes pageable memory through a pinned buffer
    of its own, piece by piece, and returns when it is done with it.
    """

    def __init__(self, program: HostTransfer, device: str) -> None:
        self._to_device, self._pinned = program.to_device, program.pinned
        super().__init__(program, "fp32", device)
        source = self.inputs[0]
        empty = torch.zeros(source.shape, dtype=source.dtype, device=device if program.to_device else "cpu")
        destination = self._destination = empty if program.to_device else self._on_host(empty)
        queued = program.pinned

        def run() -> None:
            destination.copy_(source, non_blocking=queued)

        self.phases = (Phase(run),)
        self.notes["host memory"] = "pinned" if program.pinned else "pageable"

    def _place(self, x: Tensor) -> Tensor:
        return self._on_host(x.clone()) if self._to_device else super()._place(x)

    def _on_host(self, x: Tensor) -> Tensor:
        """Pageable memory has been written, so that no page of it is met for the first time while timing."""
        if not self._pinned:
            return x
        try:
            return x.pin_memory()
        except (RuntimeError, NotImplementedError) as error:
            raise Unsupported(f"torch pins no memory of the host for {self.device}: {error}") from error

    def output(self) -> dict[str, Tensor]:
        """`output`: the copy."""
        return {"output": own(self._destination)}
