"""Int8 on every CPU backend: verified, really of 8 bits, and refused where there is nothing to quantise."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable

import onnx
import onnxruntime
import pytest
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import Fail
from torch import Tensor, nn

from benchsuite.backend import Session, call
from benchsuite.backends import onnx_int8, torch_compile, torch_eager, torch_int8
from benchsuite.backends import onnxruntime as runtime
from benchsuite.backends.linear_layers import is_linear, is_product_of_inputs, replaced, with_linear_layers
from benchsuite.backends.onnx_graphs import graph_of
from benchsuite.errors import Unsupported
from benchsuite.verify import Expectation, after_timing, before_timing, reference_of
from benchsuite.verify.compare import relative_error
from benchsuite.workload import Forward, Generate, TrainStep, Transfer
from tests import programs

BACKENDS = {backend.name: backend for backend in (torch_eager.cpu, torch_compile.cpu, runtime.cpu)}


class Product(nn.Module):
    def forward(self, a_NK: Tensor, b_KM: Tensor) -> Tensor:
        return torch.matmul(a_NK, b_KM)


class Logits(nn.Module):
    """A network of `transformers`, whose linear layers are of its own kind, as a plain function of ids."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids_BT: Tensor) -> Tensor:
        logits_BTV: Tensor = self.model(input_ids=ids_BT, use_cache=False).logits
        return logits_BTV


def tied_model() -> nn.Module:
    """The output matrix is the embedding; no width is a multiple of a block's."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    sizes = {"vocab_size": 61, "n_positions": 32, "n_embd": 48, "n_layer": 1, "n_head": 2}
    config = GPT2Config(**sizes, initializer_range=0.5, bos_token_id=0, eos_token_id=0, attn_implementation="sdpa")
    module: nn.Module = GPT2LMHeadModel(config).eval()
    return module


def tied_generate() -> Generate:
    return Generate(tied_model(), (torch.arange(10).view(2, 5) * 7 % 61,), 6, (1, 2, 24))


def logits() -> Forward:
    return Forward(Logits(tied_model()), (torch.arange(24).view(2, 12) * 7 % 61,))


def product() -> Forward:
    torch.manual_seed(0)
    return Forward(Product(), (torch.randn(24, 40), torch.randn(40, 56)))


@pytest.fixture(autouse=True)
def _as_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> object:
    """The runtime's pool of threads is made once a process, and sessions turn gradients off."""
    make = onnxruntime.set_global_thread_pool_sizes

    def once(*sizes: int) -> None:
        with contextlib.suppress(Fail):
            make(*sizes)

    monkeypatch.setattr(onnxruntime, "set_global_thread_pool_sizes", once)
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.set_grad_enabled(True)


def prepared(backend: str, program: Forward | Generate) -> Session:
    return BACKENDS[backend].prepare(program, "int8", 2)


SLOW = {("torch-compile-cpu", logits), ("torch-compile-cpu", programs.generate), ("onnxruntime-cpu", programs.generate)}
MAKES = [programs.forward, logits, programs.generate, tied_generate, product]


@pytest.mark.parametrize(("backend", "make"), [pair for pair in itertools.product(BACKENDS, MAKES) if pair not in SLOW])
def test_is_verified_before_and_after(backend: str, make: Callable[[], Forward | Generate]) -> None:
    reference = reference_of(make(), make.__name__)
    session = prepared(backend, make())
    expected = Expectation(reference, make, "int8")
    checks = before_timing(session, expected)
    call(session)
    checks += after_timing(session, expected)
    assert [(c.when, c.what, c.error) for c in checks if not c.passed] == []
    assert max(c.error for c in checks if c.what in ("output", "logits")) > 1e-4, "computed in fp32"
    assert "8 bits" in session.notes["int8"] or "weights only" in session.notes["int8"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "program",
    [
        Forward(nn.LayerNorm(8), (torch.ones(2, 8),)),
        Forward(nn.Softmax(-1), (torch.ones(2, 8),)),
        Forward(nn.Embedding(5, 8), (torch.ones(2, 3, dtype=torch.int64),)),
        Forward(nn.Bilinear(3, 3, 2), (torch.ones(2, 3), torch.ones(2, 3))),
    ],
    ids=lambda program: type(program.module).__name__,
)
def test_without_linear_layers_there_is_nothing_to_quantise(backend: str, program: Forward) -> None:
    with pytest.raises(Unsupported, match="the module has no linear layers"):
        prepared(backend, program)


@pytest.mark.parametrize(
    ("backend", "program", "reason"),
    [
        (torch_eager.cpu, TrainStep, "gradients"),
        (torch_compile.cuda, TrainStep, "gradients"),
        (runtime.cpu, TrainStep, "gradients"),
        (torch_eager.cpu, Transfer, "fp32 only"),
        (runtime.cpu, Transfer, "fp32 only"),
        (torch_eager.mps, Forward, "not for mps"),
        (torch_eager.xpu, Generate, "not for xpu"),
        (runtime.cuda, Forward, "the CPU's only"),
    ],
)
def test_refused_with_a_reason(backend, program, reason: str) -> None:
    assert reason in (backend.refuses(program, "int8") or "")


