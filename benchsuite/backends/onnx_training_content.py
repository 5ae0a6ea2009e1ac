"""What a training step is made of, in words: what a cached graph of it is told by beyond its module and inputs."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchsuite import source
from benchsuite.workload import TrainStep


def described(program: TrainStep) -> str:
    """The loss's source and the values it has bound, what the module holds besides state, and our own source."""
    own = [digest(file.read_bytes()) for file in sorted(Path(__file__).parent.glob("onnx_training*.py"))]
    held = [
        f"{name}.{attribute}: {described_value(value)}"
        for name, part in program.module.named_modules()
        for attribute, value in vars(part).items()
        if isinstance(value, Tensor)  # no parameter or buffer, which are kept apart: its values are in the graph
    ]
    return "\n".join([*own, *held, described_value(program.loss)])


def described_value(value: Any) -> str:
    """`value` in words that differ where a graph made from it might."""
    match value:
        case Tensor():
            bytes_N = value.detach().cpu().contiguous().flatten().view(torch.uint8)
            return f"{value.dtype} {tuple(value.shape)} {digest(bytes_N.numpy())}"
        case functools.partial():
            return f"{described_value(value.func)} of {described_value([value.args, value.keywords])}"
        case nn.Module() | bool() | int() | float() | str() | None:
            return repr(value)  # of a module, its layers: the step's own module is told apart elsewhere
        case Mapping():
            return described_value(list(value.items()))
        case Sequence():
            return str([described_value(x) for x in value])
        case _ if inspect.isroutine(value):
            return _described_function(value)
    return f"{_described_function(type(value).__call__)} {described_value(vars(value))}"


def _described_function(function: Callable[..., Any]) -> str:
    """Its source with all that this imports of its own package, and the values bound to it."""
    text = ""
    with contextlib.suppress(TypeError):  # it is not written in Python
        file = inspect.getsourcefile(function)
        text = source.digest(function.__module__, Path(file)) if file and Path(file).is_file() else ""
    bound = [getattr(function, "__defaults__", None), getattr(function, "__kwdefaults__", None)]
    cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    return f"{text} {function.__qualname__} {described_value([*bound, *cells])}"


def digest(content: Any) -> str:
    """Of bytes."""
    return hashlib.sha256(content).hexdigest()
