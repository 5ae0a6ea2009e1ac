"""The small training steps against formulas and the library's own layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from benchsuite import Case, Workload
from benchsuite.errors import UsageError
from tests.counting import counted, weights
from workloads import dense_classifier_train, gpt2_forward, rnn_train
from workloads.nets.classifier import DenseClassifier, separable_points
from workloads.nets.rnn_lm import RecurrentLayer

TINY = {"batch": 2, "seq": 5, "width": 8, "layers": 2}


@pytest.fixture(autouse=True)
def no_other_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCHSUITE_CORPUS", raising=False)


def case(workload: Workload, **axes: int | str) -> Case:
    return Case(workload.name, {**workload.axes, **axes})


@pytest.mark.parametrize(("cell", "kind"), [("tanh", nn.RNN), ("lstm", nn.LSTM)])
@torch.no_grad()
def test_recurrent_layer_is_the_librarys(cell: str, kind: type[nn.RNN] | type[nn.LSTM]) -> None:
    mine, theirs, x_BTD = RecurrentLayer(cell, 6), kind(6, 6, batch_first=True), torch.randn(3, 7, 6)
    theirs.load_state_dict(
        {
            "weight_ih_l0": mine.from_input.weight,
            "bias_ih_l0": mine.from_input.bias,
            "weight_hh_l0": mine.from_state.weight,
            "bias_hh_l0": torch.zeros_like(mine.from_input.bias),
        }
    )
    torch.testing.assert_close(mine(x_BTD), theirs(x_BTD)[0])


@pytest.mark.parametrize(("cell", "gates"), [("tanh", 1), ("lstm", 4)])
def test_recurrent_training_is_counted_but_for_the_first_state(cell: str, gates: int) -> None:
    made = case(rnn_train.workload, cell=cell, **TINY)
    program, work = rnn_train.build(made), rnn_train.work(made)
    first_state = 2 * TINY["layers"] * TINY["batch"] * gates * 8 * 8
    assert work.flops == counted(program) + first_state
    learnt = weights(program)
    assert work.bytes == 4 * (2 * (learnt - 10_000 * 8) + 8 * learnt)
    assert (work.items, work.launches) == (10, 10)
    traced = torch.compile(lambda *x: program.loss(program.module, *x), fullgraph=True, backend="eager")
    torch.testing.assert_close(traced(*program.inputs), program.loss(program.module, *program.inputs))


def test_recurrent_training_on_paper() -> None:
    work = rnn_train.work(case(rnn_train.workload))
    cells = 2 * 400 * 2 * 4 * 2 * 200 * 200  # 512 000 000
    output = 2 * 400 * 10_000 * 200  # 1 600 000 000
    assert work.flops == 3 * (cells + output) == 6_336_000_000


def test_unknown_cell_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="cell=gru"):
        rnn_train.build(case(rnn_train.workload, cell="gru"))


def test_dense_classifier_learns_by_the_formula() -> None:
    program = dense_classifier_train.build(case(dense_classifier_train.workload))
    x_NF, labels_N = program.inputs
    unit = program.module.unit
    probability_N = torch.sigmoid(x_NF @ unit.weight[0] + unit.bias)
    by_hand = -(labels_N * probability_N.log() + (1 - labels_N) * (1 - probability_N).log()).mean()
    loss = program.loss(program.module, *program.inputs)
    torch.testing.assert_close(loss, by_hand)
    loss.backward()
    error_N = (probability_N - labels_N).detach() / 100
    torch.testing.assert_close(unit.weight.grad, (error_N @ x_NF)[None])
    torch.testing.assert_close(unit.bias.grad, error_N.sum()[None])
    work = dense_classifier_train.work(case(dense_classifier_train.workload))
    assert work.flops == counted(program) == 800
    assert work.bytes == 2400 + 4 * 10 * 3


def test_points_are_separable_and_of_both_kinds() -> None:
    x_NF, labels_N = separable_points(100)
    assert 30 < labels_N.sum() < 70
    module = DenseClassifier()
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
    for _ in range(400):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(module(x_NF), labels_N).backward()
        optimizer.step()
    assert ((module(x_NF) > 0).float() == labels_N).float().mean() > 0.97


@torch.no_grad()
def test_scoring_text_is_counted_less_what_causality_masks() -> None:
    made = case(gpt2_forward.workload, batch=2, seq=16, layers=2, width=128)
    program, work = gpt2_forward.build(made), gpt2_forward.work(made)
    assert work.flops == counted(program) - 4 * 128 * 2 * 2 * (16 * 15 // 2)
    assert work.values == weights(program) - (1024 - 16) * 128 + 2 * 16 * 50257
    mask_TT = torch.ones(16, 16, dtype=torch.bool).tril()[None, None]
    plain = program.module.model(input_ids=program.inputs[0], attention_mask=mask_TT).logits
    torch.testing.assert_close(program.module(*program.inputs), plain)
    exported = torch.export.export(program.module, program.inputs).module()
    torch.testing.assert_close(exported(*program.inputs), plain)
