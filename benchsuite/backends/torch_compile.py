"""PyTorch through its compiler; compiling is part of preparing, and kernels are cached by content by torch itself."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchsuite.backend import Session, call
from benchsuite.backends.torch_backend import TorchBackend
from benchsuite.errors import Unsupported
from benchsuite.workload import Generate, Program

if TYPE_CHECKING:
    from benchsuite.backends.torch_sessions import Transform

_TAKEN_APART = set(" '\"\\")


@dataclass(frozen=True)
class TorchCompile(TorchBackend):
    """`torch.compile` with static shapes around the module, the loss or the step."""

    # The compiler imports most of itself at the first compilation; what a version does not have is passed over.
    imports: tuple[str, ...] = (
        "torch",
        "torch._dynamo",
        "torch._dynamo.repro.after_dynamo",
        "torch._inductor.compile_fx",
        "torch._inductor.codegen.cpp_wrapper_gpu",
        "torch._inductor.codegen.cuda_combined_scheduling",
        "torch._inductor.fx_passes.fuse_attention",
        "torch._inductor.fx_passes.mkldnn_fusion",
        "torch._inductor.fx_passes.pad_mm",
        "torch._inductor.fx_passes.quantization",
        "torch.export._trace",
        "torch.utils.cpp_extension",
        "sympy.combinatorics",
        "sympy.tensor.tensor",
        "benchsuite.backends.compiler_facts",
        "benchsuite.backends.torch_sessions",
    )

    def missing(self) -> str | None:
        """See `Backend.missing`; on a CPU the compiler also needs a C++ compiler."""
        if reason := super().missing():
            return reason
        if self.device == "cpu" and not any(map(shutil.which, ("g++", "clang++", "c++"))):
            return "torch.compile on a CPU needs a C++ compiler, and neither g++ nor clang++ is on the PATH"
        return None

    def check(self) -> None:
        """See `Backend.check`; the folders that kernels are built in are tried as well."""
        super().check()
        places = {"TMPDIR": tempfile.gettempdir()}
        if kernels := os.environ.get("TORCHINDUCTOR_CACHE_DIR"):
            places["BENCHSUITE_CACHE"] = kernels
        for variable, folder in places.items():
            if trouble := _unfit(Path(folder)):
                raise Unsupported(f"torch.compile builds kernels in {folder!r}, {trouble}: set {variable} to another")

    def transform(self, program: type[Program]) -> Transform:
        """See `TorchBackend.transform`. On CUDA the short steps of generation are replayed, not launched one by one."""
        import torch

        from benchsuite.backends.torch_sessions import Transform

        def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
            return torch.compile(function, dynamic=False)

        if self.device == "cuda" and program is Generate:
            from benchsuite.backends.cuda_capture import captured

            return Transform(function=compiled, run=captured)
        return Transform(function=compiled)

    def prepare(self, program: Program, precision: str, threads: int) -> Session:
        """See `Backend.prepare`; makes the first call, which compiles."""
        from torch._dynamo.utils import counters

        session = super().prepare(program, precision, threads)
        call(session)
        hits, misses = (counters["inductor"][f"fxgraph_cache_{what}"] for what in ("hit", "miss"))
        session.notes["compile-cache"] = "warm" if hits and not misses else "cold"
        return session


def _unfit(folder: Path) -> str | None:
    """Why the compiler cannot work in `folder`; None where it can."""
    # Note: torch 2.13 puts paths into a shell's command line as they are, and reads what the compiler says as UTF-8.
    name = folder.as_posix()
    if not name.isprintable() or set(name) & _TAKEN_APART:
        return "whose name has blanks, quotes or what is no text"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"which cannot be made ({error.strerror})"
    return None if os.access(folder, os.W_OK) else "which cannot be written to"


cpu = TorchCompile("torch-compile-cpu", "cpu")
cuda = TorchCompile("torch-compile-cuda", "cuda")
xpu = TorchCompile("torch-compile-xpu", "xpu", common=False)
