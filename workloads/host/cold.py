"""Starting processes that run to their first token, and waiting for each part of that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

from benchsuite import Phase, Unsupported, cache
from workloads.gpt2 import Shape

if TYPE_CHECKING:
    from torch import Tensor, nn

_TOKEN_BYTES = 8


def weights_file(module: nn.Module, name: str) -> Path:
    """A safetensors file of the parameters of `module` in the cache folder, written where it is missing or differs.

    Raises Unsupported where the cache folder cannot be written.
    """
    from safetensors.torch import save_file

    path = cache.folder("weights") / f"{name}.safetensors"
    tensors = {key: parameter.detach() for key, parameter in module.named_parameters()}
    if not _holds(path, tensors) and not cache.write(path, lambda file: save_file(tensors, file)):
        raise Unsupported(f"weights cannot be written to {path.parent}: set BENCHSUITE_CACHE to a folder of yours")
    return path


def _holds(path: Path, tensors: dict[str, Tensor]) -> bool:
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found = load_file(path)
    except (OSError, SafetensorError):
        return False
    return found.keys() == tensors.keys() and all(torch.equal(found[key], x) for key, x in tensors.items())


class ColdStarts:
    """One process an iteration; its parts are phases, each of which returns when the process says that it is done."""

    def __init__(self, weights: Path, shape: Shape, prompt_BT: Tensor, threads: int) -> None:
        self._prompt_BT = prompt_BT
        self._command = [sys.executable, "-P", "-m", "workloads.host.cold_process", str(weights)]
        self._command += [str(shape.layers), str(shape.width), str(threads)]
        self._environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        self._process: subprocess.Popen[bytes] | None = None
        self._answer = b""

    @property
    def phases(self) -> tuple[Phase, ...]:
        """From starting the interpreter to the first token."""
        later = ("import", "build", "load", "first")
        parts = (Phase(self._wait, metric=f"time/cold_{part}") for part in later)
        return (Phase(self._start, metric="time/cold_python"), *parts)

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()  # its answer was not asked for; it ends while the next one starts
        prompt = map(str, self._prompt_BT[0].tolist())
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [*self._command, *prompt], stdout=subprocess.PIPE, env=self._environment
        )
        self._answer = b""
        self._wait()

    def _wait(self) -> None:
        if os.read(self._pipe.fileno(), 1) != b".":
            raise RuntimeError("the process ended before its first token")

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout

    def output(self) -> dict[str, Tensor]:
        """The `logits` (V,) of the last process, and by how much its token is `short` of the best of them."""
        import torch

        if not self._answer:
            self._answer = self._pipe.read()
        token = int.from_bytes(self._answer[:_TOKEN_BYTES], "little")
        logits_V = torch.frombuffer(bytearray(self._answer[_TOKEN_BYTES:]), dtype=torch.float32)
        return {"logits": logits_V, "short": logits_V.max() - logits_V[token]}
