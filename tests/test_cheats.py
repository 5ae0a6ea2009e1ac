"""A wrong output never passes for a fast one: every cheat is caught, before timing or after."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from benchsuite.backend import Session, call
from benchsuite.backends.torch_eager import cpu
from benchsuite.verify import Expectation, after_timing, before_timing, reference_of
from benchsuite.verify.digest import STEPS
from benchsuite.workload import Generate, Program
from tests import cheats, programs


def opened(program: Program, precision: str = "fp32") -> Session:
    return cpu.prepare(program, precision, 1)


def checked(session: Session, make: Callable[[], Program], precision: str = "fp32") -> tuple[set[str], set[str]]:
    """The names of the checks that `session` passed and of those it failed, run as a worker would run it."""
    expected = Expectation(reference_of(make(), make.__name__), make, precision)
    call(session)
    checks = before_timing(session, expected)
    if all(check.passed for check in checks):
        for _ in range(5):
            call(session)
        checks += after_timing(session, expected)
    passed, failed = ({f"{c.when}: {c.what}" for c in checks if c.passed is side} for side in (True, False))
    return passed, failed


@pytest.mark.parametrize("make", [programs.forward, programs.transfer, programs.train, programs.generate])
@pytest.mark.parametrize("wrap", [lambda session: session, cheats.Honest])
def test_an_honest_session_passes(wrap: Callable[[Session], Session], make: Callable[[], Program]) -> None:
    passed, failed = checked(wrap(opened(make())), make)
    assert failed == set()
    assert any(name.startswith("after, as left") for name in passed)


@pytest.mark.parametrize(
    ("make", "precision"),
    [
        (programs.forward, "bf16"),
        (programs.forward, "fp16"),
        (programs.train, "bf16"),
        (programs.generate, "bf16"),
        (programs.generate, "fp16"),
    ],
)
def test_an_honest_session_of_less_precision_passes(make: Callable[[], Program], precision: str) -> None:
    assert checked(opened(make(), precision), make, precision)[1] == set()


FORWARD_CHEATS = {
    cheats.RemembersFirstOutput: "before, varied: output",
    cheats.RemembersByIdentity: "before, varied: output",
    cheats.IdleWhileTimed: "after, as left: output",
    cheats.PutsOffWork: "before: output",
    cheats.ReturnsEarly: "before, varied: output",
    cheats.MutatesInputs: "after: inputs untouched",
    cheats.ReusesOutputMemory: "before: output kept apart",
    cheats.SwapsInputs: "before: output",
    cheats.RoundsToHalf: "before: output",
    cheats.RoundsToBfloat16: "before: output",
    cheats.HasOneNaN: "before: output",
    cheats.HasOneInfinity: "before: output",
    cheats.IsEmpty: "before: output",
    cheats.HasWrongShape: "before: output",
    cheats.DropsLastRow: "before: output",
}


@pytest.mark.parametrize(("cheat", "caught_by"), FORWARD_CHEATS.items(), ids=lambda x: getattr(x, "__name__", None))
def test_a_cheating_forward_is_caught(cheat: type[cheats.Honest], caught_by: str) -> None:
    _, failed = checked(cheat(opened(programs.forward())), programs.forward)
    assert caught_by in failed


@pytest.mark.parametrize("cheat", [cheats.RemembersFirstOutput, cheats.IdleWhileTimed, cheats.PutsOffWork])
def test_a_cheating_transfer_is_caught(cheat: type[cheats.Honest]) -> None:
    assert checked(cheat(opened(programs.transfer())), programs.transfer)[1]


class CheatingOptimizer(torch.optim.AdamW):
    """Steps, then puts back what it wants to skip."""

    skip: Callable[[int, Tensor], Any]

    def step(self, closure: Any = None) -> None:
        parameters = [p for group in self.param_groups for p in group["params"]]
        before = [p.detach().clone() for p in parameters]
        super().step()
        with torch.no_grad():
            for i, (p, start) in enumerate(zip(parameters, before, strict=True)):
                places = type(self).skip(i, p)
                p.flatten()[places] = start.flatten()[places]


def skipping(skip: Callable[[int, Tensor], Any]) -> Callable[[Any], torch.optim.Optimizer]:
    kind = type("Skipping", (CheatingOptimizer,), {"skip": staticmethod(skip)})
    return lambda parameters: kind(parameters, lr=1e-3)


NOTHING, EVERYTHING = slice(0, 0), slice(None)

TRAIN_CHEATS = {
    "no step": skipping(lambda i, p: EVERYTHING),
    "one weight skipped": skipping(lambda i, p: EVERYTHING if i == 2 else NOTHING),
    "one bias skipped": skipping(lambda i, p: EVERYTHING if i == 3 else NOTHING),
    "only the first elements": skipping(lambda i, p: slice(4096, None)),
    "every other element": skipping(lambda i, p: slice(0, None, 2)),
    "rate a tenth higher": functools.partial(programs.adamw, lr=1.1e-3),
    "rate of zero": functools.partial(programs.adamw, lr=0.0),
    "another optimizer": functools.partial(torch.optim.SGD, lr=1e-3),
}


@pytest.mark.parametrize("optimizer", TRAIN_CHEATS.values(), ids=TRAIN_CHEATS.keys())
def test_a_cheating_optimizer_is_caught_before_timing(optimizer: Any) -> None:
    _, failed = checked(opened(programs.train(optimizer)), programs.train)
    assert failed & {"before, varied: update", "before, varied: worst parameter"}


def test_an_optimizer_that_skips_nothing_passes() -> None:
    assert checked(opened(programs.train(skipping(lambda i, p: NOTHING))), programs.train)[1] == set()


class StopsLearning(cheats.Honest):
    """While timed, puts back one bias, or everything."""

    def __init__(self, session: Session, *, everything: bool) -> None:
        super().__init__(session)
        self.kept = [p for name, p in session._module.named_parameters() if everything or name == "2.bias"]

    def work(self) -> None:
        before = [p.detach().clone() for p in self.kept]
        super().work()
        if self.calls > 1 + STEPS:
            with torch.no_grad():
                for p, start in zip(self.kept, before, strict=True):
                    p.copy_(start)


@pytest.mark.parametrize("everything", [True, False])
def test_training_that_stops_while_timed_is_caught(everything: bool) -> None:
    session = StopsLearning(opened(programs.train()), everything=everything)
    assert "after, as left: weights moved" in checked(session, programs.train)[1]


class LiesAboutLoss(cheats.Honest):
    def output(self) -> cheats.Output:
        result = super().output()
        return {**result, "loss": result["loss"] * 1.001}


@pytest.mark.parametrize("cheat", [LiesAboutLoss, cheats.HasOneNaN, cheats.PutsOffWork, cheats.MutatesInputs])
def test_a_cheating_training_session_is_caught(cheat: type[cheats.Honest]) -> None:
    assert checked(cheat(opened(programs.train())), programs.train)[1]


class Forgetful(nn.Module):
    """A language model that, after the prompt, attends only to the last token."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module, self.config = module, module.config

    def forward(self, **arguments: Any) -> Any:
        mask_11TS, positions_1T = arguments["attention_mask"], arguments["position_ids"]
        if mask_11TS.shape[2] == 1:
            mask_11TS = torch.full_like(mask_11TS, float("-inf"))
            mask_11TS[..., positions_1T[0]] = 0.0
        return self.module(**{**arguments, "attention_mask": mask_11TS})


