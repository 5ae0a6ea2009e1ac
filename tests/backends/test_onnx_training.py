"""ONNX Runtime trains as torch does: every kind of step is verified, and its state is where it should be."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator

import onnx
import onnxruntime
import pytest
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import Fail
from torch import nn

from benchsuite import Unsupported
from benchsuite.backend import Session, call
from benchsuite.backends.onnx_sessions import Runtime
from benchsuite.backends.onnx_training import OnnxTrain
from benchsuite.backends.onnx_training_graph import step_graph
from benchsuite.verify import Expectation, after_timing, before_timing, reference_of
from benchsuite.workload import TrainStep
from tests import programs
from tests.backends import training_programs as steps


@pytest.fixture(autouse=True)
def gradients_as_before() -> Iterator[None]:
    """Sessions choose for their process whether gradients are kept."""
    with torch.enable_grad():
        yield


@pytest.fixture(scope="module", autouse=True)
def threads() -> None:
    """A process has one pool, which a backend makes when it prepares its only program."""
    with contextlib.suppress(Fail):  # made by then
        onnxruntime.set_global_thread_pool_sizes(2, 1)


def opened(program: TrainStep) -> Session:
    return OnnxTrain(program, Runtime("cpu", "fp32"))


MAKERS: dict[str, Callable[[], TrainStep]] = {
    "a frozen layer": programs.train,
    "dense classifier": steps.dense_classifier,
    "attention with tanh": functools.partial(steps.character_model, steps.TanhAttention),
    "tied embedding": functools.partial(steps.character_model, steps.TanhAttention, steps.ADAMW, tied=True),
    "fused attention": functools.partial(steps.character_model, steps.Grouped),
    "distillation": steps.distillation,
    "indices": steps.picks,
    **{kind.__name__: functools.partial(steps.recurrent_model, kind) for kind in (nn.RNN, nn.LSTM, nn.GRU)},
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_step_is_right(name: str) -> None:
    make = MAKERS[name]
    session, expected = opened(make()), Expectation(reference_of(make(), name), make, "fp32")
    checks = before_timing(session, expected)
    for _ in range(5):
        call(session)
    checks += after_timing(session, expected)
    assert [check for check in checks if not check.passed] == []


OPTIMIZERS = {
    "Adam with decay": functools.partial(steps.ADAM, weight_decay=0.1, betas=(0.8, 0.99), eps=1e-4),
    "AdamW": steps.ADAMW,
    "SGD with decay and momentum": functools.partial(steps.SGD, weight_decay=0.1, momentum=0.9),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_agrees_with_torch(name: str) -> None:
    session, twin = opened(programs.train(OPTIMIZERS[name])), programs.train(OPTIMIZERS[name])
    optimizer = OPTIMIZERS[name](twin.module.parameters())
    for _ in range(4):
        call(session)
        optimizer.zero_grad()
        loss = twin.loss(twin.module, *twin.inputs)
        loss.backward()
        optimizer.step()
        output = session.output()
        torch.testing.assert_close(output["loss"], loss.detach())
        for parameter, expected in twin.module.named_parameters():
            torch.testing.assert_close(output[f"parameter/{parameter}"], expected.detach(), rtol=1e-4, atol=1e-6)


def test_groups_of_parameters_have_their_own_rules() -> None:
    def optimizer(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        first, *rest = parameters
        return torch.optim.SGD([{"params": [first], "lr": 0.0}, {"params": rest[:1]}], lr=0.1)

    program = programs.train(optimizer)
    start = {name: p.detach().clone() for name, p in program.module.named_parameters()}
    session = opened(program)
    call(session)
    moved = [name for name, p in start.items() if not torch.equal(session.output()[f"parameter/{name}"], p)]
    assert moved == ["0.bias"]


@pytest.mark.parametrize(
    ("optimizer", "reason"),
    [
        (functools.partial(torch.optim.RMSprop, lr=1e-3), "RMSprop"),
        (functools.partial(steps.ADAM, amsgrad=True), "amsgrad=True"),
        (functools.partial(steps.ADAMW, maximize=True), "maximize=True"),
        (functools.partial(steps.SGD, momentum=0.9, nesterov=True), "nesterov=True"),
        (functools.partial(steps.SGD, momentum=0.9, dampening=0.1), r"dampening=0\.1"),
        (type("Other", (torch.optim.AdamW,), {}), "Other"),
    ],
)
def test_other_optimizers_are_not_run(optimizer: functools.partial, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        opened(programs.train(optimizer))


def test_dropout_in_attention_is_not_run() -> None:
    def loss(module: nn.Module, x_BD: torch.Tensor, y_BC: torch.Tensor) -> torch.Tensor:
        y_1BC = module(x_BD)[None]
        return nn.functional.scaled_dot_product_attention(y_1BC, y_1BC, y_1BC, dropout_p=0.1).sum()

    with pytest.raises(Unsupported, match="dropout"):
        opened(dataclasses.replace(programs.train(), loss=loss))


def test_a_step_that_depends_on_values_is_not_run() -> None:
    def loss(module: nn.Module, x_BD: torch.Tensor, y_BC: torch.Tensor) -> torch.Tensor:
        return module(x_BD).sum() * (2.0 if bool(y_BC.sum() > 0) else 1.0)

    with pytest.raises(Unsupported, match="depends on values"):
        opened(dataclasses.replace(programs.train(), loss=loss))


def test_a_module_that_changes_its_buffers_is_not_run() -> None:
    program = programs.train()
    program.module.insert(1, nn.BatchNorm1d(256))
    with pytest.raises(Unsupported, match="buffers"):
        opened(program)


class TwoRows(nn.Module):
    """Rows 0 and 1 of a table get gradients, the others never do."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(6, 4)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.table(ids)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_a_row_without_gradient_only_decays(decay: float) -> None:
    """With epsilon gone, Adam would divide zero by zero there."""
    torch.manual_seed(0)
    lr, times = 1e-2, 3
    optimizer = functools.partial(torch.optim.AdamW, lr=lr, weight_decay=decay)
    program = TrainStep(TwoRows(), (torch.tensor([0, 1, 1]),), lambda module, ids: module(ids).pow(2).mean(), optimizer)
    start = program.module.table.weight.detach().clone()
    session = opened(program)
    for _ in range(times):
        call(session)
    table = session.output()["parameter/table.weight"]
    torch.testing.assert_close(table[2:], start[2:] * (1 - lr * decay) ** times)
    assert bool((table[:2] != start[:2]).all())


