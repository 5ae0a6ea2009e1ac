"""A cached graph holds the shape of a network and none of its weights."""

from __future__ import annotations

import contextlib
from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import Fail
from torch import Tensor, nn

from benchsuite.backend import Session, call
from benchsuite.backends.onnx_graphs import graph_of
from benchsuite.backends.onnx_sessions import open_session
from benchsuite.workload import Forward


class Layers(nn.Module):
    """Dense layers on three dimensions, whose matrices an exporter transposes, and vectors that may be equal."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(64, 320), nn.Linear(320, 320, bias=False)
        self.norm, self.other_norm = nn.LayerNorm(320), nn.LayerNorm(320)
        self.tied = nn.Linear(320, 320, bias=False)
        self.tied.weight = self.second.weight

    def forward(self, x_BTD: Tensor) -> Tensor:
        h_BTD = self.norm(self.first(x_BTD))
        return self.other_norm(self.tied(self.second(h_BTD))) @ self.second.weight


def program(seed: int, module: type[nn.Module] = Layers) -> Forward:
    """With `seed` 0 both normalisations scale by one."""
    torch.manual_seed(seed)
    made = module().eval()
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.ndim == 1 and seed:
                parameter.normal_()
    return Forward(made, (torch.randn(2, 3, 64),))


@pytest.fixture
def graphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path))
    return tmp_path


@torch.no_grad()
def opened(made: Forward) -> Session:
    with contextlib.suppress(Fail):  # the pool is the process's, and another session has made it
        onnxruntime.set_global_thread_pool_sizes(2, 1)
    session = open_session(made, "fp32", "cpu")
    call(session)
    return session


@torch.no_grad()
def test_a_cached_graph_serves_other_weights(graphs: Path) -> None:
    for seed, state in ((0, "cold"), (1, "warm"), (2, "warm")):
        made = program(seed)
        expected = made.module(*made.inputs)
        session = opened(made)
        assert session.notes["onnx-cache"] == state
        torch.testing.assert_close(session.output()["output"], expected, rtol=1e-4, atol=1e-5)


def test_a_graph_names_its_weights_and_holds_none(graphs: Path) -> None:
    made = program(0)
    graph, weights, _ = graph_of(made.module, made.inputs)
    inside = [x for x in onnx.load_from_string(graph).graph.initializer if not x.external_data]
    assert all(len(x.raw_data) <= 1024 for x in inside)
    assert weights["first.weight transposed"].shape == (64, 320)
    assert len(graph) < 20_000


@torch.no_grad()
def test_an_output_that_torch_returns_transposed(graphs: Path) -> None:
    class Turned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.dense = nn.Linear(64, 8)

        def forward(self, x_BTD: Tensor) -> Tensor:
            return self.dense(x_BTD).transpose(0, 1)

    made = program(0, Turned)
    expected = made.module(*made.inputs)
    torch.testing.assert_close(opened(made).output()["output"], expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_rows_that_come_twice_are_added_one_by_one(graphs: Path) -> None:
    class Gradient(nn.Module):
        def forward(self, ids_BT: Tensor, rows_BTD: Tensor) -> Tensor:
            return torch.ops.aten.embedding_dense_backward(rows_BTD, ids_BT, 9, -1, False)

    torch.manual_seed(0)
    made = Forward(Gradient(), (torch.randint(9, (4, 50)), torch.randn(4, 50, 16)))
    expected = made.module(*made.inputs)
    graph, _, _ = graph_of(made.module, made.inputs)
    assert {"ScatterElements"} == {n.op_type for n in onnx.load_from_string(graph).graph.node if "Scatter" in n.op_type}
    torch.testing.assert_close(opened(made).output()["output"], expected, rtol=1e-5, atol=1e-5)