class RepeatsTokens(cheats.Honest):
    def output(self) -> cheats.Output:
        result = super().output()
        return {**result, "tokens": result["tokens"][:, :1].expand_as(result["tokens"])}


class ScalesLogits(cheats.Honest):
    def output(self) -> cheats.Output:
        result = super().output()
        return {**result, "logits": result["logits"] * 1.001}


def test_generation_that_ignores_its_cache_is_caught() -> None:
    program = programs.generate()
    _, failed = checked(opened(dataclasses.replace(program, module=Forgetful(program.module))), programs.generate)
    assert "before: tokens" in failed


def test_generation_that_stops_early_is_caught() -> None:
    class StopsEarly(cheats.Honest):
        def work(self) -> None:
            self.session.phases[0].run()

    assert checked(StopsEarly(opened(programs.generate())), programs.generate)[1]


@pytest.mark.parametrize(
    "cheat",
    [RepeatsTokens, ScalesLogits, cheats.RemembersFirstOutput, cheats.IdleWhileTimed, cheats.PutsOffWork],
)
def test_a_cheating_generation_session_is_caught(cheat: type[cheats.Honest]) -> None:
    assert checked(cheat(opened(programs.generate())), programs.generate)[1]


def test_one_new_token_can_be_verified() -> None:
    def one() -> Generate:
        return programs.generate(new_tokens=1)

    assert checked(opened(one()), one)[1] == set()


def test_training_whose_loss_rises_is_caught_though_every_update_is_as_asked() -> None:
    def climbing(parameters: Any) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=1e-2, maximize=True)

    def make() -> Program:
        return programs.train(climbing)

    _, failed = checked(opened(make()), make)
    assert failed == {"before, varied: loss falls"}
