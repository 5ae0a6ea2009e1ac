"""Every workload builds its smoke cases: the same each time, in the shapes its contract names, with finite results."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from transformers import DynamicCache, GPT2Config, GPT2LMHeadModel

from benchsuite import Case, Forward, Generate, HostTask, HostTransfer, Program, TrainStep, Transfer, Workload
from benchsuite.catalog import workloads
from benchsuite.errors import UsageError
from benchsuite.verify.generation import generate
from workloads import (
    gpt2_generate,
    gpt2_pretrain,
    matmul,
)
from workloads.gpt2 import Shape
from workloads.nets.gpt2 import gpt2
from workloads.nets.weights import normal

WORKLOADS = list(workloads().values())
SMOKE = [(workload, case) for workload in WORKLOADS for case in workload.cases(workload.presets["smoke"])]
every_smoke_case = pytest.mark.parametrize(("workload", "case"), SMOKE, ids=[case.id for _, case in SMOKE])


@pytest.fixture(autouse=True)
def no_other_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCHSUITE_CORPUS", raising=False)


def once(program: Program) -> list[Tensor]:
    match program:
        case Forward(module, inputs):
            with torch.no_grad():
                result = module(*inputs)
            return list(result) if isinstance(result, tuple) else [result]
        case Transfer(inputs) | HostTransfer(inputs):
            return [inputs[0].clone()]
        case HostTask():
            return list(program.expected(*program.inputs).values())
        case TrainStep(module, inputs, loss, optimizer):
            steps = optimizer(list(module.parameters()))
            before = [p.detach().clone() for p in module.parameters()]
            value = loss(module, *inputs)
            value.backward()
            steps.step()
            steady = [torch.equal(b, p) for b, p in zip(before, module.parameters(), strict=True) if p.ndim > 1]
            frozen = [not p.requires_grad for p in module.parameters() if p.ndim > 1]
            assert steady == frozen
            return [value.detach(), *(p.detach() for p in module.parameters())]
        case Generate(module, inputs):
            with torch.no_grad():
                return [generate(program, module, inputs)["logits"]]


@every_smoke_case
def test_one_iteration_is_finite(workload: Workload, case: Case) -> None:
    program = workload.build(case)
    assert isinstance(program, workload.program)
    assert all(bool(torch.isfinite(x).all()) for x in once(program))
    work = workload.work(case)
    assert work.items > 0
    assert work.flops + work.moved("fp32") > 0 or work.launches > 0 or workload.kind == "host"


@every_smoke_case
def test_building_twice_gives_the_same_bits(workload: Workload, case: Case) -> None:
    torch.manual_seed(1)
    first = workload.build(case)
    torch.manual_seed(2)
    second = workload.build(case)
    for a, b in zip(first.inputs, second.inputs, strict=True):
        assert torch.equal(a, b)
    if hasattr(first, "module"):
        mine, other = first.module.state_dict(), second.module.state_dict()
        assert mine.keys() == other.keys()
        assert all(torch.equal(mine[name], other[name]) for name in mine)


@pytest.mark.parametrize("workload", WORKLOADS, ids=[workload.name for workload in WORKLOADS])
def test_presets_name_known_axes(workload: Workload) -> None:
    assert {"smoke", "full"} <= set(workload.presets) <= {"smoke", "quick", "full", "sweep"}
    assert set(workload.accelerated) <= {"smoke", "quick", "full", "sweep"}
    for grid in (*workload.presets.values(), *workload.accelerated.values()):
        assert set(grid) <= set(workload.axes)
        assert all(workload.work(case).items > 0 for case in workload.cases(grid))


def test_gpt2_is_drawn_like_the_librarys_and_tied() -> None:
    mine = gpt2(Shape(layers=2, width=128))
    theirs = GPT2LMHeadModel(GPT2Config(n_layer=2, n_embd=128, n_head=2))
    assert mine.lm_head.weight is mine.transformer.wte.weight
    for (name, p), (other, q) in zip(mine.named_parameters(), theirs.named_parameters(), strict=True):
        assert (name, p.shape) == (other, q.shape)
        torch.testing.assert_close(p.std(), q.std(), rtol=0.05, atol=1e-6)
        torch.testing.assert_close(p.mean(), q.mean(), rtol=0.0, atol=1e-3)
    drawn = [p for p in mine.parameters() if p.ndim > 1]
    assert all(not torch.equal(p[0], p[1]) for p in drawn)
    assert len({float(p.detach().flatten()[0]) for p in drawn}) == len(drawn)


def test_values_do_not_depend_on_threads() -> None:
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = gpt2(Shape(layers=1, width=64)).state_dict()
        torch.set_num_threads(3)
        three = gpt2(Shape(layers=1, width=64)).state_dict()
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(one[name], three[name]) for name in one)
    assert not torch.equal(normal("a", 8), normal("b", 8))


def test_pretraining_is_causal_without_a_mask_and_traces_whole() -> None:
    case = Case("gpt2-pretrain", {"batch": 2, "seq": 12, "layers": 1, "width": 64})
    program = gpt2_pretrain.build(case)
    ids_BT, labels_BT = program.inputs
    assert torch.equal(ids_BT[:, 1:], labels_BT[:, :-1])
    assert program.module.training
    mask_TT = torch.ones(12, 12, dtype=torch.bool).tril()[None, None]
    plain = gpt2(Shape(layers=1, width=64))
    torch.testing.assert_close(
        program.module(input_ids=ids_BT).logits, plain(input_ids=ids_BT, attention_mask=mask_TT).logits
    )
    traced = torch.compile(lambda *x: program.loss(program.module, *x), fullgraph=True, backend="eager")
    loss = program.loss(program.module, *program.inputs)
    torch.testing.assert_close(traced(*program.inputs), loss)
    assert 10 < loss.item() < 12  # ln 50257 = 10.8: nothing is learnt yet


def test_a_product_exports() -> None:
    program = matmul.build(Case("matmul", {"size": 32}))
    exported = torch.export.export(program.module, program.inputs).module()
    with torch.no_grad():
        torch.testing.assert_close(exported(*program.inputs), program.module(*program.inputs))


@torch.no_grad()
def test_steps_with_a_cache_choose_what_whole_passes_choose() -> None:
    case = Case("gpt2-generate", {"batch": 2, "prompt": 6, "length": 10, "layers": 2, "width": 128, "cache": "on"})
    program = gpt2_generate.build(case)
    assert program.cache_shape == (2, 2, 64)
    assert not program.module.training
    ids_BT = whole_BT = program.inputs[0]
    cache, seen = DynamicCache(), 0
    for _ in range(program.new_tokens):
        new = ids_BT.shape[1]
        stepped = program.module(
            ids_BT,
            position_ids=torch.arange(seen, seen + new)[None],
            attention_mask=torch.ones(new, seen + new, dtype=torch.bool).tril(seen)[None, None],
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits
        torch.testing.assert_close(stepped, program.module(whole_BT).logits[:, -1:], rtol=1e-4, atol=1e-5)
        ids_BT, seen = stepped.argmax(-1), seen + new
        whole_BT = torch.cat([whole_BT, ids_BT], dim=1)
    assert whole_BT.shape == (2, 10)
    assert cache.layers[0].keys.shape == (2, program.cache_shape[1], 9, program.cache_shape[2])


@pytest.mark.parametrize(
    ("workload", "axes", "complaint"),
    [
        (gpt2_generate, {"prompt": 8, "length": 8}, "length=8"),
        (gpt2_generate, {"length": 1025}, "1025"),
        (gpt2_pretrain, {"seq": 2048}, "2048"),
        (gpt2_pretrain, {"width": 100}, "width=100"),
    ],
)
def test_impossible_axes_are_usage_errors(workload: object, axes: dict[str, int | str], complaint: str) -> None:
    case = Case(workload.workload.name, dict(workload.workload.axes) | axes)
    with pytest.raises(UsageError, match=complaint):
        workload.build(case)
