"""`benchsuite duet`: two environments on this machine, measured in turn."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from benchsuite.analysis.duets import judge
from benchsuite.cli.duets import Lines, begin, fresh, present, settings, sides
from benchsuite.cli.options import Duration, selection
from benchsuite.cli.policy import Gate
from benchsuite.cli.status import FINE, MISSING, exit_status
from benchsuite.errors import UsageError
from benchsuite.report.gate import section
from benchsuite.runner.stages import Session
from benchsuite.store import Writer


@click.command(
    epilog="""\b
A SIDE is an interpreter, a folder with a pyproject.toml, a git ref of the current folder, requirements, or here.
\b
Examples:
  benchsuite duet 'gpt2-*' --base 'torch==2.12.0' --candidate here
  benchsuite duet 'my-*' --base main --pairs 12
  benchsuite duet matmul --base ~/old-venv --candidate ~/new-venv --budget 5m
\b
Exit status: 0 fine, 2 wrong usage, 5 a job of the base is missing, failed or wrong in the candidate, or none was
measured on both sides. A verdict does not change it: for that see benchsuite gate."""
)
@selection
@sides
@click.option(
    "--pairs", type=click.IntRange(4, 1000), default=8, show_default=True, help="fresh pairs of processes of every job"
)
@click.option("--budget", type=Duration(), help="start no further pairs when this much time is spent")
@click.option(
    "--output", type=click.Path(path_type=Path), help="folder for pairs and verdicts [default: results/duets/DATE]"
)
def command(
    base: str | None,
    candidate: str | None,
    timeout: float,
    pairs: int,
    budget: float | None,
    output: Path | None,
    **asked: Any,
) -> None:
    """Measure two environments in turn, so that what the machine does to one it does to the other."""
    if base is None:
        raise UsageError("--base is missing: name the side to compare with, such as --base 'torch==2.12.0'")
    gate = Gate(budget=budget)
    folder = fresh(output or Path("results/duets") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}")
    begun = begin(base, candidate, settings(gate, asked), timeout)
    with Writer(folder / "pairs.jsonl") as writer:
        writer.append(begun.header)
        session = Session(begun.sides, gate.policy, writer.append, Lines(stages=False), gate.metric, gate.budget)
        session.repeat(begun.jobs, pairs)
    judgement = judge(session.pairs, gate.policy, gate.metric)
    told = exit_status((*judgement.verdicts, *begun.header.unpaired), refused=False, strict=False)
    status = told if told == MISSING else FINE
    title = f"{begun.header.candidate.spec} against {begun.header.base.spec}"
    present(section(title, begun.header, judgement, gate.policy, status), judgement.unfit, folder)
    sys.exit(status)
