"""BERT and its relatives compute what the library's own modules compute, and their work is counted right."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from transformers import BertForMaskedLM, BertForSequenceClassification, BertModel, DistilBertForSequenceClassification

from benchsuite import Case, Workload
from benchsuite.errors import UsageError
from tests.counting import counted, weights
from workloads import (
    bert_classify,
    bert_evaluate,
    bert_finetune,
    bert_pretrain,
    distill_step,
    minilm_embed,
)
from workloads.bert import Shape
from workloads.nets.bert import Classifier, Embedder, MaskedWords
from workloads.nets.distill import Distillation, Student, distillation_loss
from workloads.nets.pruning import prune

TINY = {"batch": 2, "seq": 12, "layers": 2, "width": 128}
SHAPE = Shape(2, 128)


@pytest.fixture(autouse=True)
def no_other_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BENCHSUITE_CORPUS", raising=False)


def case(workload: Workload, **axes: int | str) -> Case:
    return Case(workload.name, {**workload.axes, **axes})


def plain(kind: type, mine: torch.nn.Module, **further: object) -> torch.nn.Module:
    """The library's module with the same weights, attention spelt out and masks made by the library."""
    config = type(mine.config).from_dict(mine.config.to_dict())
    config._attn_implementation = "eager"
    theirs = kind(config, **further).eval()
    theirs.load_state_dict(mine.state_dict())
    return theirs


@torch.no_grad()
def test_classifier_is_the_librarys() -> None:
    module = Classifier(SHAPE)
    ids_BT = torch.randint(30522, (2, 12))
    theirs = plain(BertForSequenceClassification, module.model)
    expected = theirs(input_ids=ids_BT, attention_mask=torch.ones_like(ids_BT)).logits
    torch.testing.assert_close(module(ids_BT), expected, rtol=1e-4, atol=1e-6)


@torch.no_grad()
def test_embedding_is_the_mean_over_positions_at_length_one() -> None:
    module = Embedder(Shape(2, 128, head_dim=32))
    ids_BT = torch.randint(30522, (3, 12))
    states_BTD = plain(BertModel, module.model, add_pooling_layer=False)(input_ids=ids_BT).last_hidden_state
    mean_BD = states_BTD.sum(1) / 12
    torch.testing.assert_close(module(ids_BT), mean_BD / mean_BD.norm(dim=1, keepdim=True), rtol=1e-4, atol=1e-6)


def test_loss_over_masked_words_is_the_librarys() -> None:
    program = bert_pretrain.build(case(bert_pretrain.workload, **TINY | {"seq": 40}))
    ids_BT, masked_BM, labels_BM = program.inputs
    labels_BT = torch.full_like(ids_BT, -100).scatter(1, masked_BM, labels_BM)
    theirs = plain(BertForMaskedLM, program.module.model)(input_ids=ids_BT, labels=labels_BT).loss
    torch.testing.assert_close(program.loss(program.module, *program.inputs), theirs, rtol=1e-5, atol=1e-6)
    assert isinstance(program.module, MaskedWords)


def test_words_are_masked_as_published() -> None:
    ids_BT = torch.randint(1000, 30522, (400, 128))
    changed_BT, masked_BM, labels_BM = bert_pretrain.masked(ids_BT)
    assert masked_BM.shape == labels_BM.shape == (400, 19)  # 15 % of 128
    assert all(len(row.unique()) == 19 for row in masked_BM)
    assert torch.equal(ids_BT.gather(1, masked_BM), labels_BM)
    assert torch.equal(changed_BT.scatter(1, masked_BM, labels_BM), ids_BT)
    there_BM = changed_BT.gather(1, masked_BM)
    share = {
        "mask": (there_BM == bert_pretrain.MASK_ID).float().mean(),
        "same": (there_BM == labels_BM).float().mean(),
    }
    assert share["mask"] == pytest.approx(0.8, abs=0.02)
    assert share["same"] == pytest.approx(0.1, abs=0.02)


@torch.no_grad()
def test_student_is_the_librarys() -> None:
    module = Student(SHAPE)
    ids_BT = torch.randint(30522, (2, 12))
    theirs = plain(DistilBertForSequenceClassification, module.model)(input_ids=ids_BT).logits
    torch.testing.assert_close(module(ids_BT), theirs, rtol=1e-4, atol=1e-6)


def test_distillation_is_hintons_and_teaches_the_student_alone() -> None:
    module = Distillation(Shape(1, 128), SHAPE)
    ids_BT, labels_B = torch.randint(30522, (2, 12)), torch.tensor([0, 1])
    loss = distillation_loss(module, ids_BT, labels_B)
    student_BC, teacher_BC = module(ids_BT)
    wanted_BC = torch.softmax(teacher_BC / 2, -1)
    soft = -(wanted_BC * torch.log_softmax(student_BC / 2, -1)).sum(-1).mean()
    hard = -torch.log_softmax(student_BC, -1)[torch.arange(2), labels_B].mean()
    torch.testing.assert_close(loss, 0.5 * 4 * soft + 0.5 * hard)
    loss.backward()
    assert all(p.grad is None for p in module.teacher.parameters())
    assert all(p.grad is not None for p in module.student.parameters())
    assert not module.teacher.training
    assert module.student.training


