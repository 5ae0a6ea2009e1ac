"""Int8 for ONNX Runtime: linear layers become its own integer operators before a module is exported.

A pass over many rows is bound by arithmetic: `DynamicQuantizeMatMul` quantises activations as they come, to unsigned 8
bits with one scale a tensor, and multiplies them with int8 weights that have a scale per output. A pass over one token
is bound by reading weights: `MatMulNBits` reads 8-bit weights with a scale per 128 inputs, here with products of int8
(accuracy level 4; the others convert the weights to fp32 at every call and are 10 times slower than fp32 for one row,
as is so in ONNX Runtime 1.30). The operators' definitions: ONNX Runtime's `docs/ContribOperators.md`.

Weights are quantised here, in memory, rather than by `onnxruntime.quantization` in a graph: they stay out of the graph,
so that a cached one holds no values and cannot hold stale ones.
"""

from __future__ import annotations

from collections.abc import Callable

import onnxruntime
import torch
from torch import Tensor, nn
from torch.onnx.ops import symbolic, symbolic_multi_out

from benchsuite.backends.linear_layers import (
    NOTHING,
    is_linear,
    is_product_of_inputs,
    replaced,
    with_linear_layers,
)
from benchsuite.errors import Unsupported
from benchsuite.workload import Forward, Generate

# Products are added in pairs, in 16 bits where there is no VNNI: what is unsigned has 8 bits, what is signed then 7.
_LARGEST = 127 if torch.cpu._is_vnni_supported() else 63
_BLOCK = 128
_ZERO = 128  # MatMulNBits holds its weights unsigned, around this


class DynamicLinear(nn.Module):
    """A linear layer of `DynamicQuantizeMatMul`. O = outputs, I = inputs."""

    def __init__(self, linear: nn.Module) -> None:
        super().__init__()
        weight_OI, self.bias_O = _parts(linear)
        scale_O1 = _scale(weight_OI)
        self.weight_IO = nn.Buffer(_quantised(weight_OI, scale_O1).to(torch.int8).t().contiguous())
        self.scale_O = nn.Buffer(scale_O1[:, 0].contiguous())

    def forward(self, x: Tensor) -> Tensor:
        """`x` of shape (..., I) to (..., O); a place holder until it is exported."""
        inputs = (x, self.weight_IO, self.scale_O, None, self.bias_O)
        return _operator("com.microsoft::DynamicQuantizeMatMul", inputs, (*x.shape[:-1], len(self.scale_O)))


class BlockLinear(nn.Module):
    """A linear layer of `MatMulNBits`. O = outputs, I = inputs, N = blocks of the inputs, B = inputs of a block."""

    def __init__(self, linear: nn.Module) -> None:
        super().__init__()
        weight_OI, self.bias_O = _parts(linear)
        self.outputs, self.inputs = weight_OI.shape
        padded_OI = nn.functional.pad(weight_OI, (0, -self.inputs % _BLOCK))
        blocks_ONB = padded_OI.view(self.outputs, -1, _BLOCK)
        scale_ON1 = _scale(blocks_ONB)
        self.weight_ONB = nn.Buffer((_quantised(blocks_ONB, scale_ON1) + _ZERO).to(torch.uint8))
        self.scale_ON = nn.Buffer(scale_ON1[..., 0].contiguous())

    def forward(self, x: Tensor) -> Tensor:
        """`x` of shape (..., I) to (..., O); a place holder until it is exported."""
        inputs = (x, self.weight_ONB, self.scale_ON, None, None, self.bias_O)
        sizes = {"K": self.inputs, "N": self.outputs, "bits": 8, "block_size": _BLOCK, "accuracy_level": 4}
        return _operator("com.microsoft::MatMulNBits", inputs, (*x.shape[:-1], self.outputs), sizes)


class Int8Product(nn.Module):
    """The product of two matrices by `MatMulInteger`, each quantised first with one scale: O(n^2) beside its O(n^3)."""

    def forward(self, a_NK: Tensor, b_KM: Tensor) -> Tensor:
        """The product, of shape (N, M); a place holder until it is exported.

        One factor is unsigned and the other signed, as the instructions want them.
        """
        scalar: tuple[int, ...] = ()
        a_int, a_scale, a_zero = symbolic_multi_out(
            "::DynamicQuantizeLinear",
            (a_NK,),
            dtypes=(torch.uint8, torch.float32, torch.uint8),
            shapes=(a_NK.shape, scalar, scalar),
        )
        b_scale = torch.maximum(b_KM.max(), -b_KM.min()).clamp_min(1e-30) / _LARGEST
        b_zero = torch.zeros((), dtype=torch.int8)
        b_int = symbolic("::QuantizeLinear", (b_KM, b_scale, b_zero), dtype=torch.int8, shape=b_KM.shape)
        shape = (a_NK.shape[0], b_KM.shape[1])
        c_NM = symbolic("::MatMulInteger", (a_int, b_int, a_zero), dtype=torch.int32, shape=shape)
        return c_NM.to(a_NK.dtype) * (a_scale * b_scale)


def quantised(program: Forward | Generate) -> tuple[nn.Module, str]:
    """The module of `program`, changed in place to be exported, and how. Raises Unsupported where nothing is linear."""
    bits, version = 1 + _LARGEST.bit_length(), onnxruntime.__version__
    if isinstance(program, Forward) and is_product_of_inputs(program.module, program.inputs):
        return Int8Product(), f"{bits} bits, a scale per matrix, quantised at every call, ONNX Runtime {version}"
    module = with_linear_layers(program.module)
    if not any(map(is_linear, module.modules())):
        raise Unsupported(NOTHING)
    make: Callable[[nn.Module], nn.Module] = DynamicLinear if isinstance(program, Forward) else BlockLinear
    weights = "per-channel weights" if isinstance(program, Forward) else f"weights in blocks of {_BLOCK}"
    return replaced(module, is_linear, make), f"dynamic activations, {weights}, {bits} bits, ONNX Runtime {version}"


def _parts(linear: nn.Module) -> tuple[Tensor, nn.Parameter | None]:
    assert isinstance(linear, nn.Linear)
    return linear.weight.detach(), linear.bias


def _scale(x: Tensor) -> Tensor:
    """What one step of the integers is worth, for each slice along the last dimension, which is then 1."""
    largest = torch.maximum(x.amax(-1, keepdim=True), -x.amin(-1, keepdim=True))
    return largest.clamp_min(torch.finfo(x.dtype).tiny * 128) / _LARGEST


def _quantised(x: Tensor, scale: Tensor) -> Tensor:
    return (x / scale).round_().clamp_(-_LARGEST, _LARGEST)


def _operator(
    name: str, inputs: tuple[Tensor | None, ...], shape: tuple[int, ...], attributes: dict[str, int] | None = None
) -> Tensor:
    """An operator of the runtime's own set, left to it. A version is wanted; ONNX Runtime's is 1."""
    return symbolic(name, inputs, dict(attributes or {}), dtype=torch.float32, shape=shape, version=1)
