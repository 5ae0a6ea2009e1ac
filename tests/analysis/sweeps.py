"""Sweeps made up: points on an axis whose times follow a given law, with rounds that scatter."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable

from benchsuite.analysis import estimate
from benchsuite.analysis.scaling import Point
from tests.fakes import job


def points(
    law: Callable[[int], float],
    ns: Iterable[int],
    noise: float = 0.01,
    misfit: float = 0.0,
    seed: int = 0,
    backend: str = "torch-eager-cpu",
) -> list[Point]:
    """Four rounds at each n: `misfit` moves a whole point off the law, `noise` each of its rounds."""
    draw, found = random.Random(seed), []
    for n in ns:
        center = math.log(law(n)) + draw.gauss(0, misfit)
        medians = [math.exp(center + draw.gauss(0, noise)) for _ in range(4)]
        found.append(Point(n, job("matmul", backend, size=n), estimate(medians, 4)))
    return found
