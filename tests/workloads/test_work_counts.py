"""The work of one iteration, counted by hand, against PyTorch's own counter and against numbers worked out on paper."""

from __future__ import annotations

from benchsuite import Case
from tests.counting import counted, weights
from workloads import gpt2_generate, gpt2_pretrain, matmul, memory_copy
from workloads.gpt2 import Shape

CACHED = {"cache": "on"}


def test_matmul() -> None:
    case = Case("matmul", {"size": 48})
    assert matmul.work(case).flops == counted(matmul.build(case)) == 2 * 48**3
    assert matmul.work(case).values == 3 * 48**2


def test_copy_by_hand() -> None:
    copy = memory_copy.work(Case("memory-copy", {"mebibytes": 1}))
    assert copy.items == copy.bytes == 2_097_152


def test_pretraining_counts_three_forward_passes_less_what_causality_masks() -> None:
    batch, seq, layers, width = 2, 16, 2, 128
    case = Case("gpt2-pretrain", {"batch": batch, "seq": seq, "layers": layers, "width": width})
    masked_pairs = batch * seq * (seq - 1) // 2
    assert gpt2_pretrain.work(case).flops == counted(gpt2_pretrain.build(case)) - 3 * 4 * width * layers * masked_pairs


def test_generation_counts_prompt_and_steps_less_what_causality_masks() -> None:
    batch, prompt, layers, width = 2, 6, 2, 128
    case = Case(
        "gpt2-generate", {"batch": batch, "prompt": prompt, "length": 10, "layers": layers, "width": width} | CACHED
    )
    masked_pairs = batch * prompt * (prompt - 1) // 2
    work = gpt2_generate.work(case)
    assert work.flops == counted(gpt2_generate.build(case)) - 4 * width * layers * masked_pairs
    assert work.items == batch * 4


def test_weights_are_those_of_the_network() -> None:
    case = Case("gpt2-generate", {"batch": 1, "prompt": 2, "length": 3, "layers": 2, "width": 128} | CACHED)
    assert Shape(layers=2, width=128).weights == weights(gpt2_generate.build(case))
    assert Shape(layers=12, width=768).weights == 124_439_808  # as published: 124 million
    assert Shape(layers=24, width=1024).weights == 354_823_168  # 355 million


def test_pretraining_on_paper() -> None:
    work = gpt2_pretrain.work(Case("gpt2-pretrain", {"batch": 1, "seq": 256, "layers": 12, "width": 768}))
    matrices = 12 * 12 * 768 * 768 * 2 * 256  # 43 486 543 872
    attention = 12 * 32_896 * 4 * 768  # 256 x 257 / 2 pairs
    output = 2 * 50_257 * 768 * 256  # 19 761 856 512
    assert work.flops == 3 * (matrices + attention + output) == 193_383_235_584
    assert work.bytes == 4 * (10 * 124_439_808 - 2 * 786_432) == 4_971_300_864


def test_generation_on_paper() -> None:
    """Two prompt tokens and two new ones: a pass over 2 tokens, then one over 1 token that sees 3 positions."""
    work = gpt2_generate.work(
        Case("gpt2-generate", {"batch": 1, "prompt": 2, "length": 4, "layers": 1, "width": 64} | CACHED)
    )
    prefill = 2 * 24 * 64**2 + 3 * 4 * 64 + 2 * 50_257 * 64
    step = 24 * 64**2 + 3 * 4 * 64 + 2 * 50_257 * 64
    assert work.flops == prefill + step == 13_162_240
    read_in_full = 50_257 * 64 + 12 * 64**2 + 13 * 64 + 2 * 64
    written, read = 3 * 2 * 64, 3 * 2 * 64
    assert work.values == 2 * read_in_full + written + read
    assert work.launches == 2
