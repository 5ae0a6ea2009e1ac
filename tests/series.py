"""Synthetic series of seconds: what machines do, by construction and the same on every call."""

from __future__ import annotations

import random


def steady(count: int, level: float = 1.0, noise: float = 0.001, seed: int = 0) -> list[float]:
    """A level with Gaussian noise, relative to it."""
    draw = random.Random(seed)
    return [level * (1 + draw.gauss(0, noise)) for _ in range(count)]


def drifting(count: int, level: float = 1.0, slope: float = -0.01, noise: float = 0.001, seed: int = 0) -> list[float]:
    """A level that changes by `slope` of itself with every sample, as clocks do that fall."""
    return [x * (1 + slope * i) for i, x in enumerate(steady(count, level, noise, seed))]


def two_modes(count: int, low: float = 1.0, high: float = 1.1, stay: int = 25, seed: int = 0) -> list[float]:
    """Two levels that take turns, each for `stay` samples, as placements of memory do."""
    return [x * (high if i // stay % 2 else low) for i, x in enumerate(steady(count, 1.0, 0.001, seed))]


def spiky(count: int, level: float = 1.0, spike: float = 5.0, share: float = 0.1, seed: int = 0) -> list[float]:
    """A level that now and then is `spike` times itself, as a machine does that also does something else."""
    draw = random.Random(seed + 1)
    return [x * (spike if draw.random() < share else 1.0) for x in steady(count, level, 0.001, seed)]
