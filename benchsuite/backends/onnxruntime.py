"""ONNX Runtime: programs are exported once, then run by the runtime's own kernels."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.backend import Session
from benchsuite.backends.presence import missing_nvidia, missing_package
from benchsuite.errors import Unsupported
from benchsuite.workload import Program, TrainStep, Transfer


@dataclass(frozen=True)
class OnnxRuntime:
    """A device of ONNX Runtime."""

    name: str
    device: str
    common: bool = True
    imports: tuple[str, ...] = ("torch", "onnx", "onnxruntime", "benchsuite.backends.onnx_sessions")

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
        if program is TrainStep:
            return "training steps are not exported to ONNX yet"
        if precision == "int8":
            return "int8 needs a quantised graph, which this backend does not make"
        if precision != "fp32" and program is Transfer:
            return "a transfer moves bytes: its precision is fp32 only"
        if precision != "fp32" and self.device == "cpu":
            return f"ONNX Runtime's CPU kernels compute in fp32: {precision} would be cast to it and back"
        return None

    def check(self) -> None:
        """See `Backend.check`."""
        import onnxruntime

        wanted = "CPUExecutionProvider" if self.device == "cpu" else "CUDAExecutionProvider"
        found = onnxruntime.get_available_providers()
        if wanted not in found:
            raise Unsupported(f"this ONNX Runtime has no {wanted} (it has {', '.join(found)})")

    def prepare(self, program: Program, precision: str, threads: int) -> Session:
        """See `Backend.prepare`. One pool of threads serves every session: idle pools of their own would spin."""
        import onnxruntime
        import torch

        from benchsuite.backends.onnx_sessions import open_session

        torch.set_num_threads(threads)
        onnxruntime.set_global_thread_pool_sizes(threads, 1)
        return open_session(program, precision, self.device)


cpu = OnnxRuntime("onnxruntime-cpu", "cpu")
cuda = OnnxRuntime("onnxruntime-cuda", "cuda")
