"""`benchsuite compare`: stored runs against each other, with a verdict on every job."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchsuite.cli.options import Width
from benchsuite.cli.sides import STANDARD_INPUT, baseline, narrowed, of_preset, sides
from benchsuite.cli.status import FINE, MISSING, REFUSED, SLOWER, UNCLEAR
from benchsuite.cli.terminal import unobeyed
from benchsuite.errors import UsageError, did_you_mean
from benchsuite.records import METRICS, Reading

if TYPE_CHECKING:
    from benchsuite.analysis.compare import Comparison
    from benchsuite.report.ranking import Section


@click.command(
    epilog="""\b
A report is a stored run, a folder of them (the sessions of one side), or - for standard input.
\b
Examples:
  benchsuite compare before.jsonl after.jsonl
  benchsuite compare before/ after/ --treatment torch --output verdicts
  benchsuite compare --baseline my-machine after.jsonl --only 'gpt2-*' --group-by backend
  ssh there cat run.jsonl | benchsuite compare before.jsonl - --json
\b
Exit status, the first that holds, the most serious of several candidates:
  2  wrong usage, or a report that cannot be read
  4  not comparable: the machines, or every single job
  5  a job of the base is missing, failed or wrong in the candidate, or no job is measured on both sides
  1  a job is slower (never with --force where the machines are not comparable)
  3  with --strict: a job is unclear or incomparable
  0  none of these"""
)
@click.argument("reports", nargs=-1, required=True, metavar="[BASE] CANDIDATE...")
@click.option("--baseline", "base_name", metavar="NAME", help="base: results/baselines/NAME, of the same preset")
@click.option("--metric", default="time/latency", show_default=True, help="what to compare")
@click.option("--only", multiple=True, metavar="PATTERN", help="jobs or workloads to compare; repeatable")
@click.option("--backend", "backends", multiple=True, metavar="PATTERN", help="backends to compare; repeatable")
@click.option(
    "--treatment", "treatments", multiple=True, metavar="PACKAGE", help="a package meant to differ; repeatable"
)
@click.option("--minimum-effect", type=Width(), default="3%", show_default=True, help="a change that matters")
@click.option("--tolerance", type=Width(), default="1%", show_default=True, help="a change that nobody minds")
@click.option("--group-by", type=click.Choice(["workload", "backend", "precision", "outcome"]), help="means of groups")
@click.option("--force", is_flag=True, help="compare what is not comparable; its verdicts are informational")
@click.option("--strict", is_flag=True, help="exit status 3 where a job is unclear or incomparable")
@click.option("--output", type=click.Path(path_type=Path), help="folder for verdict.md, .csv, .json and ratios.png")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(
    reports: tuple[str, ...],
    base_name: str | None,
    metric: str,
    only: tuple[str, ...],
    backends: tuple[str, ...],
    treatments: tuple[str, ...],
    minimum_effect: float,
    tolerance: float,
    group_by: str | None,
    output: Path | None,
    *,
    force: bool,
    strict: bool,
    as_json: bool,
) -> None:
    """Compare stored runs with a base: what is slower, faster, the same, or cannot be told from noise."""
    from benchsuite.analysis.compare import Rule, compare
    from benchsuite.cli.headline import section

    if metric not in METRICS:
        raise UsageError(f"unknown metric {metric!r}: {did_you_mean(metric, METRICS)}")
    if tolerance > minimum_effect:
        raise UsageError(f"--tolerance {tolerance:g} is more than --minimum-effect {minimum_effect:g}: lower it")
    rule = Rule(tolerance, minimum_effect)
    # A hundred thousand series without a cycle among them: looking for one takes a quarter of the time.
    gc.disable()
    try:
        base, *candidates = narrowed(sides(_named(reports, base_name), metric), only, backends)
        _known(treatments, [base, *candidates])
        bases = [of_preset(base, one) if base_name is not None else base for one in candidates]
        pairs = list(zip(bases, candidates, strict=True))
        found = [compare(*pair, rule, treatments, forced=force) for pair in pairs]
        sections = [section(*pair, comparison, rule) for pair, comparison in zip(pairs, found, strict=True)]
        worst = max((status(comparison, strict=strict) for comparison in found), key=_GRAVITY.index)
        present(sections, worst, group_by, output, as_json=as_json)
    finally:
        gc.enable()
    sys.exit(worst)


# From what is least to what is most serious.
_GRAVITY = (FINE, UNCLEAR, SLOWER, MISSING, REFUSED)


def status(comparison: Comparison, *, strict: bool) -> int:
    """The exit status that one comparison deserves."""
    verdicts = comparison.verdicts
    both = [v for v in verdicts if v.base is not None and v.candidate is not None]
    if comparison.judgement.level == "not comparable" and not comparison.informational:
        return REFUSED
    if both and all(v.outcome == "incomparable" for v in both):
        return REFUSED
    if not both or any(v.outcome in ("removed", "failed", "wrong") for v in verdicts):
        return MISSING
    if any(v.outcome == "slower" for v in verdicts) and not comparison.informational:
        return SLOWER
    return UNCLEAR if strict and any(v.outcome in ("unclear", "incomparable") for v in verdicts) else FINE


def present(sections: list[Section], code: int, by: str | None, folder: Path | None, *, as_json: bool) -> None:
    """Print and write the sections. Raises UsageError where they cannot be written."""
    from benchsuite.report.verdicts import as_data, write

    data = {"exit_status": code, "comparisons": as_data(sections)} if as_json or folder else {}
    if as_json:
        print(json.dumps(data, indent=1))
    else:
        from rich.console import Console

        from benchsuite.report.verdict_text import show

        with unobeyed():
            show(sections, Console(), by)
    if folder is None:
        return
    try:
        written = write(sections, folder, by, data)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}; choose another --output") from None
    click.echo(f"Written to {folder}: {', '.join(p.name for p in written)}", err=as_json)


def _named(reports: tuple[str, ...], base_name: str | None) -> tuple[str, ...]:
    """The names of the base, then of each candidate."""
    named = (str(baseline(base_name)), *reports) if base_name is not None else reports
    if len(named) < 2:
        raise UsageError("there is nothing to compare it with: name a base and a candidate, or a --baseline")
    if named.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input can be read only once: - stands for one report")
    return named


def _known(treatments: Sequence[str], every: Sequence[Sequence[Reading]]) -> None:
    from benchsuite.analysis.comparable import packages

    names = sorted(packages(reading.run for readings in every for reading in readings))
    for treatment in treatments:
        if treatment not in names:
            raise UsageError(f"--treatment {treatment!r} is no package of these runs: {did_you_mean(treatment, names)}")