def test_a_parameter_that_the_loss_does_not_use_stays_as_it_is() -> None:
    program = steps.picks()
    start = program.module.unused.weight.detach().clone()
    session = opened(program)
    call(session)
    assert torch.equal(session.output()["parameter/unused.weight"], start)


def test_gradients_of_rows_that_come_often_lose_no_addition() -> None:
    """Threads that add whole rows at once would."""
    torch.manual_seed(0)
    program = TrainStep(
        nn.Embedding(3, 64), (torch.ones(4096, dtype=torch.int64),), lambda module, ids: module(ids).sum(), steps.SGD
    )
    start = program.module.weight.detach().clone()
    session = opened(program)
    call(session)
    change = session.output()["parameter/weight"] - start
    torch.testing.assert_close(change[1], torch.full((64,), -0.1 * 4096))


def test_a_session_starts_anew_when_it_is_reset() -> None:
    session = opened(programs.train())
    outputs = []
    for _ in range(2):
        session.reset(programs.train())
        for _ in range(3):
            call(session)
        outputs.append({name: x.clone() for name, x in session.output().items()})
    assert outputs[0].keys() == outputs[1].keys()
    assert all(torch.equal(outputs[0][name], outputs[1][name]) for name in outputs[0])


def test_parameters_are_named_as_torch_does_and_tied_ones_once() -> None:
    program = steps.character_model(steps.TanhAttention, tied=True)
    names = {f"parameter/{name}" for name, _ in program.module.named_parameters()}
    session = opened(program)
    call(session)
    assert session.output().keys() == {"loss", *names}


class Wide(nn.Module):
    """A parameter that is updated in tiles, one alone and two together."""

    def __init__(self) -> None:
        super().__init__()
        self.tiled, self.alone = nn.Parameter(torch.randn(1536, 768)), nn.Parameter(torch.randn(768, 128))
        self.gain, self.bias = nn.Parameter(torch.ones(768)), nn.Parameter(torch.zeros(3))

    def forward(self, x_BD: torch.Tensor) -> torch.Tensor:
        return (x_BD @ self.tiled * self.gain) @ self.alone * self.bias.sum().exp()


def wide() -> TrainStep:
    torch.manual_seed(0)
    loss = lambda module, x_BD: module(x_BD).pow(2).mean()  # noqa: E731 (a loss without a name)
    return TrainStep(Wide(), (torch.randn(2, 1536) / 1536,), loss, steps.ADAMW)


def test_tiles_are_updated_as_the_whole_is() -> None:
    _, pieces, _ = step_graph(wide(), "cpu")
    assert {tuple(piece.places): piece.tiles for piece in pieces} == {("tiled",): 3, ("alone",): 1, ("gain", "bias"): 1}
    session, expected = opened(wide()), Expectation(reference_of(wide(), "wide"), wide, "fp32")
    assert [check for check in before_timing(session, expected) if not check.passed] == []


def test_state_is_read_only_by_what_computes_its_successor() -> None:
    """As the two share their memory."""
    graph = onnx.load_from_string(step_graph(wide(), "cpu")[0]).graph
    states = {x.name for x in graph.input if x.name.startswith("state/")} | {"step"}
    assert len(states) == 7
    for name in states:
        (reader,) = (node for node in graph.node if name in node.input)
        if reader.op_type == "Scan":
            (body,) = (attribute.g for attribute in reader.attribute if attribute.name == "body")
            within = body.input[list(reader.input).index(name)].name
            assert_only_successor_reads(body.node, within, [x.name for x in body.output])
        else:
            assert_only_successor_reads(graph.node, name, [f"next/{name}"])


def assert_only_successor_reads(nodes: Iterable[onnx.NodeProto], state: str, successors: list[str]) -> None:
    (reader,) = (node for node in nodes if state in node.input)
    results = [reader, *(node for node in nodes if reader.output[0] in node.input)]
    assert any(node.output[0] in successors for node in results)


def test_the_exporters_optimizer_is_not_trusted_with_small_constants() -> None:
    """Every epsilon is in the graph."""
    model = onnx.load_from_string(step_graph(programs.train(), "cpu")[0])
    constants = [onnx.numpy_helper.to_array(x) for x in model.graph.initializer if x.data_type == 11]
    assert any(float(x) == 1e-8 for x in constants if x.size == 1)
