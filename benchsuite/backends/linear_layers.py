"""Linear layers wherever they are in a module, under whatever name, and products of two inputs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

NOTHING = "nothing to quantise: the module has no linear layers"


def is_linear(module: nn.Module, _: str = "") -> bool:
    """Whether it is a linear layer of torch itself; subclasses may be called otherwise than as a layer."""
    return type(module) is nn.Linear


def with_linear_layers(module: nn.Module) -> nn.Module:
    """`module`, changed in place: what transformers calls Conv1D, a linear layer turned over, becomes one of torch."""
    conv1d = getattr(sys.modules.get("transformers.pytorch_utils"), "Conv1D", None)
    return module if conv1d is None else replaced(module, lambda part: isinstance(part, conv1d), _turned)


def replaced(
    module: nn.Module, chosen: Callable[[nn.Module], bool], make: Callable[[nn.Module], nn.Module]
) -> nn.Module:
    """`module`, changed in place: each chosen part is what `make` makes of it, once where several share it."""
    made: dict[nn.Module, nn.Module] = {}

    def new(part: nn.Module) -> nn.Module:
        if part not in made:
            made[part] = make(part).train(part.training)
        return made[part]

    if chosen(module):
        return new(module)
    for parent in list(module.modules()):
        for name, part in list(parent._modules.items()):
            if part is not None and chosen(part):
                setattr(parent, name, new(part))
    return module


def is_product_of_inputs(module: nn.Module, inputs: tuple[Tensor, ...]) -> bool:
    """Whether `module` does nothing but multiply two matrices, its `inputs`, in this order; nothing is computed."""
    if module.state_dict() or len(inputs) != 2:
        return False
    shapes = tuple(x.to("meta") for x in inputs)
    with _Operators() as operators, torch.no_grad():
        try:
            module(*shapes)
        except RuntimeError:  # what it does depends on values, and shapes have none
            return False
    seen: list[tuple[object, list[int]]] = operators.seen
    return seen == [(torch.ops.aten.mm.default, [id(x) for x in shapes])]


class _Operators(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """What is called, and on which tensors."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen: list[tuple[object, list[int]]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append((func, [id(x) for x in args]))
        return func(*args, **(kwargs or {}))


def _turned(part: nn.Module) -> nn.Module:
    weight_IO, bias_O = part.weight, part.bias
    assert isinstance(weight_IO, nn.Parameter)
    assert isinstance(bias_O, nn.Parameter)
    inputs, outputs = weight_IO.shape
    linear = nn.Linear(inputs, outputs, device="meta")
    linear.weight = nn.Parameter(weight_IO.detach().t().contiguous(), requires_grad=False)
    linear.bias = bias_O
    return linear
