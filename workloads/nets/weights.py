"""Seeded weights and inputs, drawn faster than a library's own initialisation.

Every tensor has its own generator, seeded by its name, so that values depend neither on the order of drawing nor on
the number of threads. One version of torch draws the same values on every machine, but for the last bits of a
logarithm: instruction sets differ by up to about 2e-6 standard deviations.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor, nn

Deviation = Callable[[str], float]
_PIECE = 2**20  # values drawn by one thread at a time


def normal(name: str, *shape: int) -> Tensor:
    """Standard normal values of `shape`, the same for the same `name`."""
    return torch.empty(shape).normal_(generator=_generator(name))


def normal_rows(name: str, rows: int, columns: int) -> Tensor:
    """Standard normal values of a matrix that is large enough to be drawn by several threads."""
    values = torch.empty(rows, columns)
    step = max(1, _PIECE // columns)
    pieces = [values[start : start + step] for start in range(0, rows, step)]

    def draw(number: int) -> None:
        pieces[number].normal_(generator=_generator(f"{name}/{number}"))

    with ThreadPoolExecutor(torch.get_num_threads()) as threads:
        list(threads.map(draw, range(len(pieces))))
    return values


def uniform(name: str, *shape: int) -> Tensor:
    """Values of `shape` between 0 and 1, the same for the same `name`."""
    return torch.empty(shape).uniform_(generator=_generator(name))


def fill(module: nn.Module, deviation: Deviation, seed: int = 0) -> None:
    """Give every parameter of `module` its value in place; tied parameters are one and stay tied.

    Parameters of two or more dimensions are normal with mean 0 and standard deviation `deviation(name)`; of the others
    `...bias` is zero and the rest, the scales of normalisations, one. Buffers are left alone.
    """
    drawn = []
    for name, parameter in module.named_parameters():
        if parameter.ndim > 1:
            drawn.append((name, parameter.detach()))
        else:
            nn.init.constant_(parameter, 0.0 if name.endswith("bias") else 1.0)
    drawn.sort(key=lambda item: item[1].numel(), reverse=True)  # the largest first keeps the threads equally busy

    def draw(item: tuple[str, Tensor]) -> None:
        name, values = item
        values.normal_(0.0, deviation(name), generator=_generator(f"{seed}/{name}"))

    with ThreadPoolExecutor(torch.get_num_threads()) as threads:
        list(threads.map(draw, drawn))  # drawing holds no lock, so threads do help; the list raises what they raise


def keeping_scale(module: nn.Module) -> Deviation:
    """Deviations that keep activations at their input's scale: one over the square root of a matrix's inputs."""
    inputs = {name: parameter.shape[-1] for name, parameter in module.named_parameters()}
    return lambda name: float(inputs[name] ** -0.5)


def _generator(name: str) -> torch.Generator:
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))
