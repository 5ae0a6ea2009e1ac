"""The gate on two stored reports: the rule of `compare`, the limits of the policy."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from benchsuite.analysis.compare import Rule, compare
from benchsuite.analysis.duets import AUTO
from benchsuite.archive import SUFFIXES
from benchsuite.cli.compare import status
from benchsuite.cli.headline import section
from benchsuite.cli.policy import Gate
from benchsuite.cli.sides import narrowed, side
from benchsuite.cli.status import FINE, UNCLEAR
from benchsuite.errors import UsageError
from benchsuite.regular import expanded
from benchsuite.remote import is_url
from benchsuite.report.ranking import Section
from benchsuite.runner.sides import is_source


def is_stored(base: str | None, candidate: str | None) -> bool:
    """Whether the sides are stored reports. Raises UsageError where one is and the other is not."""
    kinds = {side is not None and _is_report(side) for side in (base, candidate)}
    if len(kinds) > 1:
        stored, other = (base, candidate) if base is not None and _is_report(base) else (candidate, base)
        rest = "the other side is missing" if other is None else f"{other!r} is not"
        raise UsageError(f"{stored!r} is a stored report and {rest}: name two stored reports, or two environments")
    return kinds == {True}


def _is_report(side: str) -> bool:
    if is_url(side):
        return urlsplit(side).path.endswith(("/", *SUFFIXES))
    path = expanded(side)
    if path.is_dir():
        return any(path.glob("*.jsonl")) and not is_source(side) and not (path / "bin/python").exists()
    return path.suffix in SUFFIXES


def judged(base: str, candidate: str, gate: Gate, asked: Mapping[str, Any]) -> tuple[Section, int]:
    """The verdicts on the jobs that are `asked` for, or those of the policy, and the exit status that they deserve.

    Raises UsageError and RecordError.
    """
    rule = Rule(gate.policy.tolerance, gate.policy.minimum_effect)
    metric = "time/latency" if gate.metric == AUTO else gate.metric
    chosen: list[Sequence[str]] = [
        asked[kind] or getattr(gate, kind) for kind in ("patterns", "backends", "precisions")
    ]
    ours, theirs = narrowed([side(base, metric), side(candidate, metric)], *chosen)
    comparison = compare(ours, theirs, rule)
    found = status(comparison, strict=gate.strict)
    # A gate that could tell nothing of any job is no pass, where a comparison merely says so.
    if found == FINE and not any(v.outcome in ("faster", "same") for v in comparison.verdicts):
        found = UNCLEAR
    told = section(ours, theirs, comparison, rule)
    return dataclasses.replace(told, extra={**told.extra, "exit_status": found, "unfit": None}), found
