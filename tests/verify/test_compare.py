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


def generated(margins: list[list[float]], tokens: list[list[int]]) -> dict[str, Tensor]:
    """A reference whose logits have a root mean square of one."""
    return {
        "tokens": torch.tensor(tokens),
        "margins": torch.tensor(margins, dtype=torch.float64),
        "logits": torch.ones(len(tokens), 4, dtype=torch.float64),
    }


CERTAIN = generated([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], [[1, 2, 3], [4, 5, 6]])
DOUBTFUL = generated([[1.0, 0.07, 1.0], [1.0, 1.0, 1.0]], [[1, 2, 3], [4, 5, 6]])


def said(tokens: list[list[int]], logits: float = 1.0) -> dict[str, Tensor]:
    return {"tokens": torch.tensor(tokens), "logits": torch.full((2, 4), logits)}


def test_certain_tokens_must_be_those_of_the_reference() -> None:
    errors = generate_errors(said([[1, 2, 9], [4, 5, 6]]), CERTAIN, 0.01)
    assert errors == {"tokens (6 of 6 certain)": (pytest.approx(1 / 6), 0.0)}
    assert not passes(errors)


def test_logits_are_compared_where_all_tokens_agree() -> None:
    assert passes(generate_errors(said([[1, 2, 3], [4, 5, 6]]), CERTAIN, 0.01))
    assert not passes(generate_errors(said([[1, 2, 3], [4, 5, 6]], logits=1.1), CERTAIN, 0.01))
    assert not passes(generate_errors(said([[1, 2, 3], [4, 5, 6]], logits=NAN), CERTAIN, 0.01))


def test_from_a_doubtful_token_on_its_row_may_differ() -> None:
    errors = generate_errors(said([[1, 9, 9], [4, 5, 6]]), DOUBTFUL, 0.01)
    assert errors == {"tokens (4 of 6 certain)": (0.0, 0.0)}


@pytest.mark.parametrize("tokens", [[[9, 2, 3], [4, 5, 6]], [[1, 2, 3], [4, 9, 6]]])
def test_before_a_doubtful_token_and_in_other_rows_nothing_may(tokens: list[list[int]]) -> None:
    assert not passes(generate_errors(said(tokens), DOUBTFUL, 0.01))


def test_doubt_grows_with_the_tolerance() -> None:
    assert not passes(generate_errors(said([[1, 9, 9], [4, 5, 6]]), DOUBTFUL, 0.008))


def test_where_nothing_is_certain_other_tokens_do_not_pass() -> None:
    unsure = generated([[0.0] * 3, [0.0] * 3], [[1, 2, 3], [4, 5, 6]])
    assert not passes(generate_errors(said([[9, 9, 9], [9, 9, 9]]), unsure, 0.01))
    assert passes(generate_errors(said([[1, 2, 3], [4, 5, 6]]), unsure, 0.01))


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
