"""The work of kernels and layers: against PyTorch's own counter, and against numbers worked out on paper."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch

from benchsuite import Case, Forward, Work
from tests.counting import counted, weights
from workloads import (
    attention_causal,
    attention_cross,
    attention_decode,
    attention_self,
    cross_entropy,
    decoder_layer,
    embedding,
    feed_forward,
    layer_norm,
    position_encoding,
    rnn,
    softmax,
    transformer_layer,
)

HEADS = {"batch": 2, "heads": 4, "head_dim": 8}


def case_of(module: ModuleType, **axes: int | str) -> Case:
    return Case(module.workload.name, dict(module.workload.axes) | axes)


def of(module: ModuleType, **axes: int | str) -> tuple[Forward, Work]:
    case = case_of(module, **axes)
    return module.build(case), module.work(case)


@torch.no_grad()
def moved(program: Forward) -> int:
    """Values of floating point that are read or written once: weights, buffers, inputs and outputs."""
    output = program.module(*program.inputs)
    outputs = output if isinstance(output, tuple) else (output,)
    tensors = (*program.module.buffers(), *program.inputs, *outputs)
    return weights(program) + sum(x.numel() for x in tensors if x.is_floating_point())


@pytest.mark.parametrize("implementation", ["sdpa", "plain"])
@pytest.mark.parametrize(
    ("module", "axes"),
    [
        (attention_self, {"seq": 24, "variant": "multi-head"}),
        (attention_self, {"seq": 24, "variant": "tanh-single-head"}),
        (attention_cross, {"seq": 5, "memory": 24}),
        (attention_decode, {"seq": 24, "kv_heads": 4}),
        (attention_decode, {"seq": 24, "kv_heads": 2}),
    ],
)
def test_attention(module: ModuleType, axes: dict[str, int | str], implementation: str) -> None:
    program, work = of(module, **HEADS, **axes, implementation=implementation)
    assert work.flops == counted(program)
    assert work.values == moved(program)
    assert work.items == 2 * (1 if module is attention_decode else axes["seq"])


@pytest.mark.parametrize("implementation", ["sdpa", "plain"])
def test_causal_attention_counts_what_is_not_masked(implementation: str) -> None:
    program, work = of(attention_causal, **HEADS, seq=24, implementation=implementation)
    masked_pairs = 2 * 4 * 24 * 23 // 2
    assert work.flops == counted(program) - 4 * 8 * masked_pairs
    assert work.values == moved(program)
    assert work.items == 48


@pytest.mark.parametrize("sparsity", [0, 50])
def test_feed_forward_counts_dense_operations(sparsity: int) -> None:
    program, work = of(feed_forward, batch=2, seq=3, width=16, sparsity=sparsity)
    assert work.flops == counted(program)
    assert work.values == moved(program)


@pytest.mark.parametrize("cell", ["tanh-unrolled", "rnn", "lstm"])
def test_recurrent_layer(cell: str) -> None:
    program, work = of(rnn, batch=3, seq=5, width=16, cell=cell)
    in_double = Forward(program.module.double(), (program.inputs[0].double(),))  # no fused kernel hides its products
    assert work.flops == counted(in_double)
    assert work.values == moved(in_double)
    assert (work.items, work.launches) == (15, 5)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_transformer_layer(norm: str) -> None:
    program, work = of(transformer_layer, batch=2, seq=16, norm=norm)
    assert work.flops == counted(program)
    assert work.values == moved(program)


def test_decoder_layer() -> None:
    program, work = of(decoder_layer, batch=2, seq=8, memory=12)
    masked_pairs = 2 * 8 * 7 // 2
    assert work.flops == counted(program) - 4 * 512 * masked_pairs
    assert work.values == moved(program)
    assert work.items == 16


@pytest.mark.parametrize(
    ("module", "axes"),
    [
        (layer_norm, {"batch": 2, "seq": 3, "width": 8}),
        (softmax, {"rows": 4, "width": 8}),
        (cross_entropy, {"batch": 2, "seq": 3, "vocabulary": 300}),
        (position_encoding, {**HEADS, "seq": 6, "kind": "sinusoidal"}),
        (position_encoding, {**HEADS, "seq": 6, "kind": "rotary"}),
    ],
)
def test_element_wise_kernels_move_values_and_multiply_no_matrices(
    module: ModuleType, axes: dict[str, int | str]
) -> None:
    program, work = of(module, **axes)
    assert work.flops == counted(program) == 0
    assert work.values == moved(program)
    assert work.bytes == sum(8 * x.numel() for x in program.inputs if not x.is_floating_point())


def test_embedding_by_hand() -> None:
    axes = {"vocabulary": 500, "width": 10, "batch": 2, "seq": 3}
    (program, work), (backward, more) = of(embedding, **axes), of(embedding, **axes, direction="backward")
    assert counted(program) == counted(backward) == 0
    assert (work.items, work.flops, work.bytes, work.values) == (6, 0, 48, 60)
    assert (more.items, more.flops, more.bytes, more.values) == (6, 0, 48, 60 + 60 + 5000)
    rows = embedding.work(case_of(embedding, vocabulary=2, width=1, batch=1, seq=2, ids="uniform"))
    assert rows.values == 2 + 1.5  # two draws of two name one row as often as both


def test_attention_on_paper() -> None:
    """GPT-2's width: 768 = 12 x 64."""
    work = attention_self.work(case_of(attention_self, batch=4, seq=512))
    assert work.flops == 2048 * (8 * 589_824 + 4 * 512 * 768) == 12_884_901_888
    assert work.values == 4 * 589_824 + 4 * 768 + 2 * 2048 * 768 == 5_508_096
    single = attention_self.work(case_of(attention_self, batch=4, seq=512, variant="tanh-single-head"))
    assert single.flops == 2048 * (4 * 589_824 + 4 * 512 * 768) == 8_053_063_680
    cross = attention_cross.work(case_of(attention_cross, batch=1, seq=128, memory=512))
    assert cross.flops == 4 * 589_824 * 640 + 4 * 768 * 65_536 == 1_711_276_032
    causal = attention_causal.work(case_of(attention_causal, batch=1, seq=1024))
    assert causal.flops == 12 * 4 * 64 * 524_800 == 1_612_185_600
    assert causal.values == 4 * 1024 * 768 == 3_145_728


