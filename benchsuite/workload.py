"""The first contract: a workload, and the kinds of program it may build."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchsuite.records import AxisValue, Case, Work
from benchsuite.source import digest

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

Grid = Mapping[str, tuple[AxisValue, ...]]


@dataclass(frozen=True)
class Forward:
    """Run `module(*inputs)`, without gradients."""

    module: nn.Module
    inputs: tuple[Tensor, ...]


@dataclass(frozen=True)
class TrainStep:
    """`loss(module, *inputs)`, its gradient, and one step of `optimizer(parameters)`."""

    module: nn.Module
    inputs: tuple[Tensor, ...]
    loss: Callable[..., Tensor]
    optimizer: Callable[[Any], Optimizer]


@dataclass(frozen=True)
class Generate:
    """Greedy generation with a key-value cache: `new_tokens` after `inputs[0]`, the prompt of shape (B, T).

    `module` is a causal language model in the calling convention of `transformers`; `cache_shape` is
    (layers, key-value heads, head dimension).
    """

    module: nn.Module
    inputs: tuple[Tensor]
    new_tokens: int
    cache_shape: tuple[int, int, int]


@dataclass(frozen=True)
class Transfer:
    """Copy `inputs[0]` to a tensor of its size that already exists."""

    inputs: tuple[Tensor]


Program = Forward | TrainStep | Generate | Transfer


@dataclass(frozen=True)
class Workload:
    """A family of cases and how to build one.

    `axes` is the default point; a preset is the grid of values that it tries, other axes staying at their default. A
    workload is part of the presets that it names; asked for by name in another, it runs at its default point.
    `accelerated` holds the points that a preset adds where the device is not the CPU. `tolerance` overrides, by
    precision, the relative error that verification allows.
    """

    name: str
    summary: str
    kind: str
    program: type[Program]
    axes: Mapping[str, AxisValue]
    presets: Mapping[str, Grid]
    build: Callable[[Case], Program]
    work: Callable[[Case], Work]
    imports: tuple[str, ...] = ("torch",)
    tolerance: Mapping[str, float] = field(default_factory=dict)
    accelerated: Mapping[str, Grid] = field(default_factory=dict)

    def cases(self, grid: Grid) -> Iterator[Case]:
        """Every point of `grid`, axes in the workload's order."""
        points = [grid.get(axis, (default,)) for axis, default in self.axes.items()]
        for values in itertools.product(*points):
            yield Case(self.name, dict(zip(self.axes, values, strict=True)))

    @functools.cached_property
    def definition(self) -> str:
        """Twelve hex digits over the defining source: the workload's file and what that imports of its package."""
        file = inspect.getsourcefile(self.build)
        assert file is not None, f"{self.name} was not read from a file"
        return digest(self.build.__module__, Path(file))
