"""`benchsuite gate`: did this change make anything slower, with a known false-alarm rate, as an exit status."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
from click.core import ParameterSource

from benchsuite.analysis.duets import Judgement, judge
from benchsuite.cli.against_itself import against_itself, sentence
from benchsuite.cli.duets import Begun, Lines, begin, fresh, present, settings, sides
from benchsuite.cli.options import Duration, Width, selection
from benchsuite.cli.policy import Gate, consistent, read_gate
from benchsuite.cli.status import EXITS, FINE, INTERRUPTED, MISSING, USAGE, exit_status
from benchsuite.cli.stored_gate import is_stored, judged
from benchsuite.cli.terminal import annotated, say
from benchsuite.errors import BenchsuiteError, UsageError
from benchsuite.records import Duet
from benchsuite.report.gate import section, write_verdict
from benchsuite.report.ranking import Section
from benchsuite.report.workflow import lines
from benchsuite.runner.stages import Session
from benchsuite.store import Writer, read_duet

_TITLES = {
    0: "nothing is slower",
    1: "slower",
    3: "nothing could be told",
    4: "this session is not fit to measure",
    5: "jobs are missing, failed or wrong, or none was measured",
}


@click.command(
    epilog=f"""\b
A SIDE is an interpreter, a folder with a pyproject.toml, a git ref of the current folder, requirements, or here; or
both are stored runs, which are judged as by benchsuite compare.
\b
Examples:
  benchsuite gate 'my-*' --base origin/main
  benchsuite gate bert-classify gpt2-generate --base 'torch==2.12.0' --candidate here
  benchsuite gate 'my-*' --base origin/main --aa 20
  benchsuite gate --base before.jsonl --candidate after.jsonl
  benchsuite gate --replay results/gates/20260101-120000/pairs.jsonl
\b
Exit status, the first that holds:
{EXITS}"""
)
@selection
@sides
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    default="pyproject.toml",
    show_default=True,
    help="file whose [tool.benchsuite.gate] says what to measure and how strict to be",
)
@click.option("--minimum-effect", type=Width(), help="the change one would not want to miss [default: 3%]")
@click.option("--budget", type=Duration(), help="start no further pairs when this much time is spent")
@click.option("--strict", is_flag=True, help="exit status 3 where a job is unclear, ungateable or incomparable")
@click.option("--aa", type=click.IntRange(1, 10_000), help="gate the base against itself so often; print false alarms")
@click.option("--replay", type=click.Path(path_type=Path), help="judge the pairs of an earlier gate, measuring nothing")
@click.option(
    "--output", type=click.Path(path_type=Path), help="folder for the verdict's files [default: results/gates/DATE]"
)
def command(
    base: str | None,
    candidate: str | None,
    timeout: float,
    policy: Path,
    minimum_effect: float | None,
    budget: float | None,
    aa: int | None,
    replay: Path | None,
    output: Path | None,
    *,
    strict: bool,
    **asked: Any,
) -> None:
    """Measure two environments in turn and say whether the candidate is slower than the base."""
    folder = fresh(output or Path("results/gates") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}")
    with _told_in_every_case(folder):
        gate = _gate(policy, minimum_effect, budget, strict=strict)
        if replay is not None:
            _replay(replay, gate, folder)
        if is_stored(base, candidate) and base is not None and candidate is not None:
            _leave(*judged(base, candidate, gate, asked), None, folder)
        if base is None:
            raise UsageError("--base is missing: name the side to compare with, such as --base origin/main")
        if aa is not None and candidate is not None:
            raise UsageError(f"--aa gates the base against itself, so --candidate {candidate!r} has no part: drop it")
        begun = begin(base, base if aa else candidate, settings(gate, asked), timeout)
        if aa is not None:
            _count(begun, aa, gate, folder)
        leave(begun.header, measure(begun, gate, folder / "pairs.jsonl"), gate, folder)


@contextlib.contextmanager
def _told_in_every_case(folder: Path) -> Iterator[None]:
    """Leave a verdict.json also where there is none to give."""
    try:
        yield
    except BenchsuiteError as error:
        # Where the folder is what is amiss, it is the first error that tells.
        with contextlib.suppress(UsageError):
            _told(folder, {"exit_status": USAGE, "error": str(error)})
        raise
    except KeyboardInterrupt:
        with contextlib.suppress(UsageError):
            _told(folder, {"exit_status": INTERRUPTED, "error": "interrupted"})
        for path in sorted(folder.glob("*.jsonl")):
            click.echo(f"interrupted; what was measured is kept: benchsuite gate --replay {path}", err=True)
        raise


def _gate(path: Path, minimum_effect: float | None, budget: float | None, *, strict: bool) -> Gate:
    """The gate of the policy's file, with what the command line says instead."""
    named = click.get_current_context().get_parameter_source("policy") != ParameterSource.DEFAULT
    if named and not path.exists():
        raise UsageError(f"--policy {str(path)!r} is no file")
    gate = read_gate(path)
    limits = gate.policy
    if minimum_effect is not None:
        limits = consistent(dataclasses.replace(limits, minimum_effect=minimum_effect))
    return dataclasses.replace(
        gate, policy=limits, budget=gate.budget if budget is None else budget, strict=strict or gate.strict
    )