def test_decoding_on_paper() -> None:
    """8 sequences of 2048 positions: 100 MB of cache in fp32, a quarter of it where four heads share."""
    alone, shared = (attention_decode.work(case_of(attention_decode, batch=8, seq=2048, kv_heads=n)) for n in (12, 3))
    assert alone.flops == shared.flops == 8 * 12 * 4 * 64 * 2048 == 50_331_648
    assert alone.values == 2 * 8 * 12 * 2048 * 64 + 2 * 8 * 768 == 25_178_112
    assert shared.values == 2 * 8 * 3 * 2048 * 64 + 2 * 8 * 768 == 6_303_744
    assert alone.moved("fp32") == 100_712_448
    assert alone.moved("bf16") == 50_356_224


def test_other_kernels_on_paper() -> None:
    block = feed_forward.work(case_of(feed_forward, batch=4, seq=128, width=768))
    assert block.flops == 512 * 2 * 2 * 768 * 3072 == 4_831_838_208
    assert block.values == 2 * 768 * 3072 + 3072 + 768 + 2 * 512 * 768 == 5_508_864
    lstm = rnn.work(case_of(rnn, batch=16, seq=64, width=512, cell="lstm"))
    assert lstm.flops == 1024 * 2 * 4 * 2 * 512 * 512 == 4_294_967_296
    assert lstm.launches == 64
    norm = layer_norm.work(case_of(layer_norm, batch=16, seq=512, width=768))
    assert norm.moved("fp32") == 4 * (2 * 8192 * 768 + 1536) == 50_337_792
    losses = cross_entropy.work(case_of(cross_entropy, batch=1, seq=256))
    assert losses.moved("fp32") == 256 * 8 + 4 * 256 * 50_258 == 51_466_240
    weights = softmax.work(case_of(softmax, rows=8192, width=1024))
    assert weights.moved("bf16") == 2 * 2 * 8192 * 1024
    tables = position_encoding.work(case_of(position_encoding, batch=8, seq=512))
    assert tables.values == 2 * 4096 * 768 + 512 * 768 == 6_684_672
    turned = position_encoding.work(case_of(position_encoding, batch=8, seq=512, kind="rotary"))
    assert turned.values == 4 * 4096 * 768 + 2 * 512 * 64 == 12_648_448


def test_layers_on_paper() -> None:
    encoder = transformer_layer.work(case_of(transformer_layer, batch=8, seq=256))
    assert encoder.flops == 2048 * (8 * 262_144 + 4 * 256 * 512 + 4 * 512 * 2048) == 13_958_643_712
    decoder = decoder_layer.work(case_of(decoder_layer, batch=1, seq=128, memory=256))
    own = 128 * 8 * 262_144 + 4 * 512 * 8256  # 128 x 129 / 2 pairs
    cross = 128 * 4 * 262_144 + 256 * 4 * 262_144 + 4 * 512 * 32_768
    assert decoder.flops == own + cross + 128 * 4 * 512 * 2048 == 1_291_976_704
    assert decoder.values == 8 * 262_144 + 2 * 512 * 2048 + 15 * 512 + 2048 + 512 * 512 == 4_466_176