@pytest.mark.parametrize("program", [Forward, Generate])
def test_offered_on_the_cpu_and_for_torch_on_cuda(program) -> None:
    for backend in (*BACKENDS.values(), torch_eager.cuda, torch_compile.cuda):
        assert backend.refuses(program, "int8") is None


def linear_weights(module: nn.Module) -> int:
    return sum(part.weight.numel() for part in with_linear_layers(module).modules() if is_linear(part))


def test_weights_are_of_eight_bits_and_no_other_copy_is_kept_by_torch() -> None:
    wanted = linear_weights(tied_model())
    module, _ = torch_int8.quantised(tied_generate(), "cpu")
    assert sum(x.numel() for x in module.buffers() if x.dtype == torch.int8) == wanted
    module, _ = torch_int8.quantised(logits(), "cpu")
    parts = [part.weight.qdata for part in module.modules() if is_linear(part)]
    assert {x.dtype for x in parts} == {torch.int8}
    assert sum(x.numel() for x in parts) == wanted


@pytest.mark.parametrize(("make", "operator"), [(tied_generate, "MatMulNBits"), (logits, "DynamicQuantizeMatMul")])
def test_weights_are_of_eight_bits_for_the_runtime(make, operator: str) -> None:
    layers = sum(map(is_linear, with_linear_layers(tied_model()).modules()))
    module, _ = onnx_int8.quantised(make())
    ids = (make().inputs[0],)
    graph, weights, _ = graph_of(module if isinstance(module, Logits) else Logits(module), ids)
    nodes = [node.op_type for node in onnx.load_from_string(graph).graph.node]
    assert nodes.count(operator) == layers == 5
    assert "Gemm" not in nodes
    matrices = [x for name, x in weights.items() if "weight_" in name]
    assert {x.element_size() for x in matrices} == {1}


def test_the_embedding_that_an_output_matrix_is_tied_to_stays_as_it_is() -> None:
    for quantised in (lambda p: torch_int8.quantised(p, "cpu"), onnx_int8.quantised):
        module, _ = quantised(tied_generate())
        assert torch.equal(module.transformer.wte.weight, tied_model().transformer.wte.weight)
        assert not is_linear(module.lm_head)


def test_other_weights_give_other_results_whatever_is_cached() -> None:
    def scaled(factor: float) -> Forward:
        program = logits()
        with torch.no_grad():
            program.module.model.lm_head.weight *= factor
        return program

    for factor in (1.0, 0.5):
        reference = reference_of(scaled(factor), str(factor))
        session = prepared("onnxruntime-cpu", scaled(factor))
        call(session)
        assert relative_error(session.output()["output"], reference.given["output"]) < 0.1


@pytest.mark.parametrize("inputs", [1, 16, 130, 256])
def test_weights_in_blocks_are_within_half_a_step(inputs: int) -> None:
    torch.manual_seed(0)
    linear = nn.Linear(inputs, 5)
    layer = onnx_int8.BlockLinear(linear)
    integers_ONB = layer.weight_ONB.int() - 128
    back_OI = (integers_ONB * layer.scale_ON[..., None]).flatten(1)[:, :inputs]
    steps_OI = layer.scale_ON.repeat_interleave(128, 1)[:, :inputs]
    assert bool(((back_OI - linear.weight).abs() <= 0.5001 * steps_OI).all())
    assert int(integers_ONB.flatten(1)[:, inputs:].abs().sum()) == 0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("scale", [0.0, 1e-3, 1e4])
def test_a_product_of_any_size_of_values(backend: str, scale: float) -> None:
    torch.manual_seed(0)
    a_NK, b_KM = torch.randn(16, 32) * scale, torch.randn(32, 24)
    session = prepared(backend, Forward(Product(), (a_NK, b_KM)))
    call(session)
    assert relative_error(session.output()["output"], a_NK @ b_KM) < 0.05


def test_what_is_a_product_of_two_inputs() -> None:
    class Turned(nn.Module):
        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return b @ a

    class Longer(nn.Module):
        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return a @ b + 1

    class OnValues(nn.Module):
        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return a @ b if bool(a.sum() > 0) else b

    x = torch.ones(3, 3)
    assert is_product_of_inputs(Product(), (x, x))
    assert not any(
        is_product_of_inputs(module, (x, x)) for module in (Turned(), Longer(), OnValues(), nn.Bilinear(3, 3, 3))
    )
    assert not is_product_of_inputs(Product(), (x[None], x[None]))
    assert not is_product_of_inputs(nn.Softmax(-1), (x,))


def test_conv1d_becomes_a_linear_layer_of_the_same_result() -> None:
    ids = torch.arange(12).view(1, 12)
    with torch.no_grad():
        expected = tied_model()(input_ids=ids).logits
        module = with_linear_layers(tied_model())
        torch.testing.assert_close(module(input_ids=ids).logits, expected)
    assert {type(part).__name__ for part in module.modules()} & {"Conv1D"} == set()


def test_a_layer_in_two_places_is_replaced_once() -> None:
    shared = nn.Linear(3, 3)
    module = replaced(nn.Sequential(shared, nn.Sequential(shared)), is_linear, lambda _: nn.Identity())
    assert module[0] is module[1][0]
    assert isinstance(replaced(nn.Linear(3, 3), is_linear, lambda _: nn.Identity()), nn.Identity)
