"""Modules to ONNX graphs, without their weights, cached by the content of what was exported."""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import warnings
from pathlib import Path
from typing import Any

import onnx
import onnx_ir
import torch
from torch import Tensor, nn

from benchsuite import cache

_OWN_WEIGHT_BYTES = 1024
_VERSIONS = ("torch", "onnx", "onnxscript", "onnx-ir", "onnxruntime", "onnxruntime-gpu", "transformers")


def graph_of(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[bytes, dict[str, Tensor], bool]:
    """The graph of `module(*inputs)`, the weights it must be given by name, and whether it came from the cache.

    Weights stay out of the graph, so that a cached one is a few megabytes and never holds stale values.
    """
    weights = {name: x.detach() for name, x in module.state_dict(keep_vars=True).items() if _large(x)}
    path = cache.folder("onnx") / f"{_content(module, inputs)}.onnx"
    graph = _cached(path)
    warm = graph is not None
    if graph is None:
        graph = _export(module, inputs, weights)
        stored = hashlib.sha256(graph).digest() + graph
        cache.write(path, stored)
    names = {x.name for x in onnx.load_from_string(graph).graph.initializer if x.external_data}
    return graph, {name: weights[name] for name in names}, warm


def _large(x: Tensor) -> bool:
    return x.numel() * x.element_size() > _OWN_WEIGHT_BYTES


def _cached(path: Path) -> bytes | None:
    """The graph in `path`; None where there is none or where it is not what was written."""
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    digest, graph = stored[:32], stored[32:]
    return graph if hashlib.sha256(graph).digest() == digest else None


def _export(module: nn.Module, inputs: tuple[Tensor, ...], weights: dict[str, Tensor]) -> bytes:
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(module, inputs, dynamo=True, optimize=True, verbose=False)
    assert program is not None
    model = program.model
    for name, value in model.graph.initializers.items():
        if name in weights and value.const_value is not None:
            value.const_value = onnx_ir.ExternalTensor(
                "weights", 0, None, value.const_value.dtype, shape=onnx_ir.Shape(weights[name].shape), name=name
            )
    return bytes(onnx_ir.to_proto(model).SerializeToString())


def _content(module: nn.Module, inputs: tuple[Tensor, ...]) -> str:
    """A hash over everything that shapes the graph: code, attributes, tensor shapes and versions, not weight values."""
    digest = hashlib.sha256()

    def add(*parts: object) -> None:
        digest.update("\0".join(map(str, parts)).encode())

    files = {_OWN_FILE, *(f for m in module.modules() if (f := inspect.getsourcefile(type(m))))}
    for file in sorted(files):
        digest.update(Path(file).read_bytes())
    for name, part in module.named_modules():
        add(name, type(part).__qualname__, part.training, part.extra_repr(), sorted(_plain(vars(part)).items()))
        add(getattr(part, "config", ""))
    for name, x in (*module.state_dict().items(), *((f"input {i}", x) for i, x in enumerate(inputs))):
        add(name, x.dtype, tuple(x.shape), x.device.type)
    add(*(f"{d}={_version(d)}" for d in _VERSIONS))
    return digest.hexdigest()[:40]


_OWN_FILE = __file__


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in attributes.items() if isinstance(v, bool | int | float | str | tuple)}


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
