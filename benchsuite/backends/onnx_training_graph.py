"""A training step as one ONNX graph: the traced step up to its gradients, then the optimizer's update of each piece."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import onnx
import onnx_ir
import torch
from onnx import GraphProto, ModelProto, TensorProto, helper

from benchsuite.backends.onnx_graphs import content, kept
from benchsuite.backends.onnx_training_content import described
from benchsuite.backends.onnx_training_trace import Traced, traced
from benchsuite.backends.onnx_training_update import Formula, Rule, rules_of
from benchsuite.workload import TrainStep

_ALONE = 2**16  # elements from which a parameter is a piece of its own
_ALIGNMENT = 64  # elements: 256 B, as accelerators' vector loads want it
_TILE = 2**19  # elements: vectors of 2 MB, of which about ten stay in a CPU's caches
_REACHED = "reached"  # names the parameters that the loss depends on, in the graph itself


@dataclass(frozen=True)
class Piece:
    """Parameters that one rule updates as one vector: each one's first element, and `length` in `tiles` equal parts."""

    rule: Rule
    places: dict[str, int]
    length: int
    tiles: int = 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the vector as the graph has it."""
        return (self.length,) if self.tiles == 1 else (self.tiles, self.length // self.tiles)


def step_graph(program: TrainStep, device: str) -> tuple[bytes, tuple[Piece, ...], bool]:
    """The graph of one step of `program`, the pieces it updates, and whether it came from the cache.

    Inputs are `parameter/<name>` and `held/<name>` for what the loss reads, `input/<i>`, `piece/<i>`, `state/<i>/<j>`
    and `step`, the number of steps made, a float64 scalar; outputs are `loss`, and `next/` before piece, state and
    step. A parameter lies in the memory of its piece. Raises Unsupported for what has no such graph.
    """
    parameters = dict(program.module.named_parameters())
    by_identity = rules_of(program.optimizer(list(parameters.values())))
    rules = {n: by_identity[id(p)] for n, p in parameters.items() if id(p) in by_identity}
    frozen = [name for name, p in parameters.items() if not p.requires_grad]
    key = content(program.module, program.inputs, sorted(rules.items()), frozen, device, described(program))
    graph, warm = kept(key, lambda: _whole(program, rules, device))
    (reached,) = (x.value.split("\n") for x in onnx.load_from_string(graph).metadata_props if x.key == _REACHED)
    return graph, _pieces(program, {n: r for n, r in rules.items() if n in reached}, device), warm


def _pieces(program: TrainStep, rules: dict[str, Rule], device: str) -> tuple[Piece, ...]:
    """Large parameters one by one; the small ones of a rule together, as each node costs more than it computes."""
    sizes = {name: p.numel() for name, p in program.module.named_parameters()}
    large = [name for name in rules if sizes[name] >= _ALONE]
    pieces = [Piece(rules[n], {n: 0}, sizes[n], _tiles(sizes[n]) if device == "cpu" else 1) for n in large]
    for rule in dict.fromkeys(rules.values()):
        places, end = {}, 0
        for name, its in rules.items():
            if its == rule and name not in large:
                places[name] = end
                end += math.ceil(sizes[name] / _ALIGNMENT) * _ALIGNMENT
        if places:
            pieces.append(Piece(rule, places, end))
    return tuple(pieces)


def _tiles(length: int) -> int:
    """The fewest equal parts of at most _TILE elements; one where only slivers would do."""
    fewest, most = math.ceil(length / _TILE), 16 * math.ceil(length / _TILE)
    return next((n for n in range(fewest, most) if length % n == 0), 1)


def _whole(program: TrainStep, rules: dict[str, Rule], device: str) -> bytes:
    step = traced(program)
    model, gradients = _exported(step)
    shapes = {name: tuple(p.shape) for name, p in program.module.named_parameters()}
    updates = _Updates(model.graph, shapes)
    updates.step()
    for i, piece in enumerate(_pieces(program, {n: r for n, r in rules.items() if n in step.reached}, device)):
        updates.piece(i, piece, gradients)
    updates.close()
    model.metadata_props.add(key=_REACHED, value="\n".join(step.reached))
    return bytes(model.SerializeToString())


def _exported(step: Traced) -> tuple[ModelProto, dict[str, str]]:
    """The traced step as ONNX with `loss` its only output, and the names of the gradients in it.

    Note: the exporter's optimizer drops additions of constants near zero (onnxscript 0.7), and so what keeps a division
    from being one by zero; ONNX Runtime's own does not.
    """
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        exported = torch.export.export(step.graph, step.arguments, strict=False)
        program = torch.onnx.export(exported, dynamo=True, optimize=False, verbose=False)
    assert program is not None
    graph = program.model.graph
    state = len(step.learning) + len(step.held)
    names = [f"parameter/{n}" for n in step.learning] + [f"held/{n}" for n in step.held]
    names += [f"input/{i}" for i in range(len(step.arguments) - state)]
    for value, name in zip(graph.inputs, names, strict=True):
        value.name = name
    graph.outputs[0].name = "loss"
    gradients = {n: str(x.name) for n, x in zip(step.reached, graph.outputs[1:], strict=True)}
    model = onnx_ir.to_proto(program.model)
    del model.graph.output[1:]
    return model, gradients


class _Updates:
    """Adds the optimizer's update of every piece to a graph that ends in gradients."""

    def __init__(self, graph: GraphProto, shapes: dict[str, tuple[int, ...]]) -> None:
        self._graph, self._shapes = graph, shapes
        self._formula = Formula("update")
        self._scalars: dict[Rule, tuple[str, ...]] = {}

    def step(self) -> None:
        """Count the step."""
        one = self._formula.constant(1.0, TensorProto.DOUBLE)
        self._formula("Add", self._input("step", (), TensorProto.DOUBLE), one, named="next/step")
        self._output("next/step", (), TensorProto.DOUBLE)

    def piece(self, number: int, piece: Piece, gradients: dict[str, str]) -> None:
        """Update piece `number`.

        No state is read but by what its new value is computed from, so that the two may share their memory.
        """
        if piece.rule not in self._scalars:
            self._scalars[piece.rule] = piece.rule.scalars(self._formula, "next/step")
        kept = [f"piece/{number}", *(f"state/{number}/{j}" for j in range(piece.rule.states))]
        read = [self._input(kept[0], piece.shape), self._gradient(piece, gradients)]
        read += [self._input(name, piece.shape) for name in kept[1:]]
        scalars = self._scalars[piece.rule]
        new = [f"next/{name}" for name in kept]
        if piece.tiles == 1:
            piece.rule.update(self._formula, read, scalars, new)
        else:
            body = self._body(number, piece, scalars)
            self._formula.nodes.append(helper.make_node("Scan", read, new, body=body, num_scan_inputs=len(read)))
        for name in new:
            self._output(name, piece.shape)

    def close(self) -> None:
        """Put what was added into the graph."""
        self._graph.node.extend(self._formula.nodes)
        self._graph.initializer.extend(self._formula.constants.values())

    def _gradient(self, piece: Piece, gradients: dict[str, str]) -> str:
        """The gradient of a piece: that of its one parameter, or those of several joined, with zeros between."""
        f, parts = self._formula, []
        ends = [*piece.places.values(), piece.length][1:]
        for (name, start), end in zip(piece.places.items(), ends, strict=True):
            size = math.prod(self._shapes[name])
            shape = piece.shape if size == piece.length else (size,)
            parts.append(f("Reshape", gradients[name], f.constant(shape, TensorProto.INT64)))
            if gap := end - start - size:
                parts.append(f.constant([0.0] * gap))
        return f("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]

    def _body(self, number: int, piece: Piece, scalars: tuple[str, ...]) -> GraphProto:
        """The update of one tile: scanning reads and writes the tiles where they are, and temporaries stay in cache."""
        formula = Formula(f"tile/{number}")
        read = [f"tile/{number}/read/{j}" for j in range(2 + piece.rule.states)]
        new = [f"tile/{number}/next/{j}" for j in range(1 + piece.rule.states)]
        piece.rule.update(formula, read, scalars, new)
        infos = [[helper.make_tensor_value_info(n, TensorProto.FLOAT, piece.shape[1:]) for n in x] for x in (read, new)]
        return helper.make_graph(formula.nodes, f"tile {number}", *infos, [*formula.constants.values()])

    def _input(self, name: str, shape: tuple[int, ...], kind: int = TensorProto.FLOAT) -> str:
        self._graph.input.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def _output(self, name: str, shape: tuple[int, ...], kind: int = TensorProto.FLOAT) -> None:
        self._graph.output.append(helper.make_tensor_value_info(name, kind, shape))
