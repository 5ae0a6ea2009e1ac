"""What the commands that measure two sides share: their options, and how a duet is begun."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from benchsuite import __version__
from benchsuite.cli.models import model_patterns
from benchsuite.cli.options import Duration
from benchsuite.cli.policy import Gate
from benchsuite.cli.terminal import say, unobeyed
from benchsuite.errors import UsageError
from benchsuite.probe import physical_cores_usable
from benchsuite.records import PROTOCOL, SCHEMA, Duet, Found, Pair, Settings, Side
from benchsuite.report.gate import write
from benchsuite.report.ranking import Section
from benchsuite.report.verdict_text import show
from benchsuite.runner.duet import pair_up, survey
from benchsuite.runner.pairing import Sides
from benchsuite.runner.sides import HERE, is_source, place
from benchsuite.runner.start import must_fork

F = TypeVar("F", bound=Callable[..., Any])


def sides(command: F) -> F:
    """Which environments, and how their pairs are measured."""
    for decorate in (
        click.option("--seed", type=click.IntRange(0, 2**31), default=0, show_default=True, help="of order and layout"),
        click.option(
            "--timeout", type=Duration(), default="10m", show_default=True, help="kill a worker that takes longer"
        ),
        click.option(
            "--sampling", type=Duration(), default="0.4s", show_default=True, help="seconds of samples a side and pair"
        ),
        click.option(
            "--candidate",
            default=None,
            metavar="SIDE",
            help="the other side [default: the current folder where the base is source code, else here]",
        ),
        click.option(
            "--base",
            metavar="SIDE",
            help="an interpreter, a folder with a pyproject.toml, a git ref of the current folder, requirements "
            "such as 'torch==2.12.0', or here",
        ),
    ):
        command = decorate(command)
    return command


@dataclass(frozen=True)
class Begun:
    """A duet that can start: its sides, the jobs that both have, and the header of its file."""

    sides: Sides
    jobs: tuple[Found, ...]
    header: Duet


def begin(base: str, candidate: str | None, settings: Settings, timeout: float) -> Begun:
    """Build the environments and ask them what they have. Raises UsageError."""
    must_fork()
    if not settings.patterns:
        raise UsageError("no workload is named: give patterns, or set them in [tool.benchsuite.gate] of pyproject.toml")
    other = candidate or ("." if is_source(base) else HERE)
    places = Sides(place(base), place(other, copy=other == base), place(base, copy=True), settings, timeout)
    surveys = [survey(places, p) for p in (places.base, places.candidate)]
    both, apart = pair_up(*surveys)
    ours, theirs = (
        Side(p.spec, p.interpreter, s.environment)
        for p, s in zip((places.base, places.candidate), surveys, strict=True)
    )
    header = Duet(SCHEMA, PROTOCOL, __version__, time.time(), settings, ours, theirs, tuple(apart))
    return Begun(places, tuple(both), header)


def fresh(folder: Path) -> Path:
    """A folder that holds no pairs yet. Raises UsageError where it does, since two duets in one file are none."""
    if folder.is_dir() and any(folder.glob("*.jsonl")):
        raise UsageError(f"{folder} holds the pairs of an earlier duet: choose another --output")
    return folder


def settings(gate: Gate, asked: Mapping[str, Any]) -> Settings:
    """What the command line asks for by the options `selection` and `sides`, and the policy where it does not."""
    by_default = click.get_current_context().get_parameter_source("preset") == ParameterSource.DEFAULT
    return Settings(
        asked["patterns"] + model_patterns(asked["models"], download=True) or gate.patterns,
        asked["backends"] or gate.backends,
        asked["precisions"] or gate.precisions or ("fp32",),
        gate.preset if by_default else asked["preset"],
        asked["threads"] or physical_cores_usable(),
        sample_seconds=asked["sampling"],
        budget_seconds=gate.budget,
        seed=asked["seed"],
    )


def present(found: Section, unfit: str | None, folder: Path) -> list[Path]:
    """Show the verdicts and write their files, which are returned. Raises UsageError where they cannot be written."""
    from rich.console import Console

    with unobeyed():
        show([found], Console())
    try:
        written = write(found, unfit, folder)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}; choose another --output") from None
    print(f"Written to {folder}: {', '.join(p.name for p in written)}")
    return written


class Lines:
    """A line for every replicate, with its stage where there are `stages`, and for every pair that was not measured."""

    def __init__(self, *, stages: bool) -> None:
        self._stages = stages

    def replicate(self, stage: int, number: int, jobs: int) -> None:
        """Say what starts."""
        where = f"stage {stage}, " if self._stages else ""
        click.echo(f"{where}pair {number + 1} of {jobs} {'job' if jobs == 1 else 'jobs'}", err=True)

    def finished(self, pair: Pair) -> None:
        """Say what went wrong."""
        for side, record in (("base", pair.base), (pair.arm, pair.other)):
            if record.status != "ok":
                say(f"  {record.status:7}  {side} of {pair.job}: {record.reason}", err=True)
