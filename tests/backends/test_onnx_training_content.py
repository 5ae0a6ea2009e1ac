"""A cached graph of a training step is only ever used for the step it was made from."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from benchsuite.backends.onnx_training_content import described, described_value
from benchsuite.backends.onnx_training_graph import _REACHED, step_graph
from benchsuite.workload import TrainStep
from tests import programs


def scaled(scale: object) -> Callable[[nn.Module, Tensor, Tensor], Tensor]:
    def loss(module: nn.Module, x_BD: Tensor, y_BC: Tensor) -> Tensor:
        return programs.squared_error(module, x_BD, y_BC) * scale

    return loss


def doubled(module: nn.Module, x_BD: Tensor, y_BC: Tensor, *, power: float = 1.0) -> Tensor:
    return 2.0 * programs.squared_error(module, x_BD, y_BC) ** power


class Scale:
    """A loss that is an object."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def __call__(self, module: nn.Module, x_BD: Tensor, y_BC: Tensor) -> Tensor:
        return self.scale * programs.squared_error(module, x_BD, y_BC)


LOSSES = [
    lambda: programs.squared_error,
    lambda: scaled(2.0),
    lambda: scaled(3.0),
    lambda: scaled((2.0, 3.0)),
    lambda: scaled({"a": 2.0}),
    lambda: scaled(torch.tensor([2.0])),
    lambda: scaled(torch.tensor([3.0])),
    lambda: scaled(programs.squared_error),
    lambda: doubled,
    lambda: functools.partial(doubled, power=2.0),
    lambda: functools.partial(doubled, power=3.0),
    lambda: Scale(2.0),
    lambda: Scale(3.0),
    lambda: torch.add,
    lambda: torch.mul,
]


def test_losses_are_told_apart_and_one_made_again_is_the_same() -> None:
    first, again = ([described_value(make()) for make in LOSSES] for _ in range(2))
    assert first == again
    assert len(set(first)) == len(first)


def test_a_tensor_that_is_no_state_is_told_by_its_values() -> None:
    said = []
    for value in (0.0, 1.0):
        program = programs.train()
        program.module.offset = torch.tensor([value])
        said.append(described(program))
    assert said[0] != said[1]


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path))
    return tmp_path / "onnx"


def frozen() -> TrainStep:
    program = programs.train()
    program.module[2].requires_grad_(requires_grad=False)
    return program


def test_a_graph_is_found_again_and_a_corrupt_one_is_made_anew(cached: Path) -> None:
    graph, pieces, warm = step_graph(programs.train(), "cpu")
    assert not warm
    assert step_graph(programs.train(), "cpu") == (graph, pieces, True)
    (file,) = cached.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert step_graph(programs.train(), "cpu")[2] is False
    assert step_graph(programs.train(), "cpu")[2] is True


def test_another_step_is_another_graph(cached: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by rate, loss, what is frozen, shapes and device; nothing needs to be exported for that."""
    monkeypatch.setattr("benchsuite.backends.onnx_training_graph._whole", lambda *_: reaching_nothing())
    program = programs.train()
    others = [
        programs.train(functools.partial(programs.adamw, lr=2e-3)),
        programs.train(functools.partial(torch.optim.SGD, lr=1e-3)),
        dataclasses.replace(program, loss=doubled),
        dataclasses.replace(program, inputs=tuple(x[:4] for x in program.inputs)),
        frozen(),
    ]
    for other in (program, *others):
        assert step_graph(other, "cpu")[2] is False
    assert step_graph(program, "cuda")[2] is False
    assert len(list(cached.iterdir())) == 2 + len(others)


def reaching_nothing() -> bytes:
    from onnx import ModelProto

    model = ModelProto()
    model.metadata_props.add(key=_REACHED, value="")
    return bytes(model.SerializeToString())
