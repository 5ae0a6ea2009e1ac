"""A traced step with fewer passes over memory: what tracing and derivation leave that ONNX Runtime would not fuse."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

_aten = torch.ops.aten
_SAME_VALUES = (_aten.alias.default, _aten.detach.default, _aten.view.default, _aten.expand.default)
_ZEROS = (_aten.full.default, _aten.full_like.default, _aten.zeros.default, _aten.zeros_like.default)


def simplify(module: fx.GraphModule) -> None:
    """Drop operators that change nothing, and fuse what a tied embedding and a cross-entropy leave; in place."""
    graph = module.graph
    for node in graph.nodes:
        if node.op != "call_function":
            continue
        if node.target == _aten.view.default and (before := _call(node.args[0], _aten.view.default)):
            node.args = (before.args[0], list(_shape(node)))
        fused = _without_effect(node) or _added_in_place(graph, node) or _cross_entropy_backward(graph, node)
        if fused is not None:
            node.replace_all_uses_with(fused)
    graph.eliminate_dead_code()
    module.recompile()


def _without_effect(node: fx.Node) -> fx.Node | None:
    before = node.args[0] if node.args else None
    if node.target in _SAME_VALUES and isinstance(before, fx.Node) and _shape(before) == _shape(node):
        return before
    return None


def _added_in_place(graph: fx.Graph, node: fx.Node) -> fx.Node | None:
    """`a + scatter_add(zeros, ...)` as `scatter_add(a, ...)`: for a tied embedding, a pass over all its rows less."""
    if node.target != _aten.add.Tensor:
        return None
    for one, other in (node.args[:2], node.args[1::-1]):
        scattered = _call(one, _aten.scatter_add.default)
        if scattered is None or not isinstance(other, fx.Node) or _shape(other) != _shape(scattered):
            continue
        if _is_zeros(scattered.args[0]):
            return _insert(graph, node, _aten.scatter_add.default, other, *scattered.args[1:])
    return None


def _cross_entropy_backward(graph: fx.Graph, node: fx.Node) -> fx.Node | None:
    """`G - exp(L) * sum(G)` where row i of G is `w_i` at one place and else zero, as `scatter_add(exp(L) * -w, w)`.

    Four of the seven passes over the logits go.
    """
    if node.target != _aten.sub.Tensor:
        return None
    gradient, product = _call(node.args[0], _aten.mul.Tensor), _call(node.args[1], _aten.mul.Tensor)
    if gradient is None or product is None:
        return None
    softmax, total = _call(product.args[0], _aten.exp.default), _call(product.args[1], _aten.sum.dim_IntList)
    one_hot, weight_N1 = _call(gradient.args[0], _aten.scatter.value), gradient.args[1]
    if softmax is None or total is None or one_hot is None or not isinstance(weight_N1, fx.Node):
        return None
    zeros, dim, places_N1, value = one_hot.args
    column = (*_shape(gradient)[:-1], 1)
    if total.args != (gradient, [dim], True) or not _is_zeros(zeros) or dim not in (-1, len(column) - 1):
        return None
    if _shape(weight_N1) != column or not isinstance(places_N1, fx.Node) or _shape(places_N1) != column:
        return None
    added = _insert(graph, node, _aten.mul.Tensor, weight_N1, value, like=weight_N1)
    taken = _insert(graph, node, _aten.neg.default, added, like=weight_N1)
    rest = _insert(graph, node, _aten.mul.Tensor, softmax, taken)
    return _insert(graph, node, _aten.scatter_add.default, rest, dim, places_N1, added)


def _insert(graph: fx.Graph, before: fx.Node, target: Any, *arguments: Any, like: fx.Node | None = None) -> fx.Node:
    """A call just before `before`, of the shape that `like` has, or that `before` has."""
    with graph.inserting_before(before):
        made = graph.call_function(target, arguments)
    made.meta = dict((like or before).meta)
    return made


def _call(x: Any, target: Any) -> fx.Node | None:
    return x if isinstance(x, fx.Node) and x.op == "call_function" and x.target == target else None


def _is_zeros(x: Any) -> bool:
    if not isinstance(x, fx.Node) or x.target not in _ZEROS:
        return False
    return x.target in _ZEROS[2:] or bool(x.args[1] == 0)


def _shape(node: fx.Node) -> tuple[int, ...]:
    return tuple(node.meta["val"].shape)