@pytest.mark.parametrize("percent", [0, 50, 90])
def test_pruning_zeroes_the_smallest_weights_of_each_dense_layer(percent: int) -> None:
    module = Classifier(SHAPE)
    before = {name: p.clone() for name, p in module.named_parameters()}
    prune(module, percent)
    for name, p in module.named_parameters():
        dense = p.ndim == 2 and "embeddings" not in name
        zero = p == 0
        if dense:
            assert int(zero.sum()) == p.numel() * percent // 100
            assert not percent or before[name][zero].abs().max() < p[~zero].abs().min()
        assert torch.equal(p[~zero], before[name][~zero])


def test_classifying_is_counted_as_pytorch_counts() -> None:
    made = case(bert_classify.workload, **TINY)
    program, work = bert_classify.build(made), bert_classify.work(made)
    assert work.flops == counted(program)
    tables = (30522 + 512 + 2) * 128
    assert work.values == weights(program) - tables + 2 * 2
    assert (work.items, work.unit, work.bytes) == (2, "sequences", 8 * 24)


def test_evaluating_is_classifying_with_labels() -> None:
    made = case(bert_evaluate.workload, **TINY)
    program, work = bert_evaluate.build(made), bert_evaluate.work(made)
    assert work.flops == counted(program)
    assert work.bytes == 8 * 24 + 8 * 2
    loss, logits_BC = program.module(*program.inputs)
    training = bert_finetune.build(case(bert_finetune.workload, **TINY))
    expected = training.loss(training.module, *training.inputs)
    torch.testing.assert_close(loss[0], expected)
    assert logits_BC.shape == (2, 2)


@pytest.mark.parametrize("module", [bert_finetune, bert_pretrain], ids=lambda m: m.__name__)
def test_training_is_counted_as_pytorch_counts(module: object) -> None:
    made = case(module.workload, **TINY)
    program, work = module.build(made), module.work(made)
    assert work.flops == counted(program)
    tables = (512 + 2 + (30522 if module is bert_finetune else 0)) * 128  # what is looked up and is no output matrix
    learnt = weights(program)
    norm = 2 * 128  # of the embeddings, read but of no account
    assert work.bytes == 4 * (2 * (learnt - tables - norm) + 8 * learnt)


def test_distilling_counts_the_teacher_once() -> None:
    made = case(distill_step.workload, batch=2, seq=12, layers=1, teacher_layers=2, width=128)
    program, work = distill_step.build(made), distill_step.work(made)
    assert work.flops == counted(program)
    student = sum(p.numel() for p in program.module.student.parameters())
    teacher = sum(p.numel() for p in program.module.teacher.parameters())
    read = student - (30522 + 512 + 2) * 128
    assert work.bytes == 4 * (2 * read + 8 * student) + 4 * (teacher - (30522 + 512 + 2 + 2) * 128)


def test_embedding_sentences_is_counted_as_pytorch_counts() -> None:
    made = case(minilm_embed.workload, **TINY)
    program, work = minilm_embed.build(made), minilm_embed.work(made)
    assert work.flops == counted(program)
    assert work.values == weights(program) - (30522 + 512 + 2) * 128 + 2 * 128


def test_sizes_are_those_published() -> None:
    base = Shape(12, 768)
    assert base.encoder_weights + base.head_weights == 109_483_778  # 110 million
    assert Shape(6, 384, 32).encoder_weights == 22_565_376  # 22.7 million with a pooler
    student = distill_step.work(case(distill_step.workload, batch=1))
    assert student.bytes == 4 * (2 * (42_527_232 + 592_130) + 8 * 66_955_010) + 4 * (85_054_464 + 592_130)


def test_base_model_on_paper() -> None:
    work = bert_classify.work(case(bert_classify.workload))
    layers = 12 * 24 * 768 * 768 * 128  # 21 743 271 936
    pairs = 12 * 4 * 768 * 128 * 128  # 603 979 776
    head = 2 * (768 * 768 + 2 * 768)
    assert work.flops == layers + pairs + head == 22_348_434_432
    assert bert_finetune.work(case(bert_finetune.workload)).flops == 3 * 16 * work.flops


@pytest.mark.parametrize("module", [bert_classify, bert_evaluate, minilm_embed], ids=lambda m: m.__name__)
@torch.no_grad()
def test_inference_exports_whole(module: object) -> None:
    program = module.build(case(module.workload, **TINY))
    exported = torch.export.export(program.module, program.inputs).module()
    torch.testing.assert_close(exported(*program.inputs), program.module(*program.inputs))


@pytest.mark.parametrize("module", [bert_finetune, bert_pretrain, distill_step], ids=lambda m: m.__name__)
def test_training_traces_whole(module: object) -> None:
    tiny = dataclasses.replace(case(module.workload, **TINY), axes={**module.workload.axes, **TINY})
    program = module.build(tiny)
    traced = torch.compile(lambda *x: program.loss(program.module, *x), fullgraph=True, backend="eager")
    torch.testing.assert_close(traced(*program.inputs), program.loss(program.module, *program.inputs))


@pytest.mark.parametrize(
    ("module", "axes", "complaint"),
    [
        (bert_classify, {"seq": 513}, "seq=513"),
        (bert_classify, {"width": 100}, "width=100"),
        (bert_classify, {"width": 0}, "width=0"),
        (bert_classify, {"sparsity": 100}, "sparsity=100"),
        (bert_finetune, {"seq": 1024}, "seq=1024"),
        (bert_pretrain, {"seq": 1024}, "seq=1024"),
        (minilm_embed, {"width": 100}, "width=100"),
        (distill_step, {"seq": 600}, "seq=600"),
    ],
)
def test_impossible_axes_are_usage_errors(module: object, axes: dict[str, int], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        module.build(case(module.workload, **axes))
