import math

import pytest
import torch
from torch import Tensor

from benchsuite.verify.compare import forward_errors, generate_errors, learning, relative_error, train_errors

NAN, INF = float("nan"), float("inf")


def passes(errors: dict[str, tuple[float, float]]) -> bool:
    return all(error <= tolerance for error, tolerance in errors.values())


def test_relative_error_is_of_the_norms() -> None:
    assert relative_error(torch.tensor([3.0, 5.0]), torch.tensor([3.0, 4.0])) == pytest.approx(0.2)


def test_against_zeros_the_error_is_absolute() -> None:
    assert relative_error(torch.tensor([3.0, 4.0]), torch.zeros(2)) == 5.0
    assert relative_error(torch.zeros(2), torch.zeros(2)) == 0.0


@pytest.mark.parametrize("other", [torch.zeros(3), torch.zeros(1, 2), torch.zeros(0)])
def test_another_shape_is_infinitely_wrong(other: Tensor) -> None:
    assert relative_error(other, torch.zeros(2)) == INF


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("side", ["output", "reference", "both"])
def test_what_is_not_finite_never_passes(bad: float, side: str) -> None:
    good, broken = torch.tensor([1.0, 2.0]), torch.tensor([1.0, bad])
    output = good if side == "reference" else broken
    reference = good if side == "output" else broken
    assert not passes(forward_errors({"output": output}, {"output": reference}, 1e30))


def test_every_output_of_the_reference_is_compared() -> None:
    reference = {"output/0": torch.ones(2), "output/1": torch.ones(2)}
    assert forward_errors({**reference, "more": torch.ones(1)}, reference, 0.1).keys() == reference.keys()
    assert not passes(forward_errors({**reference, "output/1": torch.zeros(2)}, reference, 0.1))


REFERENCE = {"tokens": torch.tensor([[1, 2, 3], [4, 5, 6]]), "logits": torch.ones(2, 8, dtype=torch.float64)}


def generated(tokens: list[list[int]], logits: float = 1.0, short: float = 0.0) -> dict[str, tuple[float, float]]:
    """The errors of a session that said `tokens`, each `short` of the best, ending with `logits` everywhere.

    Along other tokens than its own, the reference ends with logits of 2.
    """
    output = {"tokens": torch.tensor(tokens), "logits": torch.full((2, 8), logits)}
    short_BN = torch.tensor([[0.0, short, 0.0], [0.0, 0.0, 0.0]])
    return generate_errors(output, REFERENCE, 0.01, lambda _: (short_BN, 2 * REFERENCE["logits"]))


SAME, OTHER = [[1, 2, 3], [4, 5, 6]], [[1, 7, 0], [4, 5, 6]]


def test_the_tokens_of_the_reference_pass_with_its_logits() -> None:
    assert generated(SAME) == {"tokens": (0.0, 0.0), "logits": (0.0, 0.01)}
    assert not passes(generated(SAME, logits=1.1))
    assert not passes(generated(SAME, logits=NAN))


def test_other_tokens_pass_where_they_are_as_good_and_so_are_the_logits_they_lead_to() -> None:
    assert passes(generated(OTHER, logits=2.0, short=0.15))
    assert not passes(generated(OTHER, logits=1.0, short=0.15))


@pytest.mark.parametrize("short", [0.17, 1.0, INF, NAN])
def test_a_token_that_falls_short_is_wrong(short: float) -> None:
    errors = generated(OTHER, logits=2.0, short=short)
    assert errors["tokens"] == (pytest.approx(1 / 6), 0.0)
    assert not passes(errors)


@pytest.mark.parametrize("tokens", [[[1, 2], [4, 5]], [[1, 2, 3]], [[1, 2, 8], [4, 5, 6]], [[1, 2, -1], [4, 5, 6]]])
def test_what_are_no_tokens_never_pass(tokens: list[list[int]]) -> None:
    assert generated(tokens) == {"tokens": (INF, 0.0)}


START = {"large": torch.zeros(5000), "small": torch.zeros(2), "idle": torch.zeros(3)}
GRADIENTS = {"gradient/large": 1.0, "gradient/small": 0.1, "gradient/idle": 1e-7}


def trained(large: float = 1.0, small: float = 1.0, idle: float = 1e-9, loss: float = 2.0) -> dict[str, Tensor]:
    values = {"large": torch.full((5000,), large), "small": torch.full((2,), small), "idle": torch.full((3,), idle)}
    return {"loss": torch.tensor(loss), **{f"parameter/{name}": x for name, x in values.items()}}


def errors_of(output: dict[str, Tensor]) -> dict[str, tuple[float, float]]:
    changes = {"change/large": torch.ones(4096), "change/small": torch.ones(2), "change/idle": torch.full((3,), 1e-9)}
    reference = {"loss": torch.tensor(2.0), **changes, **{k: torch.tensor(v) for k, v in GRADIENTS.items()}}
    return train_errors(START, output, reference, "fp32", 1e-5)


def failing(output: dict[str, Tensor]) -> set[str]:
    return {name for name, (error, tolerance) in errors_of(output).items() if not error <= tolerance}


@pytest.mark.parametrize(
    ("output", "caught"),
    [
        (trained(), set()),
        (trained(loss=2.001), {"loss"}),
        (trained(large=1.05), {"update"}),
        (trained(large=0.0), {"update", "worst parameter"}),
        (trained(small=0.0), {"update", "worst parameter"}),
        (trained(small=0.9), set()),
        (trained(small=-1.0), {"update", "worst parameter"}),
        (trained(idle=0.0), set()),
        (trained(idle=-1e-9), set()),
        (trained(large=NAN), {"update", "worst parameter"}),
        (trained(small=INF), {"update", "worst parameter"}),
        (trained(idle=NAN), {"update"}),
        (trained(loss=NAN), {"loss"}),
    ],
)
def test_each_part_of_a_step_is_judged(output: dict[str, Tensor], caught: set[str]) -> None:
    assert failing(output) == caught


def test_a_frozen_parameter_must_stay() -> None:
    assert "update" in failing(trained(idle=1.0))


def test_what_hardly_has_a_gradient_does_not_learn() -> None:
    reference = {name: torch.tensor(value) for name, value in GRADIENTS.items()}
    assert learning(START, reference) == {"large", "small"}
    assert learning(["idle"], {"gradient/idle": torch.tensor(0.0)}) == set()


def test_nan_is_the_worst() -> None:
    error, _ = errors_of(trained(large=NAN))["worst parameter"]
    assert math.isnan(error)
