"""Kernels compute what their formulas say: against the library's own modules, or the formula spelt out once more."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from benchsuite import Case, Forward
from benchsuite.errors import UsageError
from tests.counting import counted
from workloads import (
    attention_causal,
    attention_cross,
    attention_decode,
    attention_self,
    cross_entropy,
    embedding,
    feed_forward,
    layer_norm,
    position_encoding,
    rnn,
    softmax,
)
from workloads.nets.positions import Rotary, Sinusoidal
from workloads.nets.recurrent import Library, Unrolled, fill_recurrent
from workloads.nets.weights import normal

ALL = (
    attention_causal,
    attention_cross,
    attention_decode,
    attention_self,
    cross_entropy,
    embedding,
    feed_forward,
    layer_norm,
    position_encoding,
    rnn,
    softmax,
)
ATTENTION = {"batch": 2, "heads": 4, "head_dim": 8}


def case_of(module: ModuleType, **axes: int | str) -> Case:
    return Case(module.workload.name, dict(module.workload.axes) | axes)


@torch.no_grad()
def result(module: ModuleType, **axes: int | str) -> Tensor:
    program: Forward = module.build(case_of(module, **axes))
    output: Tensor = program.module(*program.inputs)
    return output


@pytest.fixture(autouse=True)
def no_other_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCHSUITE_CORPUS", raising=False)


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.__name__)
def test_smoke_cases_trace_whole(module: ModuleType) -> None:
    for case in module.workload.cases(module.workload.presets["smoke"]):
        program = module.build(case)
        exported = torch.export.export(program.module, program.inputs).module()
        with torch.no_grad():
            torch.testing.assert_close(exported(*program.inputs), program.module(*program.inputs))


@pytest.mark.parametrize(
    ("module", "axes"),
    [
        (attention_self, {"seq": 20, "variant": "multi-head"}),
        (attention_self, {"seq": 20, "variant": "tanh-single-head"}),
        (attention_cross, {"seq": 5, "memory": 20}),
        (attention_causal, {"seq": 20}),
        (attention_decode, {"seq": 20, "kv_heads": 4}),
        (attention_decode, {"seq": 20, "kv_heads": 2}),
    ],
)
def test_two_implementations_of_attention_agree(module: ModuleType, axes: dict[str, int | str]) -> None:
    fused, plain = (result(module, **ATTENTION, **axes, implementation=word) for word in ("sdpa", "plain"))
    torch.testing.assert_close(fused, plain, rtol=1e-4, atol=1e-5)


def of_the_library(mine: dict[str, Tensor], project_in: Tensor) -> nn.MultiheadAttention:
    theirs = nn.MultiheadAttention(32, 4, batch_first=True).eval()
    theirs.load_state_dict(
        {
            "in_proj_weight": project_in,
            "in_proj_bias": torch.zeros(96),
            "out_proj.weight": mine["project_out.weight"],
            "out_proj.bias": mine["project_out.bias"],
        }
    )
    return theirs


@torch.no_grad()
def test_self_attention_is_the_librarys() -> None:
    program = attention_self.build(case_of(attention_self, **ATTENTION, seq=6))
    mine = program.module.state_dict()
    (x_BTD,) = program.inputs
    theirs = of_the_library(mine, mine["project_in.weight"])
    torch.testing.assert_close(program.module(x_BTD), theirs(x_BTD, x_BTD, x_BTD)[0], rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_cross_attention_is_the_librarys() -> None:
    program = attention_cross.build(case_of(attention_cross, **ATTENTION, seq=6, memory=9))
    mine = program.module.state_dict()
    x_BTD, memory_BSD = program.inputs
    theirs = of_the_library(mine, torch.cat([mine["project_query.weight"], mine["project_memory.weight"]]))
    expected_BTD = theirs(x_BTD, memory_BSD, memory_BSD)[0]
    torch.testing.assert_close(program.module(x_BTD, memory_BSD), expected_BTD, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_single_head_has_one_projection_for_queries_and_keys() -> None:
    program = attention_self.build(case_of(attention_self, **ATTENTION, seq=6, variant="tanh-single-head"))
    w = {name: x.double() for name, x in program.module.state_dict().items()}
    x_BTD = program.inputs[0].double()
    qk_BTD = torch.tanh(x_BTD @ w["query_key.weight"].T + w["query_key.bias"])
    v_BTD = torch.tanh(x_BTD @ w["value.weight"].T + w["value.bias"])
    scores_BTT = torch.einsum("btd,bsd->bts", qk_BTD, qk_BTD) / 32**0.5
    weights_BTT = scores_BTT.exp() / scores_BTT.exp().sum(-1, keepdim=True)
    expected_BTD = torch.einsum("bts,bsd->btd", weights_BTT, v_BTD)
    torch.testing.assert_close(program.module(*program.inputs), expected_BTD.float(), rtol=1e-4, atol=1e-5)


def test_single_head_at_full_size_looks_at_others_too() -> None:
    program = attention_self.build(case_of(attention_self, batch=1, variant="tanh-single-head"))
    with torch.no_grad():
        qk_BTD = torch.tanh(program.module.query_key(program.inputs[0]))
        weights_BTT = torch.softmax(qk_BTD @ qk_BTD.transpose(1, 2) * 768**-0.5, -1)
    assert 0.05 < float(weights_BTT.diagonal(dim1=1, dim2=2).mean()) < 0.6


@torch.no_grad()
@pytest.mark.parametrize("implementation", ["sdpa", "plain"])
def test_causal_attention_looks_at_no_later_position(implementation: str) -> None:
    program = attention_causal.build(case_of(attention_causal, **ATTENTION, seq=7, implementation=implementation))
    q, k, v = (x.double() for x in program.inputs)
    expected = torch.stack(
        [
            torch.softmax((q[:, :, t, None] * k[:, :, : t + 1]).sum(-1) / 8**0.5, -1)[..., None].mul(v[:, :, : t + 1])
            .sum(-2)
            for t in range(7)
        ],
        dim=2,
    )  # fmt: skip
    torch.testing.assert_close(program.module(*program.inputs), expected.float(), rtol=1e-4, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_heads_that_share_a_cache_are_neighbours(kv_heads: int) -> None:
    """As in the library, whose kernel repeats each head of the cache for the queries that share it."""
    program = attention_decode.build(case_of(attention_decode, **ATTENTION, seq=9, kv_heads=kv_heads))
    q_BHK, k_BGSK, v_BGSK = program.inputs
    expected = nn.functional.scaled_dot_product_attention(q_BHK[:, :, None], k_BGSK, v_BGSK, enable_gqa=True)
    torch.testing.assert_close(program.module(*program.inputs), expected[:, :, 0], rtol=1e-4, atol=1e-5)


def test_gradient_of_the_table_is_autograds() -> None:
    program = embedding.build(case_of(embedding, vocabulary=300, width=8, batch=2, seq=40, direction="backward"))
    ids_BT, gradient_BTD = program.inputs
    table = program.module.table_VD.detach().clone().requires_grad_()
    rows_BTD = nn.functional.embedding(ids_BT, table)
    rows_BTD.backward(gradient_BTD)
    assert table.grad is not None
    assert len(ids_BT.unique()) < ids_BT.numel()  # some rows are added to more than once
    mine_BTD, mine_VD = program.module(*program.inputs)
    torch.testing.assert_close(mine_BTD, rows_BTD)
    torch.testing.assert_close(mine_VD, table.grad)


def test_uniform_ids_name_rows_as_often_as_is_counted() -> None:
    case = case_of(embedding, width=1, batch=8, seq=512, ids="uniform")
    (ids_BT,) = embedding.build(case).inputs
    work = embedding.work(case)
    assert 0 <= int(ids_BT.min()) <= int(ids_BT.max()) < 50257
    assert work.values - 4096 == pytest.approx(len(ids_BT.unique()), rel=0.01)


def test_sinusoids_are_the_papers() -> None:
    table_TD = Sinusoidal(600, 6).table_TD
    assert table_TD.shape == (600, 6)
    for t, i in ((0, 0), (3, 1), (599, 2)):
        angle = torch.tensor(t / 10000 ** (2 * i / 6), dtype=torch.float64)
        torch.testing.assert_close(table_TD[t, 2 * i], angle.sin().float())
        torch.testing.assert_close(table_TD[t, 2 * i + 1], angle.cos().float())


def test_rotary_is_a_turn_of_the_complex_plane() -> None:
    """The score of a query and a key depends on how far apart they are, and on nothing else of their places."""
    rotary = Rotary(12, 8)
    q, k = normal("q", 1, 1, 12, 8), normal("k", 1, 1, 12, 8)
    turned_q, turned_k = rotary(q, k)
    angles_TF = torch.outer(torch.arange(12.0), 10000 ** (-torch.arange(4.0) / 4))
    expected = torch.complex(q[..., :4], q[..., 4:]) * torch.polar(torch.ones(12, 4), angles_TF)
    torch.testing.assert_close(turned_q, torch.cat([expected.real, expected.imag], -1), rtol=1e-4, atol=1e-5)
    q[:], k[:] = q[:, :, :1].clone(), k[:, :, :1].clone()
    turned_q, turned_k = rotary(q, k)
    scores_TT = (turned_q @ turned_k.transpose(-2, -1))[0, 0]
    torch.testing.assert_close(scores_TT[:-1, :-1], scores_TT[1:, 1:], rtol=1e-4, atol=1e-4)


def test_rotary_is_the_librarys() -> None:
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

    q, k = normal("q", 2, 3, 12, 8), normal("k", 2, 3, 12, 8)
    config = LlamaConfig(hidden_size=24, num_attention_heads=3, rope_theta=10000.0, max_position_embeddings=64)
    cos, sin = LlamaRotaryEmbedding(config)(q, torch.arange(12)[None])
    torch.testing.assert_close(Rotary(12, 8)(q, k), apply_rotary_pos_emb(q, k, cos, sin), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_unrolled_cell_is_the_librarys_rnn() -> None:
    mine, theirs = Unrolled(8), Library(8, gated=False)
    fill_recurrent(mine)
    state = mine.state_dict()
    names = {"ih": "of_input", "hh": "of_state"}
    theirs.cell.load_state_dict(
        {f"{what}_{end}_l0": state[f"{name}.{what}"] for end, name in names.items() for what in ("weight", "bias")}
    )
    x_TBD = normal("x", 7, 3, 8)
    assert mine(x_TBD).shape == x_TBD.shape
    torch.testing.assert_close(mine(x_TBD), theirs(x_TBD))
    torch.testing.assert_close(mine(x_TBD)[:3], mine(x_TBD[:3]))  # positions come first


@torch.no_grad()
def test_lstm_is_the_papers() -> None:
    module = Library(4, gated=True)
    fill_recurrent(module)
    cell, x_TBD = module.cell, normal("x", 5, 2, 4)
    h_BD, c_BD, states = torch.zeros(2, 4), torch.zeros(2, 4), []
    for x_BD in x_TBD:
        gates_B4D = x_BD @ cell.weight_ih_l0.T + cell.bias_ih_l0 + h_BD @ cell.weight_hh_l0.T + cell.bias_hh_l0
        enter, forget, new, leave = gates_B4D.chunk(4, dim=-1)
        c_BD = forget.sigmoid() * c_BD + enter.sigmoid() * new.tanh()
        h_BD = leave.sigmoid() * c_BD.tanh()
        states.append(h_BD)
    torch.testing.assert_close(module(x_TBD), torch.stack(states), rtol=1e-4, atol=1e-5)


def test_half_of_the_weights_are_zero() -> None:
    program = feed_forward.build(case_of(feed_forward, batch=1, seq=4, width=32, sparsity=50))
    for layer in (program.module[0], program.module[2]):
        kept = layer.weight[layer.weight != 0].detach().abs()
        assert kept.numel() == layer.weight.numel() // 2
        assert float(kept.min()) > 0.6 * layer.in_features**-0.5  # half of a normal distribution is within 0.67


@torch.no_grad()
def test_feed_forward_by_formula() -> None:
    program = feed_forward.build(case_of(feed_forward, batch=1, seq=4, width=16))
    first, _, second = program.module
    inner = program.inputs[0].double() @ first.weight.double().T
    inner = inner * (1 + torch.erf(inner / 2**0.5)) / 2
    expected = (inner @ second.weight.double().T).float()
    torch.testing.assert_close(program.module(*program.inputs), expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_rows_by_formula() -> None:
    program = layer_norm.build(case_of(layer_norm, batch=1, seq=3, width=16))
    x = program.inputs[0].double()
    x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, correction=0, keepdim=True) + 1e-5).sqrt()
    expected = (x * program.module.weight + program.module.bias).float()
    torch.testing.assert_close(program.module(*program.inputs), expected)
    (scores,) = softmax.build(case_of(softmax, rows=3, width=5)).inputs
    torch.testing.assert_close(result(softmax, rows=3, width=5), scores.exp() / scores.exp().sum(-1, keepdim=True))
    logits, labels = cross_entropy.build(case_of(cross_entropy, seq=3, vocabulary=300)).inputs
    expected = logits.exp().sum(-1).log() - logits[torch.arange(3), labels]
    torch.testing.assert_close(result(cross_entropy, seq=3, vocabulary=300), expected)


@pytest.mark.parametrize(
    ("module", "axes", "complaint"),
    [
        (attention_self, {"implementation": "flash"}, "implementation=flash is unknown: choose implementation=sdpa or"),
        (attention_self, {"variant": "linear"}, "variant=linear"),
        (attention_cross, {"implementation": "flash"}, "implementation=flash"),
        (attention_causal, {"implementation": "flash"}, "implementation=flash"),
        (attention_decode, {"implementation": "flash"}, "implementation=flash"),
        (attention_decode, {"kv_heads": 5}, "kv_heads=5 does not divide heads=12"),
        (attention_decode, {"kv_heads": 0}, "kv_heads=0"),
        (embedding, {"direction": "sideways"}, "direction=sideways"),
        (embedding, {"ids": "zipf"}, "ids=zipf"),
        (feed_forward, {"sparsity": 100}, "sparsity=100"),
        (position_encoding, {"kind": "learnt"}, "kind=learnt"),
        (position_encoding, {"head_dim": 63}, "head_dim=63"),
        (rnn, {"cell": "gru"}, "cell=gru is unknown: choose cell=tanh-unrolled or cell=rnn or cell=lstm"),
        (rnn, {"seq": 0}, "seq=0"),
    ],
)
def test_impossible_axes_are_usage_errors(module: ModuleType, axes: dict[str, int | str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        module.build(case_of(module, **axes))


def test_kernels_without_products_count_none() -> None:
    for module in (embedding, layer_norm, softmax, cross_entropy, position_encoding):
        for case in module.workload.cases(module.workload.presets["smoke"]):
            assert module.work(case).flops == counted(module.build(case)) == 0
