"""Sums into rows that may come twice, which ONNX Runtime's threads get wrong in the form that exporters choose."""

from __future__ import annotations

import numpy as np
import onnx_ir
from onnx_ir import tape


def add_rows_one_by_one(model: onnx_ir.Model) -> None:
    """Let ScatterElements do, in place in the graph, what ScatterND was to do with whole rows of a matrix.

    Note: ScatterND with reduction=add shares the rows out to threads that do not wait for each other, so that a sum is
    lost now and then (onnxruntime 1.30 on a CPU; issue 18048). ScatterElements is right, on one thread (issue 28584).
    """
    for node in list(model.graph):
        if node.op_type != "ScatterND" or node.attributes.get_string("reduction", "none") != "add":
            continue
        data, indices, updates = node.inputs
        if data is None or indices is None or updates is None or not _rows_of_a_matrix(data, indices):
            continue
        assert data.shape is not None
        width = data.shape[1]
        assert isinstance(width, int)
        made = tape.Tape()
        rows_NW = made.op("Reshape", [updates, _sizes(made, -1, width)])
        index_N1 = made.op("Reshape", [indices, _sizes(made, -1, 1)])
        index_NW = made.op("Expand", [index_N1, _sizes(made, 1, width)])
        summed = made.op("ScatterElements", [data, index_NW, rows_NW], {"axis": 0, "reduction": "add"})
        summed.type, summed.shape, summed.name = node.outputs[0].type, node.outputs[0].shape, node.outputs[0].name
        onnx_ir.convenience.replace_nodes_and_values(
            model.graph, node, [node], list(made.nodes), [node.outputs[0]], [summed]
        )
        for value in made.initializers:
            model.graph.initializers.add(value)


def _rows_of_a_matrix(data: onnx_ir.Value, indices: onnx_ir.Value) -> bool:
    return data.shape is not None and len(data.shape) == 2 and indices.shape is not None and indices.shape[-1] == 1


def _sizes(made: tape.Tape, *sizes: int) -> onnx_ir.Value:
    return made.op("Constant", [], {"value": onnx_ir.tensor(np.array(sizes, dtype=np.int64))})
