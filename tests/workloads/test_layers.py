"""Layers are the library's, which were checked against the paper by many."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from benchsuite import Case
from benchsuite.errors import UsageError
from workloads import decoder_layer, transformer_layer
from workloads.nets.layers import DecoderLayer, EncoderLayer
from workloads.nets.weights import fill, keeping_scale, normal

SIZE = {"d_model": 32, "nhead": 4, "dim_feedforward": 64, "dropout": 0.0, "batch_first": True}
COMMON = {"linear1.": "feed_forward.0.", "linear2.": "feed_forward.2."}


@torch.no_grad()
def with_own_biases(module: nn.Module) -> dict[str, Tensor]:
    """The state of `module`, in which no bias is zero and no scale one, so that none can stand for another."""
    fill(module, keeping_scale(module))
    for name, parameter in module.named_parameters():
        if parameter.ndim == 1:
            parameter.add_(normal(name, *parameter.shape) / 3)
    return module.state_dict()


def renamed(mine: dict[str, Tensor], names: dict[str, str]) -> dict[str, Tensor]:
    return {theirs + end: mine[own + end] for theirs, own in names.items() for end in ("weight", "bias")}


@torch.no_grad()
@pytest.mark.parametrize("norm_first", [False, True])
def test_encoder_layer_is_the_librarys(norm_first: bool) -> None:
    layer = EncoderLayer(4, 8, 64, norm_first=norm_first)
    names = COMMON | {
        "self_attn.in_proj_": "attention.project_in.",
        "self_attn.out_proj.": "attention.project_out.",
        "norm1.": "attention_norm.",
        "norm2.": "feed_forward_norm.",
    }
    theirs = nn.TransformerEncoderLayer(**SIZE, norm_first=norm_first).eval()
    theirs.load_state_dict(renamed(with_own_biases(layer), names))
    x_BTD = normal("x", 2, 7, 32)
    torch.testing.assert_close(layer(x_BTD), theirs(x_BTD), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_decoder_layer_is_the_librarys() -> None:
    layer = DecoderLayer(4, 8, 64, positions=7)
    mine = with_own_biases(layer)
    for end in ("weight", "bias"):
        parts = [mine[f"cross_attention.{part}.{end}"] for part in ("project_query", "project_memory")]
        mine[f"cross_attention.project_in.{end}"] = torch.cat(parts)
    names = COMMON | {
        "self_attn.in_proj_": "self_attention.project_in.",
        "self_attn.out_proj.": "self_attention.project_out.",
        "multihead_attn.in_proj_": "cross_attention.project_in.",
        "multihead_attn.out_proj.": "cross_attention.project_out.",
        "norm1.": "self_attention_norm.",
        "norm2.": "cross_attention_norm.",
        "norm3.": "feed_forward_norm.",
    }
    theirs = nn.TransformerDecoderLayer(**SIZE).eval()
    theirs.load_state_dict(renamed(mine, names))
    x_BTD, memory_BSD = normal("x", 2, 7, 32), normal("memory", 2, 9, 32)
    later_TT = nn.Transformer.generate_square_subsequent_mask(7)
    expected_BTD = theirs(x_BTD, memory_BSD, tgt_mask=later_TT, tgt_is_causal=True)
    torch.testing.assert_close(layer(x_BTD, memory_BSD), expected_BTD, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("module", [transformer_layer, decoder_layer], ids=lambda module: module.__name__)
def test_smoke_cases_trace_whole(module: ModuleType) -> None:
    for case in module.workload.cases(module.workload.presets["smoke"]):
        program = module.build(case)
        exported = torch.export.export(program.module, program.inputs).module()
        with torch.no_grad():
            torch.testing.assert_close(exported(*program.inputs), program.module(*program.inputs))


def test_unknown_norm_is_a_usage_error() -> None:
    case = Case("transformer-layer", {"batch": 1, "seq": 8, "norm": "both"})
    with pytest.raises(UsageError, match="norm=both is unknown: choose norm=post or norm=pre"):
        transformer_layer.build(case)
