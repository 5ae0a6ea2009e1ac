"""The generation, T5, llama and character workloads: networks against independent ones, work against a counter."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from transformers import Qwen3Config, Qwen3ForCausalLM

from benchsuite import Case, Generate, Work, Workload
from benchsuite.errors import UsageError
from benchsuite.verify.generation import generate
from tests.counting import counted, weights
from workloads import (
    char_lm,
    char_lm_generate,
    char_lm_train,
    gpt2_generate,
    llama_generate,
    t5_forward,
    t5_generate,
    t5_train,
)
from workloads.llama import HEAD_DIM, ROTARY_BASE, VOCABULARY
from workloads.llama import Shape as LlamaShape
from workloads.nets.char_lm import CharacterModel, gumbel
from workloads.nets.llama import Rotary
from workloads.t5 import Shape as T5Shape


def case_of(workload: Workload, **axes: int | str) -> Case:
    return Case(workload.name, dict(workload.axes) | axes)


T5 = {"layers": 2, "width": 128}
LLAMA = {"layers": 2, "width": 128, "vocabulary": 512}


def program_of(module: object, **axes: int | str) -> tuple[Generate, Work]:
    case = case_of(module.workload, **axes)
    return module.build(case), module.work(case)


def test_a_window_counts_whole_passes() -> None:
    axes = {"batch": 2, "prompt": 6, "length": 10, "layers": 2, "width": 128, "cache": "off"}
    program, work = program_of(gpt2_generate, **axes)
    masked = 4 * 2 * (10 * 9 // 2)  # of each of 4 passes, 2 sequences
    assert program.cache_shape is None
    assert work.flops == counted(program) - 4 * 128 * 2 * masked
    cached = gpt2_generate.work(case_of(gpt2_generate.workload, **axes | {"cache": "on"}))
    assert (work.items, work.launches) == (cached.items, cached.launches) == (8, 4)
    assert cached.flops < work.flops


def test_t5_counts_are_those_of_the_counter_less_what_causality_masks() -> None:
    program, work = program_of(t5_forward, batch=2, seq=10, **T5)
    masked = 2 * (10 * 9 // 2) * 4 * 128 * 2
    assert work.flops == counted(program) - masked
    assert work.values == weights(program) + 2 * 10 * 32128
    trained = t5_train.build(case_of(t5_train.workload, batch=2, seq=10, **T5))
    assert t5_train.work(case_of(t5_train.workload, batch=2, seq=10, **T5)).flops == counted(trained) - 3 * masked


def test_t5_generation_counts_source_once_and_target_by_token() -> None:
    program, work = program_of(t5_generate, batch=2, source=6, new=4, **T5)
    assert work.flops == counted(program)
    assert (work.items, work.launches) == (8, 4)


def test_t5_small_is_as_published() -> None:
    assert T5Shape(layers=6, width=512).weights == 60_506_624
    assert T5Shape(layers=2, width=128).weights == weights(t5_generate.build(case_of(t5_generate.workload, **T5)))


def test_t5_forward_on_paper() -> None:
    """One token on each side, one layer, width 64: 12 D^2 + 16 D^2 weights in matrices, three pairs, and the output."""
    work = t5_forward.work(case_of(t5_forward.workload, batch=1, seq=1, layers=1, width=64))
    assert work.flops == 2 * 28 * 64**2 + 3 * 4 * 64 + 2 * 32128 * 64 == 4_342_528


def test_llama_counts() -> None:
    program, work = program_of(llama_generate, batch=2, prompt=6, length=10, **LLAMA)
    shape = LlamaShape(**LLAMA)
    masked = 2 * (6 * 5 // 2) * 4 * HEAD_DIM * shape.heads * shape.layers
    assert work.flops == counted(program) - masked
    assert shape.weights == weights(program)
    assert LlamaShape(28, 1024, VOCABULARY).weights == 596_049_920  # as published: 0.6 billion


def test_char_lm_counts() -> None:
    vocabulary = len(char_lm.characters())
    train = case_of(char_lm_train.workload, batch=2, seq=8)
    program = char_lm_train.build(train)
    masked = 2 * (8 * 7 // 2) * 4 * char_lm.WIDTH
    # The embeddings' sum needs no gradient of its own input, but both of its products are done.
    assert char_lm_train.work(train).flops == counted(program) - 3 * masked
    assert char_lm.weights(vocabulary, 8) == weights(program)
    sampling, work = program_of(char_lm_generate, batch=2, prompt=3, new=2)
    assert work.flops == counted(sampling) - 2 * 2 * (5 * 4 // 2) * 4 * char_lm.WIDTH
    assert work.values == 2 * weights(sampling)


def test_character_ids_are_the_corpus() -> None:
    from workloads.corpus import corpus_text

    text, known = corpus_text(), char_lm.characters()
    ids_BT = char_lm.character_ids(2, 50)
    assert "".join(known[i] for i in ids_BT[0]) == text[:50]
    assert "".join(known[i] for i in ids_BT[1]) == text[len(text) // 2 :][:50]


@torch.no_grad()
def test_char_lm_is_the_formula() -> None:
    module = CharacterModel(vocabulary=11, positions=7)
    ids_BT = torch.randint(11, (2, 7), generator=torch.Generator().manual_seed(0))
    x_BTE = module.embedding.weight[ids_BT] + module.position.weight
    q, k, v = (x_BTE @ part.weight.T for part in (module.query, module.key, module.value))
    scores_BTT = (q @ k.mT / 8).masked_fill(torch.ones(7, 7).triu(1).bool(), float("-inf"))
    expected_BTV = torch.softmax(scores_BTT, -1) @ v @ module.output.weight.T + module.output.bias
    torch.testing.assert_close(module(ids_BT).logits, expected_BTV)
    torch.testing.assert_close(module(ids_BT, logits_to_keep=1).logits, expected_BTV[:, -1:])
    kept = module(ids_BT, logits_to_keep=torch.tensor([3])).logits
    torch.testing.assert_close(kept, expected_BTV[:, 3:4])


def test_best_of_logits_and_gumbel_noise_samples_the_softmax() -> None:
    logits_V = torch.tensor([0.0, 1.0, -1.0, 2.0])
    drawn = (logits_V + gumbel("draws", 100_000, 4)).argmax(-1)
    shares = torch.bincount(drawn, minlength=4) / 100_000
    torch.testing.assert_close(shares, torch.softmax(logits_V, 0), rtol=0, atol=5e-3)
    assert bool(gumbel("many", 1000, 1000).isfinite().all())


def test_rotary_is_the_librarys_and_outlives_bfloat16() -> None:
    config = Qwen3Config(head_dim=HEAD_DIM, rope_parameters={"rope_type": "default", "rope_theta": ROTARY_BASE})
    from transformers.models.qwen3.modeling_qwen3 import Qwen3RotaryEmbedding

    x, positions = torch.zeros(1, 1), torch.arange(300)[None]
    mine, theirs = Rotary()(x, positions), Qwen3RotaryEmbedding(config)(x, positions)
    torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=2e-5)
    rounded = Rotary().bfloat16()(x, positions)
    assert all(torch.equal(a, b) for a, b in zip(mine, rounded, strict=True))


@torch.no_grad()
def test_llama_is_the_librarys_with_grouped_attention_masked_or_not() -> None:
    program = llama_generate.build(case_of(llama_generate.workload, batch=2, prompt=6, length=10, **LLAMA))
    mine = program.module
    config = Qwen3Config(**mine.config.to_dict() | {"attn_implementation": "eager"})
    theirs = Qwen3ForCausalLM(config).eval()
    theirs.load_state_dict(mine.state_dict())
    assert theirs.model.rotary_emb.inv_freq.shape == (HEAD_DIM // 2,)
    ids_BT = program.inputs[0]
    expected = theirs(ids_BT, use_cache=False).logits
    mask = torch.full((6, 6), float("-inf")).triu(1)[None, None]
    torch.testing.assert_close(mine(ids_BT, use_cache=False).logits, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(
        mine(ids_BT, attention_mask=mask, use_cache=False).logits, expected, rtol=1e-4, atol=1e-5
    )


@torch.no_grad()
@pytest.mark.parametrize(("module", "axes"), [(t5_generate, T5), (llama_generate, LLAMA)], ids=["t5", "llama"])
def test_tokens_are_those_of_the_librarys_own_generate(module: object, axes: dict[str, int]) -> None:
    program = module.build(case_of(module.workload, **axes))
    ids = program.inputs[0]
    own = program.module.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=program.new_tokens, do_sample=False, eos_token_id=None
    )
    tokens = generate(program, program.module, program.inputs)["tokens"]
    assert torch.equal(own[:, -program.new_tokens :], tokens)


def test_t5_tokens_are_not_all_the_same() -> None:
    program = t5_generate.build(case_of(t5_generate.workload, new=10))
    with torch.no_grad():
        assert len(generate(program, program.module, program.inputs)["tokens"].unique()) > 1


@torch.no_grad()
def test_the_reference_is_what_whole_passes_choose() -> None:
    axes = {"batch": 2, "prompt": 6, "length": 12, "layers": 2, "width": 128, "cache": "off"}
    program = gpt2_generate.build(case_of(gpt2_generate.workload, **axes))
    whole_BT = program.inputs[0]
    for _ in range(program.new_tokens):
        whole_BT = torch.cat([whole_BT, program.module(whole_BT).logits[:, -1:].argmax(-1)], 1)
    assert torch.equal(generate(program, program.module, program.inputs)["tokens"], whole_BT[:, 6:])


@pytest.mark.parametrize(
    ("module", "axes"),
    [(t5_train, {}), (t5_train, {"batch": 1, "seq": 16, "layers": 1, "width": 64}), (char_lm_train, {})],
    ids=["t5", "t5-smoke", "char-lm"],
)
def test_loss_falls(module: object, axes: dict[str, int]) -> None:
    program = module.build(case_of(module.workload, **axes))
    optimizer, losses = program.optimizer(list(program.module.parameters())), []
    for _ in range(3):
        optimizer.zero_grad()
        loss = program.loss(program.module, *program.inputs)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[0] > losses[1] > losses[2]


@pytest.mark.parametrize("module", [t5_forward, t5_train, char_lm_train], ids=lambda m: m.__name__)
def test_forward_passes_trace_whole(module: object) -> None:
    case = case_of(module.workload, **module.workload.presets["smoke"] and smoke(module.workload))
    program = module.build(case)
    inputs = program.inputs[: 2 if module is t5_train else len(program.inputs)]
    call: nn.Module = program.module
    inputs = inputs[:1] if module is char_lm_train else inputs
    traced = torch.compile(lambda *x: call(*x)[0], fullgraph=True, backend="eager")
    with torch.no_grad():
        torch.testing.assert_close(traced(*inputs), call(*inputs)[0])


def smoke(workload: Workload) -> dict[str, int | str]:
    return {axis: values[0] for axis, values in workload.presets["smoke"].items()}


@pytest.mark.parametrize(
    ("module", "axes", "complaint"),
    [
        (gpt2_generate, {"cache": "maybe"}, "cache=maybe"),
        (t5_generate, {"new": 0}, "new=0"),
        (t5_forward, {"width": 100}, "width=100"),
        (llama_generate, {"length": 16}, "length=16"),
        (llama_generate, {"width": 64}, "width=64"),
        (llama_generate, {"length": 50_000}, "50000"),
        (char_lm_generate, {"new": 0}, "new=0"),
    ],
)
def test_impossible_axes_are_usage_errors(module: object, axes: dict[str, int | str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        module.build(case_of(module.workload, **axes))
