"""The reference: the program in float64 on the CPU by plain torch, for the inputs and for varied ones."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import inspect
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchsuite import cache
from benchsuite.verify.digest import STEPS, updates
from benchsuite.verify.generation import generate, shortfall
from benchsuite.verify.inputs import vary
from benchsuite.workload import Forward, Generate, HostTask, HostTransfer, Program, TrainStep, Transfer

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_COPIES_NEEDED = 6
_COPIES_GENERATING = 3  # of the weights, which are all but everything

Computing = Forward | TrainStep | Generate


@dataclass(frozen=True)
class Reference:
    """Tensors by name for the given inputs and for the varied ones, and the precision they were computed in."""

    precision: str
    given: dict[str, Tensor]
    varied: dict[str, Tensor]


def reference_of(program: Program, identity: str) -> Reference:
    """The reference of `program`: from the cache where its very weights and inputs were seen before, else computed.

    `identity` tells apart what weights, inputs and source do not, such as a number of heads: the case, for one.
    """
    if isinstance(program, Transfer | HostTransfer):
        return Reference("itself", {"output": program.inputs[0]}, {"output": vary(program.inputs)[0]})
    if isinstance(program, HostTask):
        return Reference("itself", program.expected(*program.inputs), program.expected(*vary(program.inputs)))
    if isinstance(program, Forward) and program.error is not None:
        return Reference("float64", {}, {})
    path = cache.folder("references") / f"{_content(program, identity)}.safetensors"
    found = _load(path)
    if found is None:
        found = _compute(program)
        cache.write(path, _stored(found))
    return found


def _compute(program: Computing) -> Reference:
    import torch

    with torch.random.fork_rng(devices=()), torch.set_grad_enabled(isinstance(program, TrainStep)):
        dtype = _precision(program)
        twin = copy.deepcopy(program.module).to(dtype)
        outputs = [_outputs(program, twin, _as(dtype, inputs)) for inputs in (vary(program.inputs), program.inputs)]
    return Reference(str(dtype).removeprefix("torch."), given=outputs[1], varied=outputs[0])


def _outputs(program: Computing, twin: Any, inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
    match program:
        case Forward():
            result = twin(*inputs)
            return {"output": result} if not isinstance(result, tuple) else _numbered(result)
        case TrainStep():
            return _train(program, twin, inputs)
        case Generate():
            return generate(program, twin, inputs)


def _numbered(results: tuple[Tensor, ...]) -> dict[str, Tensor]:
    return {f"output/{i}": x for i, x in enumerate(results)}


def _train(program: TrainStep, twin: nn.Module, inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """The last step's loss and the change of each parameter over all steps; leaves the twin as it was."""
    import torch

    named = list(twin.named_parameters())
    start = {name: p.detach().clone() for name, p in named}
    optimizer = program.optimizer(twin.parameters())
    gradients: dict[str, Tensor] = {}
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = program.loss(twin, *inputs)
        torch.autograd.backward(loss)
        gradients = {f"gradient/{n}": _rms(torch.zeros(1) if p.grad is None else p.grad) for n, p in named}
        optimizer.step()
    kept = updates(start, {name: p.detach() for name, p in named})
    with torch.no_grad():
        for name, p in named:
            p.copy_(start[name])
    twin.zero_grad(set_to_none=True)
    return {"loss": loss.detach(), **kept, **gradients}


def _rms(x: Tensor) -> Tensor:
    return x.detach().double().pow(2).mean().sqrt()


def along(program: Generate, inputs: tuple[Tensor, ...], tokens_BN: Tensor) -> tuple[Tensor, Tensor]:
    """By how much each token's score (B, N) is short of the best after those before it; the last logits (B, V)."""
    import torch

    dtype = _precision(program)
    twin = copy.deepcopy(program.module).to(dtype)
    with torch.no_grad():
        return shortfall(program, twin, _as(dtype, inputs), tokens_BN)


def _as(dtype: torch.dtype, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(x.to(dtype) if x.is_floating_point() else x for x in inputs)


def _precision(program: Computing) -> torch.dtype:
    """Float64 where weights, inputs and what a step makes of them fit in available memory as that, else float32."""
    import torch

    numbers = sum(x.numel() for x in (*program.inputs, *program.module.parameters()))
    copies = _COPIES_GENERATING if isinstance(program, Generate) else _COPIES_NEEDED
    fits = 8 * copies * numbers < int(psutil.virtual_memory().available)
    return torch.float64 if fits else torch.float32


def _content(program: Computing, identity: str) -> str:
    """A hash over `identity`, torch's version, the source that computes, and every byte of weights and inputs."""
    import torch

    digest = hashlib.sha256(f"{identity} {torch.__version__} {type(program).__name__}".encode())
    for file in sorted(_sources(program)):
        digest.update(Path(file).read_bytes())
    tensors = {f"input {i}": x for i, x in enumerate(program.inputs)} | dict(program.module.state_dict())
    digest.update(_checksum(tensors).encode())
    if isinstance(program, Generate):
        digest.update(f"{program.new_tokens} {program.cache_shape} {program.start}".encode())
    return digest.hexdigest()[:40]


def _sources(program: Computing) -> set[str]:
    """The files that define the program's layers, loss and optimizer, and how the reference is taken."""
    parts: list[Any] = [type(m) for m in program.module.modules()]
    if isinstance(program, TrainStep):
        parts += [program.loss, program.optimizer]
    files = {str(file) for file in Path(__file__).parent.glob("*.py")}
    for part in parts:
        with contextlib.suppress(TypeError):  # it is not written in Python
            files.add(inspect.getsourcefile(part) or __file__)
    return files


def _checksum(tensors: dict[str, Tensor]) -> str:
    import torch

    digest = hashlib.sha256()
    for name, x in sorted(tensors.items()):
        bytes_N = x.detach().contiguous().flatten().view(torch.uint8)
        digest.update(f"{name} {x.dtype} {tuple(x.shape)} {zlib.crc32(bytes_N.numpy().data)}".encode())
    return digest.hexdigest()


def _stored(reference: Reference) -> bytes:
    from safetensors.torch import save

    tensors = {f"given {k}": v.contiguous().clone() for k, v in reference.given.items()}
    tensors |= {f"varied {k}": v.contiguous().clone() for k, v in reference.varied.items()}
    return save(tensors, {"precision": reference.precision, "checksum": _checksum(tensors)})


def _load(path: Path) -> Reference | None:
    """What is stored in `path`; None where that is nothing, or not what was written, and is to be made anew."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (a handle is no mapping)
            metadata = file.metadata() or {}
    except (OSError, SafetensorError):
        return None
    if metadata.get("checksum") != _checksum(tensors):
        return None
    given, varied = (
        {key.removeprefix(f"{side} "): x for key, x in tensors.items() if key.startswith(f"{side} ")}
        for side in ("given", "varied")
    )
    return Reference(metadata["precision"], given, varied)
