"""What every picture has in common: the colour and shape of a family of backends, ink, sizes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """A colour on white, the same hue on a dark ground, and a shape as matplotlib and Vega name it."""

    colour: str
    on_dark: str
    marker: str
    shape: str


# Okabe and Ito (2008): told apart by colour-blind readers; shapes tell them apart in grey.
FAMILIES = {
    "torch-eager": Style("#0072B2", "#56B4E9", "o", "circle"),
    "torch-compile": Style("#D55E00", "#F0894A", "s", "square"),
    "torch-graph": Style("#009E73", "#33C79C", "D", "diamond"),
    "onnxruntime": Style("#CC79A7", "#E39AC2", "^", "triangle-up"),
}
OTHER = Style("#000000", "#FFFFFF", "X", "cross")
OUTCOMES = {
    "slower": Style("#D55E00", "#F0894A", "s", "square"),
    "faster": Style("#009E73", "#33C79C", "D", "diamond"),
    "same": Style("#0072B2", "#56B4E9", "o", "circle"),
    "unclear": Style("#8C8C8C", "#A6A6A6", "^", "triangle-up"),
}
INK, FAINT = "#333333", "#D9D9D9"
INK_ON_DARK, FAINT_ON_DARK = "#DDDDDD", "#444444"
BAND, BAND_ON_DARK = "#F0E6CC", "#4A4330"
SMALL, NORMAL, LARGE = 8, 9, 11
MOST_MARKED = 40
"""A curve of more points than this is a line without marks."""


def family(backend: str) -> str:
    """The family that gives a backend its style: its name less the device."""
    return backend.rpartition("-")[0] or backend


def style(family: str) -> Style:
    """The style of a family of backends; strangers share one."""
    return FAMILIES.get(family, OTHER)


def in_order(families: Iterable[str]) -> list[str]:
    """Each family once, those that are known first."""
    known = list(FAMILIES)
    return sorted(set(families), key=lambda f: (known.index(f) if f in known else len(known), f))