def _replay(path: Path, gate: Gate, folder: Path) -> NoReturn:
    stored = read_duet(path)
    if stored.torn:
        say(f"note: {path}: {stored.torn}", err=True)
    leave(stored.duet, judge(stored.pairs, gate.policy, gate.metric), gate, folder)


def _count(begun: Begun, runs: int, gate: Gate, folder: Path) -> NoReturn:
    """The gate against itself; the status says only whether anything was compared, or that it was interrupted."""
    counts: dict[str, Any] = {}
    status = INTERRUPTED
    try:
        for counts in against_itself(begun, runs, lambda b, n: measure(b, gate, folder / f"aa-{n + 1:03}.jsonl")):
            _told(
                folder, {"exit_status": INTERRUPTED, "error": f"{counts['suite_runs']} of {runs} runs done", **counts}
            )
        status = FINE if counts["comparisons"] else MISSING
    except KeyboardInterrupt:
        if not counts:
            raise
        click.echo(f"interrupted after {counts['suite_runs']} of {runs} runs", err=True)
    else:
        _told(folder, {"exit_status": status, **counts})
    print(sentence(counts))
    sys.exit(status)


def measure(begun: Begun, gate: Gate, path: Path) -> Judgement:
    """Both stages, every pair on disk before the next one starts."""
    with Writer(path) as writer:
        writer.append(begun.header)
        session = Session(begun.sides, gate.policy, writer.append, Lines(stages=True), gate.metric, gate.budget)
        session.gate(begun.jobs)
    return judge(session.pairs, gate.policy, gate.metric)


def leave(duet: Duet, judgement: Judgement, gate: Gate, folder: Path) -> NoReturn:
    """Show and write the verdicts of a duet, and leave with the status that tells."""
    verdicts = (*judgement.verdicts, *duet.unpaired)
    status = exit_status(verdicts, refused=judgement.unfit is not None, strict=gate.strict)
    found = section(f"Gate: {_TITLES[status]}", duet, judgement, gate.policy, status)
    _leave(found, status, judgement.unfit, folder)


def _leave(found: Section, status: int, unfit: str | None, folder: Path) -> NoReturn:
    written = present(found, unfit, folder)
    if annotated():
        print("\n".join(lines(found.verdicts, unfit)))
        if (place := os.environ.get("GITHUB_STEP_SUMMARY")) is not None:
            _summarize(Path(place), next(path for path in written if path.suffix == ".md"))
    sys.exit(status)


def _summarize(place: Path, document: Path) -> None:
    """Add the verdicts to the job's summary, which has no pictures; should that fail, the verdict stands."""
    lines = document.read_text(encoding="utf-8").splitlines(keepends=True)
    try:
        with place.open("a", encoding="utf-8") as file:
            file.writelines(line for line in lines if not line.startswith("!["))
    except OSError as error:
        click.echo(f"note: cannot write the job's summary to {place}: {error.strerror}", err=True)


def _told(folder: Path, data: object) -> None:
    try:
        write_verdict(folder, data)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}; choose another --output") from None
