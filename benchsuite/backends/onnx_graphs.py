"""Modules to ONNX graphs, without their weights, cached by the content of what was exported."""

from __future__ import annotations

import hashlib
import importlib.metadata
import inspect
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import onnx_ir
import torch
from onnx_ir.passes.common import InlinePass
from onnxscript import optimizer
from onnxscript.rewriter import onnx_fusions
from torch import Tensor, nn

from benchsuite import cache
from benchsuite.backends.onnx_reshapes import merge_reshapes
from benchsuite.backends.onnx_scatters import add_rows_one_by_one

_OWN_WEIGHT_BYTES = 1024
_TRANSPOSED = " transposed"
_VERSIONS = ("torch", "onnx", "onnxscript", "onnx-ir", "onnxruntime", "onnxruntime-gpu", "transformers")


def graph_of(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[bytes, dict[str, Tensor], bool]:
    """The graph of `module(*inputs)`, the weights it must be given by name, and whether it came from the cache.

    Weights stay out of the graph, so that a cached one is a few megabytes and never holds stale values.
    """
    weights = {name: x.detach() for name, x in module.state_dict(keep_vars=True).items() if _large(x)}
    graph, warm = kept(content(module, inputs), lambda: _export(module, inputs, weights))
    names = {x.name for x in onnx.load_from_string(graph).graph.initializer if x.external_data}
    return graph, {name: _given(name, weights) for name in names}, warm


def kept(key: str, make: Callable[[], bytes]) -> tuple[bytes, bool]:
    """The graph under `key`, and whether it came from the cache; else it is made and stored there."""
    path = cache.folder("onnx") / f"{key}.onnx"
    graph = cache.load(path)
    if graph is not None:
        return graph, True
    graph = make()
    cache.store(path, graph)
    return graph, False


def _large(x: Tensor) -> bool:
    return x.numel() * x.element_size() > _OWN_WEIGHT_BYTES


def _export(module: nn.Module, inputs: tuple[Tensor, ...], weights: dict[str, Tensor]) -> bytes:
    """The graph with no value of `weights` in it, nor anything that was computed from one.

    Note: the exporter's own optimization reads weights. It stores what it makes of them (a dense layer's transposed
    matrix, two equal vectors as one), which a cached graph would then hold for any other weights of these shapes.
    """
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(module, inputs, dynamo=True, optimize=False, verbose=False)
    assert program is not None
    model = program.model
    InlinePass()(model)
    for value in model.graph.initializers.values():
        if value.name in weights:
            value.const_value = None
    _transpose_once(model, weights)
    logging.getLogger("onnx_ir").setLevel(logging.ERROR)  # it would warn of every weight without a value
    optimizer.optimize_ir(model)
    onnx_fusions.fuse(model)
    merge_reshapes(model)
    add_rows_one_by_one(model)
    for name, value in model.graph.initializers.items():
        if value.const_value is None:
            assert value.dtype is not None
            assert value.shape is not None
            value.const_value = onnx_ir.ExternalTensor("weights", 0, None, value.dtype, shape=value.shape, name=name)
    return bytes(onnx_ir.to_proto(model).SerializeToString())


def _transpose_once(model: onnx_ir.Model, weights: dict[str, Tensor]) -> None:
    """Let a node that transposes a matrix of `weights` be a weight of its own, which is given transposed."""
    for node in list(model.graph):
        source, result = next(iter(node.inputs), None), node.outputs[0]
        if (
            node.op_type != "Transpose"
            or source is None
            or source.name not in weights
            or weights[source.name].ndim != 2
        ):
            continue
        name = source.name + _TRANSPOSED
        if name not in model.graph.initializers:
            shape = onnx_ir.Shape(reversed(weights[source.name].shape))
            model.graph.initializers.add(onnx_ir.Value(name=name, type=source.type, shape=shape))
        onnx_ir.convenience.replace_all_uses_with(result, model.graph.initializers[name])
        model.graph.remove(node, safe=True)
    for name in [n for n in weights if n in model.graph.initializers and not model.graph.initializers[n].uses()]:
        del model.graph.initializers[name]


def _given(name: str, weights: dict[str, Tensor]) -> Tensor:
    """The weight that a graph knows as `name`."""
    if name in weights:
        return weights[name]
    return weights[name.removesuffix(_TRANSPOSED)].T.contiguous()


def content(module: nn.Module, inputs: tuple[Tensor, ...], *further: object) -> str:
    """A hash over everything that shapes the graph: code, attributes, tensor shapes and versions, not weight values.

    `further` parts are told apart by how they print.
    """
    digest = hashlib.sha256()

    def add(*parts: object) -> None:
        digest.update("\0".join(map(str, parts)).encode())

    files = {
        *map(str, Path(_OWN_FILE).parent.glob("*.py")),
        *(f for m in module.modules() if (f := inspect.getsourcefile(type(m)))),
    }
    for file in sorted(files):
        digest.update(Path(file).read_bytes())
    for name, part in module.named_modules():
        add(name, type(part).__qualname__, part.training, part.extra_repr(), sorted(_plain(vars(part)).items()))
        add(getattr(part, "config", ""))
    for name, x in (*module.state_dict().items(), *((f"input {i}", x) for i, x in enumerate(inputs))):
        add(name, x.dtype, tuple(x.shape), x.device.type)
    add(*(f"{name}={x.tolist()}" for name, x in module.state_dict().items() if not _large(x)))  # these are in the graph
    add(*(f"{d}={_version(d)}" for d in _VERSIONS), *further)
    return digest.hexdigest()[:40]


_OWN_FILE = __file__


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in attributes.items() if isinstance(v, bool | int | float | str | tuple)}


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
