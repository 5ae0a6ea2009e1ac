"""The reference: the program in float64 on the CPU by plain torch, for the inputs and for varied ones."""

from __future__ import annotations

import copy
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchsuite import cache
from benchsuite.verify.digest import STEPS, updates
from benchsuite.verify.inputs import vary
from benchsuite.workload import Forward, Generate, Program, TrainStep, Transfer

if TYPE_CHECKING:
    from torch import Tensor, nn

_COPIES_NEEDED = 6


@dataclass(frozen=True)
class Reference:
    """Tensors by name for the given inputs and for the varied ones, and the precision they were computed in."""

    precision: str
    given: dict[str, Tensor]
    varied: dict[str, Tensor]


def reference_of(program: Program, definition: str) -> Reference:
    """The reference of `program`: from the cache where its very weights and inputs were seen before, else computed."""
    path = cache.folder("references") / f"{_content(program, definition)}.safetensors"
    found = _load(path)
    if found is None:
        found = _compute(program)
        cache.write(path, lambda file: _save(file, found))
    return found


def _compute(program: Program) -> Reference:
    import torch

    with torch.random.fork_rng(devices=()), torch.set_grad_enabled(isinstance(program, TrainStep)):
        dtype = torch.float64 if _float64_fits(program) else torch.float32
        twin = copy.deepcopy(getattr(program, "module", None))
        if twin is not None:
            twin = twin.to(dtype)
        outputs = [
            _outputs(program, twin, tuple(x.to(dtype) if x.is_floating_point() else x for x in inputs))
            for inputs in (vary(program.inputs), program.inputs)
        ]
    return Reference(str(dtype).removeprefix("torch."), given=outputs[1], varied=outputs[0])


def _outputs(program: Program, twin: Any, inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
    match program:
        case Transfer():
            return {"output": inputs[0]}
        case Forward():
            result = twin(*inputs)
            return {"output": result} if not isinstance(result, tuple) else _numbered(result)
        case TrainStep():
            return _train(program, twin, inputs)
        case Generate():
            return _generate(program, twin, inputs[0])


def _numbered(results: tuple[Tensor, ...]) -> dict[str, Tensor]:
    return {f"output/{i}": x for i, x in enumerate(results)}


def _train(program: TrainStep, twin: nn.Module, inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """The last step's loss and the change of each parameter over all steps; leaves the twin as it was."""
    import torch

    start = {name: p.detach().clone() for name, p in twin.named_parameters()}
    optimizer = program.optimizer(twin.parameters())
    gradients: dict[str, Tensor] = {}
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = program.loss(twin, *inputs)
        loss.backward()
        gradients = {f"gradient/{n}": _rms(p.grad) for n, p in twin.named_parameters() if p.grad is not None}
        optimizer.step()
    after = {name: p.detach() for name, p in twin.named_parameters()}
    kept = updates(start, after)
    with torch.no_grad():
        for name, p in twin.named_parameters():
            p.copy_(start[name])
    twin.zero_grad(set_to_none=True)
    return {"loss": loss.detach(), **kept, **gradients}


def _rms(x: Tensor) -> Tensor:
    return x.detach().double().pow(2).mean().sqrt()


def _generate(program: Generate, twin: nn.Module, prompt_BT: Tensor) -> dict[str, Tensor]:
    """Greedy tokens (B, N), each one's margin over the runner-up (B, N), and the last logits (B, V)."""
    import torch
    from transformers import DynamicCache

    past, ids_BT, tokens, margins = DynamicCache(), prompt_BT, [], []
    for _ in range(program.new_tokens):
        seen_BS = torch.ones(prompt_BT.shape[0], past.get_seq_length() + ids_BT.shape[1], dtype=torch.int64)
        logits_BV = twin(input_ids=ids_BT, attention_mask=seen_BS, past_key_values=past, use_cache=True).logits[:, -1]
        best = logits_BV.topk(2)
        ids_BT = best.indices[:, :1]
        tokens.append(ids_BT)
        margins.append(best.values[:, :1] - best.values[:, 1:])
    return {"tokens": torch.cat(tokens, 1), "margins": torch.cat(margins, 1), "logits": logits_BV}


def _float64_fits(program: Program) -> bool:
    """Whether weights, inputs and what a step makes of them fit in available memory as float64."""
    module = getattr(program, "module", None)
    numbers = sum(x.numel() for x in program.inputs) + (sum(p.numel() for p in module.parameters()) if module else 0)
    return 8 * _COPIES_NEEDED * numbers < int(psutil.virtual_memory().available)


def _content(program: Program, definition: str) -> str:
    """A hash over the workload's source, torch's version, and every byte of weights and inputs."""
    import torch

    digest = hashlib.sha256(f"{definition} {torch.__version__} {STEPS} {type(program).__name__}".encode())
    digest.update(Path(__file__).read_bytes())
    module = getattr(program, "module", None)
    tensors = {f"input {i}": x for i, x in enumerate(program.inputs)} | (dict(module.state_dict()) if module else {})
    for name, x in tensors.items():
        checksum = zlib.crc32(x.detach().contiguous().view(torch.uint8).numpy()) if x.numel() else 0
        digest.update(f"{name} {x.dtype} {tuple(x.shape)} {checksum}".encode())
    digest.update(str(getattr(program, "new_tokens", "")).encode())
    return digest.hexdigest()[:40]


def _save(file: Path, reference: Reference) -> None:
    from safetensors.torch import save_file

    tensors = {f"given {k}": v.contiguous().clone() for k, v in reference.given.items()}
    tensors |= {f"varied {k}": v.contiguous().clone() for k, v in reference.varied.items()}
    save_file(tensors, file, {"precision": reference.precision})


def _load(path: Path) -> Reference | None:
    """What is stored in `path`; None where there is nothing or nothing that can be read, which is then made anew."""
    from safetensors import SafetensorError, safe_open

    sides: dict[str, dict[str, Tensor]] = {"given": {}, "varied": {}}
    try:
        with safe_open(path, framework="pt") as file:
            for key in file.keys():  # noqa: SIM118 (a safetensors handle is no mapping)
                side, _, name = key.partition(" ")
                sides[side][name] = file.get_tensor(key)
            precision = (file.metadata() or {})["precision"]
    except (OSError, SafetensorError, KeyError):
        return None
    return Reference(precision, sides["given"], sides["varied"])
