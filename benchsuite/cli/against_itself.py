"""The gate against itself: how often this machine raises an alarm over nothing."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import click

from benchsuite.analysis.duets import Judgement
from benchsuite.analysis.rates import clopper_pearson
from benchsuite.cli.duets import Begun
from benchsuite.report.ranking import OUTCOMES, summary

_COMPARED = ("slower", "faster", "same", "unclear", "ungateable")


def against_itself(begun: Begun, runs: int, measure: Callable[[Begun, int], Judgement]) -> Iterator[dict[str, Any]]:
    """Gate the base against its own copy `runs` times, each with a seed of its own; every alarm is false.

    What is counted so far, after each run.
    """
    seen: Counter[str] = Counter()
    for number in range(runs):
        start = time.monotonic()
        settings = dataclasses.replace(begun.header.settings, seed=begun.header.settings.seed + number)
        sides = dataclasses.replace(begun.sides, settings=settings)
        header = dataclasses.replace(begun.header, settings=settings)
        judgement = measure(dataclasses.replace(begun, sides=sides, header=header), number)
        outcomes = [v.outcome for v in judgement.verdicts]
        seen.update(outcomes)
        compared = sum(outcome in _COMPARED for outcome in outcomes)
        seen.update(runs=1, comparisons=compared, red="slower" in outcomes, unfit=judgement.unfit is not None)
        told = summary(judgement.verdicts) + (f" Unfit: {judgement.unfit}." if judgement.unfit else "")
        yield _counts(seen)  # before it is told, so that what was told is counted whatever comes next
        click.echo(f"run {number + 1} of {runs}, {time.monotonic() - start:.0f} s: {told}", err=True)


def _counts(seen: Counter[str]) -> dict[str, Any]:
    return {
        "suite_runs": seen["runs"],
        "suite_runs_red": seen["red"],
        "suite_runs_unfit": seen["unfit"],
        "red_suite_rate": clopper_pearson(seen["red"], seen["runs"]),
        "comparisons": seen["comparisons"],
        "false_alarms": seen["slower"],
        "false_alarm_rate": clopper_pearson(seen["slower"], seen["comparisons"]),
        "false_improvements": seen["faster"],
        "unclear": seen["unclear"],
        "ungateable": seen["ungateable"],
        "not_compared": sum(seen[outcome] for outcome in OUTCOMES if outcome not in _COMPARED),
    }


def sentence(found: dict[str, Any]) -> str:
    """What the counts say."""
    low, high = (1000 * x for x in found["false_alarm_rate"])
    return (
        f"{found['false_alarms']} false alarms in {found['comparisons']} comparisons ({low:.2g} to {high:.2g} per "
        f"1000, 95 %), {found['suite_runs_red']} of {found['suite_runs']} suite runs red; "
        f"{found['false_improvements']} false improvements, {found['unclear']} unclear, {found['ungateable']} "
        f"ungateable, {found['not_compared']} not compared, {found['suite_runs_unfit']} runs unfit."
    )
