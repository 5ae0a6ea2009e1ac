"""Int8 for torch: linear layers quantised by torchao, in the way that serves the program.

A pass over many rows is bound by arithmetic, so both factors of its products are int8. A pass over one token is bound
by reading weights, so there the weights alone are. Everything that is not a linear layer (attention's own products,
normalisation, embeddings) computes as before; an output matrix tied to an embedding is quantised, the embedding is not.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from benchsuite.backends.linear_layers import NOTHING, is_linear, is_product_of_inputs, replaced, with_linear_layers
from benchsuite.errors import Unsupported
from benchsuite.workload import Forward, Generate

_LEAST_CAPABILITY = (7, 5)  # of NVIDIA devices, below which cuBLAS has no products of int8


class WeightOnlyLinear(nn.Module):
    """A linear layer over int8 weights with a scale per output, by PyTorch's kernel for that on the CPU.

    Note: torchao's own product there converts all weights to floating point at every call, and is 5 times slower for
    one row than fp32 (torchao 0.18). The kernel that is used here is quick for bf16 activations only (torch 2.13).
    """

    def __init__(self, linear: Any) -> None:
        super().__init__()
        self.weight_OI = nn.Buffer(linear.weight.qdata)
        self.scale_O = nn.Buffer(linear.weight.scale.flatten().to(torch.bfloat16))
        self.bias_O = linear.bias

    def forward(self, x: Tensor) -> Tensor:
        """`x` of shape (..., I) to (..., O), in the type of `x`."""
        rows_NI = x.reshape(-1, x.shape[-1]).to(torch.bfloat16)
        y_NO = torch._weight_int8pack_mm(rows_NI, self.weight_OI, self.scale_O).to(x.dtype)
        y_NO = y_NO if self.bias_O is None else y_NO + self.bias_O
        return y_NO.view(*x.shape[:-1], -1)


class Int8Product(nn.Module):
    """The product of two matrices, each quantised first: the rows of one, the columns of the other."""

    def __init__(self, largest: int) -> None:
        super().__init__()
        self.largest = largest

    def forward(self, a_NK: Tensor, b_KM: Tensor) -> Tensor:
        """The product, of shape (N, M), in the type of `a_NK`. Quantising costs O(n^2) beside the product's O(n^3)."""
        a_scale_N1, b_scale_1M = self._scale(a_NK, 1), self._scale(b_KM, 0)
        c_NM = torch._int_mm(_rounded(a_NK / a_scale_N1), _rounded(b_KM / b_scale_1M))
        return (c_NM * a_scale_N1 * b_scale_1M).to(a_NK.dtype)

    def _scale(self, x: Tensor, dim: int) -> Tensor:
        return x.float().abs().amax(dim, keepdim=True).clamp_min(1e-30) / self.largest


def quantised(program: Forward | Generate, device: str) -> tuple[nn.Module, str]:
    """The module of `program`, changed in place, and how. Raises Unsupported where nothing can be quantised."""
    import torchao  # takes seconds, which only this precision is to pay
    from torchao.quantization import Int8DynamicActivationInt8WeightConfig, Int8WeightOnlyConfig, quantize_
    from torchao.utils import should_reduce_range

    _check_capability(device)
    module = program.module
    reduced = should_reduce_range(torch.device(device))  # without VNNI, two products added overflow 16 bits
    bits = 7 if reduced else 8
    if isinstance(program, Forward) and is_product_of_inputs(module, program.inputs):
        return Int8Product(2 ** (bits - 1) - 1), f"{bits} bits, a scale per row and per column, quantised at every call"
    module = with_linear_layers(module)
    if not any(map(is_linear, module.modules())):
        raise Unsupported(NOTHING)
    tool = f"torchao {torchao.__version__}"
    if isinstance(program, Forward):
        quantize_(module, Int8DynamicActivationInt8WeightConfig(reduce_range=reduced), filter_fn=is_linear)
        return module, f"dynamic activations per row, per-channel weights, {bits} bits, {tool}"
    quantize_(module, Int8WeightOnlyConfig(), filter_fn=is_linear)
    if device != "cpu":
        return module, f"per-channel weights only, {tool}"
    return replaced(module, is_linear, WeightOnlyLinear), f"per-channel weights only, products in bf16, {tool}"


def _rounded(x: Tensor) -> Tensor:
    return x.round().to(torch.int8)


def _check_capability(device: str) -> None:
    if device != "cuda" or torch.version.hip is not None:
        return
    found = torch.cuda.get_device_capability()
    if found < _LEAST_CAPABILITY:
        least, here = (".".join(map(str, version)) for version in (_LEAST_CAPABILITY, found))
        raise Unsupported(f"products of int8 need compute capability {least}: this device has {here}")
