"""ONNX Runtime: programs are exported once, then run by the runtime's own kernels."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from benchsuite.backend import Session
from benchsuite.backends.placement import misplaced
from benchsuite.backends.presence import missing_nvidia, missing_package
from benchsuite.errors import Unsupported
from benchsuite.workload import Generate, Program, TrainStep, Transfer


@dataclass(frozen=True)
class OnnxRuntime:
    """A device of ONNX Runtime."""

    name: str
    device: str
    common: bool = True
    imports: tuple[str, ...] = ("torch", "onnx", "onnxruntime", "benchsuite.backends.onnx_training")

    def missing(self) -> str | None:
        """See `Backend.missing`."""
        wanted = ("torch", "onnx", "onnxscript")
        if reason := next(filter(None, map(missing_package, wanted)), None):
            return reason
        if self.device == "cpu":
            return missing_package("onnxruntime") and missing_package("onnxruntime-gpu")
        if reason := missing_package("onnxruntime-gpu"):
            return f"{reason} (it brings the CUDA kernels)"
        return missing_nvidia()

    def refuses(self, program: type[Program], precision: str) -> str | None:
        """See `Backend.refuses`."""
        if reason := misplaced(self.name, self.device, program, precision):
            return reason
        if program is TrainStep and precision in ("bf16", "fp16"):
            return f"ONNX Runtime has no autocast: training in {precision} would not keep its weights in fp32"
        if precision != "fp32" and program is Transfer:
            return "a transfer moves bytes: its precision is fp32 only"
        if precision == "int8":
            return self._refuses_int8(program)
        if precision != "fp32" and self.device == "cpu":
            return f"ONNX Runtime's CPU kernels compute in fp32: {precision} would be cast to it and back"
        return None

    def _refuses_int8(self, program: type[Program]) -> str | None:
        if program is TrainStep:
            return "a training step needs gradients, which int8 weights have none of"
        return None if self.device == "cpu" else "ONNX Runtime's products of int8 that are used here are the CPU's only"

    def check(self) -> None:
        """See `Backend.check`."""
        import onnxruntime

        wanted = "CPUExecutionProvider" if self.device == "cpu" else "CUDAExecutionProvider"
        found = onnxruntime.get_available_providers()
        if wanted not in found:
            raise Unsupported(f"this ONNX Runtime has no {wanted} (it has {', '.join(found)})")

    def prepare(self, program: Program, precision: str, threads: int) -> Session:
        """See `Backend.prepare`. One pool of threads serves every session: idle pools of their own would spin."""
        import torch

        from benchsuite.backends.onnx_sessions import Runtime, open_session
        from benchsuite.backends.onnx_training import OnnxTrain

        torch.set_num_threads(threads)
        _share_pool(threads)
        if isinstance(program, TrainStep):
            return OnnxTrain(program, Runtime(self.device, precision))
        if isinstance(program, Generate):
            # Only here: it imports transformers, which takes most of a second, in each worker.
            from benchsuite.backends.onnx_generation import OnnxGenerate

            return OnnxGenerate(program, Runtime(self.device, precision))
        return open_session(program, precision, self.device)


@functools.cache
def _share_pool(threads: int) -> None:
    """Make the pool of the process, which can be done once."""
    import onnxruntime

    onnxruntime.set_global_thread_pool_sizes(threads, 1)


cpu = OnnxRuntime("onnxruntime-cpu", "cpu")
cuda = OnnxRuntime("onnxruntime-cuda", "cuda")
