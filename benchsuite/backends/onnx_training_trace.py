"""A training step up to its gradients as one graph of ATen operators, in a form that ONNX Runtime computes right."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch._decomp import core_aten_decompositions
from torch._subclasses.fake_tensor import DataDependentOutputException
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode
from torch.overrides import TorchFunctionMode

from benchsuite.backends.onnx_training_rewrites import simplify
from benchsuite.errors import Unsupported
from benchsuite.workload import TrainStep

_aten = torch.ops.aten


@dataclass(frozen=True)
class Traced:
    """`graph(*learning, *held, *inputs)` -> the loss, then the gradients of `reached`, which the loss depends on.

    `learning` names the parameters that take a gradient, `held` the frozen ones and the buffers.
    """

    graph: fx.GraphModule
    arguments: tuple[Tensor, ...]
    learning: tuple[str, ...]
    held: tuple[str, ...]
    reached: tuple[str, ...]


class _Loss(nn.Module):
    """The loss as a module, so that the parameters it reads can be replaced by name."""

    def __init__(self, program: TrainStep) -> None:
        super().__init__()
        self.module, self._loss = program.module, program.loss

    def forward(self, *inputs: Tensor) -> Tensor:
        return self._loss(self.module, *inputs)


def traced(program: TrainStep) -> Traced:
    """Forward, loss and backward of `program`, with shapes only: nothing is computed.

    Raises Unsupported where what is run depends on values, or changes what it is given.
    """
    state = state_of(program.module)
    learning = tuple(name for name, x in state.items() if x.requires_grad)
    held = tuple(name for name, x in state.items() if not x.requires_grad)
    whole, reached = _Loss(program), list[str]()

    def step(*arguments: Tensor) -> tuple[Tensor, ...]:
        leaves = [x.detach().requires_grad_() for x in arguments[: len(learning)]]
        values = dict(zip((*learning, *held), (*leaves, *arguments[len(learning) :]), strict=False))
        replaced = {f"module.{name}": x for name, x in values.items()}
        loss = torch.func.functional_call(whole, replaced, arguments[len(values) :])
        gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
        reached[:] = [name for name, x in zip(learning, gradients, strict=True) if x is not None]
        return (loss.detach(), *(x for x in gradients if x is not None))

    arguments = (*(state[name].detach() for name in (*learning, *held)), *program.inputs)
    graph = _trace(step, arguments)
    simplify(graph)
    if any(_writes_to_argument(node) for node in graph.graph.nodes):
        raise Unsupported("the module changes its own buffers while it computes, which a graph of a step does not")
    return Traced(graph, arguments, learning, held, tuple(reached))


def state_of(module: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers by name, tied ones once."""
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


def _trace(step: Callable[..., Any], arguments: tuple[Tensor, ...]) -> fx.GraphModule:
    decompositions = {**core_aten_decompositions(), **_DECOMPOSITIONS}
    trace = make_fx(step, decompositions, tracing_mode="fake", _allow_non_fake_inputs=True)
    try:
        with warnings.catch_warnings(), torch.enable_grad(), _AttentionSpeltOut():
            warnings.simplefilter("ignore")
            # oneDNN's recurrent layers are single operators that ONNX does not have; without it they are unrolled.
            with torch.backends.mkldnn.flags(enabled=False):
                return trace(*arguments)
    except (DataDependentOutputException, GuardOnDataDependentSymNode) as e:
        raise Unsupported(f"what the step does depends on values, which a graph cannot: {e}") from e


def _writes_to_argument(node: fx.Node) -> bool:
    if not isinstance(node.target, torch._ops.OpOverload):
        return False
    declared = node.target._schema.arguments
    written = [x for x, as_ in zip(node.args, declared, strict=False) if as_.alias_info and as_.alias_info.is_write]
    return any(isinstance(x, fx.Node) and x.op == "placeholder" for x in written)


class _AttentionSpeltOut(TorchFunctionMode):
    """scaled_dot_product_attention by its formula: torch's fused backward has no ONNX form.

    Note: torch's own formula also guards rows that are masked whole, which costs four passes over the scores.
    """

    def __torch_function__(
        self, function: Any, types: Any, arguments: tuple[Any, ...] = (), keywords: dict[str, Any] | None = None
    ) -> Any:
        if function is torch.nn.functional.scaled_dot_product_attention:
            return _attention(*arguments, **(keywords or {}))
        return function(*arguments, **(keywords or {}))


def _attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """`softmax(scale * q @ k^T + mask) @ v`; q is (..., T, K), k and v (..., S, K), with fewer heads where grouped."""
    if dropout_p:
        raise Unsupported("dropout in attention is random, and a step is checked against a reference")
    if enable_gqa:
        k, v = (x.repeat_interleave(q.shape[-3] // x.shape[-3], -3) for x in (k, v))
    scores = (q * (q.shape[-1] ** -0.5 if scale is None else scale)) @ k.transpose(-2, -1)
    if is_causal:
        attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).tril()
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = torch.where(attn_mask, 0.0, -math.inf)
    if attn_mask is not None:
        scores = scores + attn_mask
    return torch.softmax(scores, -1) @ v


def _embedding_backward(
    gradient: Tensor,
    indices: Tensor,
    count: int,
    padding: int,
    scale_by_frequency: bool,
) -> Any:
    """See `_accumulate`; rows of the padding index get no gradient."""
    if scale_by_frequency:
        return NotImplemented
    rows_ND = gradient.reshape(indices.numel(), -1)
    ids_N = indices.reshape(-1)
    if padding >= 0:
        rows_ND = torch.where((ids_N == padding)[:, None], 0.0, rows_ND)
    return _accumulate(gradient.new_zeros(count, rows_ND.shape[1]), ids_N, rows_ND)


def _index_put(x: Tensor, indices: list[Tensor | None], values: Tensor, accumulate: bool = False) -> Any:
    """See `_accumulate`, to which this is brought."""
    if not accumulate:
        return NotImplemented
    known = [i for i in indices if i is not None]
    if len(known) < len(indices) or any(i.dtype == torch.bool for i in known):
        raise Unsupported("the gradient of an index that skips dimensions or is a mask is not exported to ONNX")
    sizes = x.shape[: len(known)]
    flat = torch.zeros((), dtype=torch.int64, device=x.device)
    for place, size in zip(known, sizes, strict=True):
        flat = flat * size + torch.where(place < 0, place + size, place)
    rows = values.expand(*flat.shape, *x.shape[len(known) :]).reshape(flat.numel(), -1)
    return _accumulate(x.reshape(math.prod(sizes), -1), flat.reshape(-1), rows).reshape(x.shape)


def _accumulate(x_VD: Tensor, ids_N: Tensor, rows_ND: Tensor) -> Tensor:
    """`x_VD` with `rows_ND` added to its rows `ids_N`, element by element.

    Adding whole rows would become ScatterND, whose threads lose additions to a row that comes twice (onnxruntime 1.30).
    """
    return x_VD.scatter_add(0, ids_N[:, None].expand_as(rows_ND), rows_ND)


def _slices(x: Tensor, sizes: list[int], dim: int = 0) -> list[Tensor]:
    """Splitting as slices: the exporter would make it a sequence, each of whose parts is copied twice."""
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return [_aten.slice.Tensor(x, dim, start, start + size) for start, size in zip(starts, sizes, strict=True)]


_DECOMPOSITIONS: dict[Any, Callable[..., Any]] = {
    _aten.embedding_dense_backward.default: _embedding_backward,
    _aten.index_put.default: _index_put,
    _aten._unsafe_index_put.default: _index_put,
    _aten.split_with_sizes.default: _slices,
}
