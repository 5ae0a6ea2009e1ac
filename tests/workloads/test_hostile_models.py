"""A folder of a model is data: nothing in it is run, unpickled, or read from elsewhere."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import torch
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel

from benchsuite import Case, Unsupported
from benchsuite.errors import UsageError
from workloads import model_forward


@pytest.fixture
def owned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Whether something in a folder has been run."""
    monkeypatch.setenv("OWNED", str(tmp_path / "owned"))
    return (tmp_path / "owned").exists


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "gpt2"
    torch.manual_seed(0)
    GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=1, n_head=2, n_positions=32, vocab_size=300)).save_pretrained(path)
    return path


def change(path: Path, **further: Any) -> None:
    path.write_text(json.dumps({**(json.loads(path.read_text()) if path.exists() else {}), **further}))


def build(folder: Path) -> torch.nn.Module:
    axes = {**model_forward.workload.axes, "model": quote(str(folder)), "seq": 8, "batch": 1}
    program: Any = model_forward.build(Case("model-forward", axes))
    module: torch.nn.Module = program.module
    return module


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (os.environ["OWNED"],)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors"])
def test_pickled_weights_are_not_read(folder: Path, owned: Callable[[], bool], name: str) -> None:
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(UsageError, match="cannot be loaded as safetensors"):
        build(folder)
    assert not owned()


@pytest.mark.parametrize("kind", ["gpt2", "unheard-of"])
def test_code_in_a_folder_is_not_run(folder: Path, owned: Callable[[], bool], kind: str) -> None:
    (folder / "code.py").write_text("import os\nos.mkdir(os.environ['OWNED'])\nclass C: pass\n")
    classes = dict.fromkeys(("AutoConfig", "AutoModel", "AutoModelForCausalLM"), "code.C")
    change(folder / "config.json", model_type=kind, auto_map=classes)
    if kind == "gpt2":
        build(folder)
    else:
        with pytest.raises(UsageError, match="no configuration that can be read"):
            build(folder)
    assert not owned()


@pytest.mark.parametrize("field", ["attn_implementation", "_attn_implementation", "_attn_implementation_internal"])
def test_a_configuration_does_not_choose_kernels(folder: Path, field: str) -> None:
    expected = build(folder)
    other = folder.with_name("other")
    folder.rename(other)
    change(other / "config.json", **{field: "someone/kernels"})
    found: Any = build(other)
    assert found.model.config._attn_implementation == expected.model.config._attn_implementation


def test_an_adapter_is_not_followed(folder: Path) -> None:
    change(folder / "adapter_config.json", base_model_name_or_path="/elsewhere")
    with pytest.raises(Unsupported, match="is an adapter"):
        build(folder)


@pytest.mark.parametrize("name", ["../weights.safetensors", "/weights.safetensors", "a/../../x"])
def test_weights_elsewhere_are_not_read(folder: Path, name: str) -> None:
    (folder / "model.safetensors").rename(folder.with_name("weights.safetensors"))
    change(folder / "model.safetensors.index.json", metadata={}, weight_map={"transformer.wte.weight": name})
    with pytest.raises(Unsupported, match="only what lies in it is read"):
        build(folder)


def test_pooling_elsewhere_is_not_read(tmp_path: Path) -> None:
    small = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, vocab_size=300)
    BertModel(small).save_pretrained(tmp_path / "bert")
    parts = [{"type": "x.Transformer", "path": ""}, {"type": "x.Pooling", "path": "../../etc"}]
    (tmp_path / "bert/modules.json").write_text(json.dumps(parts))
    with pytest.raises(Unsupported, match=r"refers to '\.\./\.\./etc'"):
        build(tmp_path / "bert")
