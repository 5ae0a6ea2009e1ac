"""Reshapes that an exporter leaves one after another: each costs a runtime as much as reading 60 kB."""

from __future__ import annotations

import onnx_ir
from onnx_ir.passes.common import RemoveUnusedNodesPass


def merge_reshapes(model: onnx_ir.Model) -> None:
    """Take out, in place, reshapes that only feed reshapes, and those that change nothing."""
    results = set(model.graph.outputs)
    for node in model.graph:
        if not _is_plain(node):
            continue
        source = node.inputs[0]
        if source is not None and (before := source.producer()) is not None and _is_plain(before):
            node.replace_input_with(0, before.inputs[0])
        source, result = node.inputs[0], node.outputs[0]
        if source is not None and result not in results and _static(source) and _static(source) == _static(result):
            onnx_ir.convenience.replace_all_uses_with(result, source)
    RemoveUnusedNodesPass()(model)


def _is_plain(node: onnx_ir.Node) -> bool:
    """Whether it is a reshape to a known shape that copies no size from its input, as 0 would."""
    if node.op_type != "Reshape" or node.domain:
        return False
    wanted = node.inputs[1]
    return wanted is not None and wanted.const_value is not None and 0 not in wanted.const_value.numpy()


def _static(x: onnx_ir.Value) -> tuple[int, ...] | None:
    """The sizes of `x`, where all are known."""
    if x.shape is None or not all(isinstance(size, int) for size in x.shape):
        return None
    return tuple(int(str(size)) for size in x.shape)
