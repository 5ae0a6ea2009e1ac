"""The two checks: before timing on both inputs, after timing on what the timed iterations left behind."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchsuite.backend import Session, call
from benchsuite.records import Check
from benchsuite.verify.compare import TOLERANCE, Errors, forward_errors, generate_errors, learning, train_errors
from benchsuite.verify.digest import STEPS
from benchsuite.verify.inputs import rewrite, same, spoil, vary
from benchsuite.verify.reference import Reference, along
from benchsuite.workload import Forward, Generate, Program, TrainStep

if TYPE_CHECKING:
    from torch import Tensor

_BEGINNING = 2**16


@dataclass(frozen=True)
class Expectation:
    """What a session has to meet.

    `fresh` gives the program as it was before the session had it: the inputs, and for training the weights; `rebuild`,
    where `fresh` does not, gives weights too, for the rare case that generated tokens must be followed.
    """

    reference: Reference
    fresh: Callable[[], Program]
    precision: str
    tolerance: float | None = None
    rebuild: Callable[[], Any] | None = None

    @property
    def allowed(self) -> float:
        """The relative error that is allowed."""
        return TOLERANCE[self.precision] if self.tolerance is None else self.tolerance


def before_timing(session: Session, expected: Expectation) -> tuple[Check, ...]:
    """Run on the given inputs, then on varied ones; an output must not change when a later one is made.

    Leaves the given inputs in place with the varied output beside them: a session that then does nothing while it is
    timed is found with the wrong output after. Training, where a check costs several steps, is checked here on varied
    inputs and after timing on the given ones.
    """
    program = expected.fresh()
    checks: list[Check] = []
    if not isinstance(program, TrainStep):
        found, held = _run(session, program, expected, "before", varied=False)
        kept = _beginnings(held)
        checks += found
    checks += _run(session, program, expected, "before", varied=True)[0]
    if not isinstance(program, TrainStep):
        unchanged = all(_equal(kept[name], now) for name, now in _beginnings(held).items())
        checks.append(_fact("before", "output kept apart", unchanged))
    rewrite(session.inputs, program.inputs)
    session.reset(program)
    return tuple(checks)


def after_timing(session: Session, expected: Expectation) -> tuple[Check, ...]:
    """What the timed iterations left must be right as it stands, and the inputs untouched; then one run more."""
    program = expected.fresh()
    untouched = _fact("after", "inputs untouched", same(session.inputs, program.inputs))
    spoil(session.inputs, program.inputs)
    left = _left_by_timing(session, program, expected)
    again, _ = _run(session, program, expected, "after", varied=not isinstance(program, TrainStep))
    return (untouched, *left, *again)


def _left_by_timing(session: Session, program: Program, expected: Expectation) -> tuple[Check, ...]:
    """Training has no reference for its end: it must be finite, and every parameter that learns must have moved."""
    output, when = session.output(), "after, as left"
    if not isinstance(program, TrainStep):
        errors = _errors(program, output, expected.reference.given, expected, varied=False)
        return _checks(errors, when, expected.reference)
    start = {name: p.detach() for name, p in program.module.named_parameters()}
    finite = all(bool(x.sum().isfinite()) for x in output.values())
    stuck = [n for n in learning(start, expected.reference.given) if _equal(output[f"parameter/{n}"], start[n])]
    return (_fact(when, "finite", finite), _fact(when, "weights moved", not stuck))


def _fact(when: str, what: str, holds: bool) -> Check:
    return Check(when, what, 0.0 if holds else 1.0, 0.0, "itself", holds)


def _run(
    session: Session, program: Program, expected: Expectation, when: str, *, varied: bool
) -> tuple[tuple[Check, ...], dict[str, Tensor]]:
    """One iteration, or the steps that the reference took, and what came of it.

    The inputs are spoilt by the time that the output is asked for, so that work which was put off comes out wrong.
    """
    reference = expected.reference.varied if varied else expected.reference.given
    when = f"{when}, varied" if varied else when
    rewrite(session.inputs, program.inputs, places=int(varied))
    session.reset(program)
    call(session)
    if isinstance(program, TrainStep):
        return _train_on(session, program, expected, reference, when)
    spoil(session.inputs, program.inputs)
    output = session.output()
    errors = _errors(program, output, reference, expected, varied=varied)
    return _checks(errors, when, expected.reference), output


def _train_on(
    session: Session, program: TrainStep, expected: Expectation, reference: dict[str, Tensor], when: str
) -> tuple[tuple[Check, ...], dict[str, Tensor]]:
    """The further steps after the first: the loss must have fallen by the last of them."""
    first = float(session.output()["loss"])
    for _ in range(STEPS - 1):
        call(session)
    spoil(session.inputs, program.inputs)
    output = session.output()
    before = {name: p.detach() for name, p in program.module.named_parameters()}
    errors = train_errors(before, output, reference, expected.precision, expected.allowed)
    last = float(output["loss"])
    rise = (last - first) / abs(first) if first else math.inf
    falls = Check(when, "loss falls", 0.0 if rise < 0 else rise, 0.0, "itself", rise < 0)
    return (*_checks(errors, when, expected.reference), falls), output


def _errors(
    program: Program, output: dict[str, Tensor], reference: dict[str, Tensor], expected: Expectation, *, varied: bool
) -> Errors:
    if isinstance(program, Forward) and program.error is not None:
        inputs = vary(program.inputs) if varied else program.inputs
        return {"output": (program.error(inputs, output["output"]), expected.allowed)}
    if isinstance(program, Generate):
        inputs = vary(program.inputs) if varied else program.inputs
        make: Callable[[], Any] = expected.rebuild or expected.fresh
        return generate_errors(output, reference, expected.allowed, lambda tokens: along(make(), inputs, tokens))
    return forward_errors(output, reference, expected.allowed)


def _checks(errors: Errors, when: str, reference: Reference) -> tuple[Check, ...]:
    return tuple(
        Check(when, what, error, tolerance, reference.precision, error <= tolerance)
        for what, (error, tolerance) in errors.items()
    )


def _beginnings(output: dict[str, Tensor]) -> dict[str, Tensor]:
    """A copy of the first elements of each: a later iteration that writes over an output does not spare them.

    Parameters are a session's own and change with every step, so they are left out.
    """
    return {n: x.flatten()[:_BEGINNING].clone() for n, x in output.items() if not n.startswith("parameter/")}


def _equal(a: Tensor, b: Tensor) -> bool:
    import torch

    return torch.equal(a, b)
