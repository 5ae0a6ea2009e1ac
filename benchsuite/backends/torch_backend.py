"""What the torch backends share; light, since torch itself is imported only to prepare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchsuite.backend import Session
from benchsuite.backends.placement import misplaced
from benchsuite.backends.presence import missing_torch_device
from benchsuite.errors import Unsupported
from benchsuite.workload import Generate, HostTask, HostTransfer, Program, TrainStep, Transfer

if TYPE_CHECKING:
    from benchsuite.backends.torch_sessions import Transform


@dataclass(frozen=True)
class TorchBackend:
    """A torch device and a way of calling; subclasses say which."""

    name: str
    device: str
    common: bool = True
    imports: tuple[str, ...] = ("torch", "benchsuite.backends.torch_sessions")

    def missing(self) -> str | None:
        """See `Backend.missing`."""
        return missing_torch_device(self.device)

    def refuses(self, program: type[Program], precision: str) -> str | None:
        """See `Backend.refuses`."""
        if reason := misplaced(self.name, self.device, program, precision):
            return reason
        if precision == "int8" and program is TrainStep:
            return "a training step needs gradients, which int8 weights have none of"
        if precision == "int8" and self.device not in ("cpu", "cuda"):
            return f"torchao's products of int8 are for the CPU and for CUDA, not for {self.device}"
        if precision == "tf32" and self.device != "cuda":
            return f"tf32 is a mode of NVIDIA tensor cores, not of {self.device}"
        if precision == "fp16" and program is TrainStep:
            return "fp16 training needs loss scaling, which the training step does not do: use bf16"
        if precision != "fp32" and program is Transfer:
            return "a transfer moves bytes: its precision is fp32 only"
        if self.device == "mps" and program is Generate and precision == "bf16":
            return "bf16 generation is not offered on mps"
        return None

    def check(self) -> None:
        """See `Backend.check`."""
        import torch

        if self.device == "cpu":
            return
        found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        if found is None or found.type != self.device:
            raise Unsupported(f"torch finds no {self.device} device (it finds {found.type if found else 'none'})")

    def transform(self, program: type[Program]) -> Transform:
        """How calls of such a program are changed."""
        from benchsuite.backends.torch_sessions import Transform

        return Transform()

    def prepare(self, program: Program, precision: str, threads: int) -> Session:
        """See `Backend.prepare`."""
        import torch

        torch.set_num_threads(threads)
        if isinstance(program, HostTask):
            from benchsuite.backends.host_session import HostSession

            return HostSession(program, threads)
        if isinstance(program, HostTransfer):
            from benchsuite.backends.torch_transfer import HostTransferSession

            return HostTransferSession(program, self.device)
        if isinstance(program, Generate):
            # Only here: it imports transformers, which takes most of a second, in each worker.
            from benchsuite.backends.torch_generation import GenerateSession

            return GenerateSession(program, precision, self.device, self.transform(type(program)))
        from benchsuite.backends.torch_sessions import open_session

        return open_session(program, precision, self.device, self.transform(type(program)))
