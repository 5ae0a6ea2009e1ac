"""Outputs against a reference: relative L2 error for numbers, for tokens the best or as good as that."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from benchsuite.verify.digest import updates

if TYPE_CHECKING:
    from torch import Tensor

    Along = tuple[Tensor, Tensor]

TOLERANCE = {"fp32": 1e-5, "tf32": 5e-3, "fp16": 5e-3, "bf16": 3e-2, "int8": 1e-1}
_UPDATE_TOLERANCE = {"fp32": 1e-2, "tf32": 2e-1, "fp16": 2e-1, "bf16": 5e-1, "int8": 1.0}
_STUCK = 0.95
_NEGLIGIBLE_GRADIENT = 1e-5
_DOUBT = 8.0
_PIECE = 2**17  # elements: as doubles they stay in a cache, and malloc gives their memory again without new pages

Errors = dict[str, tuple[float, float]]


def forward_errors(output: dict[str, Tensor], reference: dict[str, Tensor], tolerance: float) -> Errors:
    """`||out - ref|| / ||ref||` of every output, each with its tolerance."""
    return {name: (relative_error(output[name], expected), tolerance) for name, expected in reference.items()}


def generate_errors(
    output: dict[str, Tensor], reference: dict[str, Tensor], tolerance: float, along: Callable[[Tensor], Along]
) -> Errors:
    """Share of wrong tokens, and the error of the last logits.

    Where the tokens are not the reference's, each must do after those before it: its logit, by what `along` says of
    these very tokens, is within 8 times the error allowed to one logit (the tolerance times the logits' root mean
    square) of the best. So close, either answer may be right, and what follows differs rightly.
    """
    tokens_BN, logits_BV, wrong = output["tokens"], reference["logits"], 0.0
    if tokens_BN.shape != reference["tokens"].shape or not _are_ids(tokens_BN, logits_BV.shape[-1]):
        return {"tokens": (math.inf, 0.0)}
    if bool((tokens_BN != reference["tokens"]).any()):
        short_BN, logits_BV = along(tokens_BN)
        allowed = _DOUBT * tolerance * float(logits_BV.double().pow(2).mean().sqrt())
        wrong = 1 - float((short_BN <= allowed).double().mean())
    return {"tokens": (wrong, 0.0), "logits": (relative_error(output["logits"], logits_BV), tolerance)}


def _are_ids(tokens: Tensor, vocabulary: int) -> bool:
    return bool(((tokens >= 0) & (tokens < vocabulary)).all())


def train_errors(
    before: dict[str, Tensor], output: dict[str, Tensor], reference: dict[str, Tensor], precision: str, tolerance: float
) -> Errors:
    """Errors of the last loss, of the update as a whole, and the worst of any one parameter's update.

    The whole is estimated from each parameter's sample, weighted by its size. One parameter may be off where Adam turns
    rounding into full steps, as for biases that softmax cancels, so it only has to have moved the way the reference's
    did (error below 0.95; one that did not move has 1), and it is left out where its gradient is negligible.
    """
    mine = updates(before, {name.removeprefix("parameter/"): x for name, x in output.items()})
    judged = learning(before, reference)
    squares, total, worst = 0.0, 0.0, 0.0
    for name, start in before.items():
        got, want = mine[f"change/{name}"], reference[f"change/{name}"].double()
        off, size = float((got - want).pow(2).sum()), float(want.pow(2).sum())
        weight = start.numel() / want.numel()
        squares, total = squares + weight * off, total + weight * size
        if name in judged:
            worst = _larger(worst, math.sqrt(off / size) if size else off)
    return {
        "loss": (relative_error(output["loss"], reference["loss"]), tolerance),
        "update": (math.sqrt(squares / total) if total else squares, _UPDATE_TOLERANCE[precision]),
        "worst parameter": (worst, _STUCK),
    }


def learning(parameters: Iterable[str], reference: dict[str, Tensor]) -> set[str]:
    """Those whose gradient is not negligible beside the largest; frozen and unused ones are not among them."""
    gradients = {name: float(reference[f"gradient/{name}"]) for name in parameters}
    least = _NEGLIGIBLE_GRADIENT * max(gradients.values(), default=0.0)
    return {name for name, gradient in gradients.items() if gradient > least}


def _larger(a: float, b: float) -> float:
    return b if math.isnan(b) or b > a else a


def relative_error(output: Tensor, expected: Tensor) -> float:
    """`||out - ref|| / ||ref||`, NaN where either holds one; infinite where shapes differ."""
    if tuple(output.shape) != tuple(expected.shape):
        return math.inf
    difference = size = 0.0
    flat, flat_expected = output.flatten(), expected.flatten()
    for start in range(0, flat.numel(), _PIECE):
        got, want = flat[start : start + _PIECE], flat_expected[start : start + _PIECE]
        size += float(want.double().pow(2).sum())
        difference += float((got.double() - want.double()).pow(2).sum())
    return math.sqrt(difference / size) if size else math.sqrt(difference)
