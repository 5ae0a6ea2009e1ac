"""How to have the same measured again: command, versions, seeds, files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from benchsuite.records import Settings
from benchsuite.report.part import Part
from benchsuite.report.sheet import Sheet

_MODEL = re.compile(r"model-forward/model=([^,|]+)")
_BY_PYTEST = "pytest"


def reproduce(sheets: Sequence[Sheet]) -> Part:
    """What would repeat each run, and what it was measured with."""
    if len(sheets) == 1:
        return Part("Reproduce", facts=tuple(_facts(sheets[0])))
    parts = tuple(Part(f"Run {sheet.label}", facts=tuple(_facts(sheet))) for sheet in sheets)
    return Part("Reproduce", parts=parts)


def _facts(sheet: Sheet) -> Iterator[tuple[str, str]]:
    run, environment = sheet.stored.run, sheet.stored.run.environment
    settings = run.settings
    yield "command", command_line(settings)
    yield "benchsuite", f"{run.version}{f', commit {environment.commit}' if environment.commit else ''}"
    yield "versions", f"protocol {run.protocol}, schema {run.schema}"
    yield "seed", f"{settings.seed}, of weights, order of jobs and layout of processes"
    yield "sampling", f"{settings.sample_seconds:g} s a job and round, at least {settings.least_samples} samples"
    yield "Python", f"{environment.python} on {environment.system} {environment.kernel}"
    yield "packages", ", ".join(f"{name} {version}" for name, version in sorted(environment.packages.items()))
    yield "records", f"{len(sheet.stored.records)} in {sheet.stored.path.name}"
    if unreached := run.unreached(sheet.stored.records):
        count = f"{len(unreached)} job{'s' if len(unreached) > 1 else ''}"
        yield "not measured", f"{count}, since the run ended before their turn: {', '.join(unreached)}"


def command_line(settings: Settings) -> str:
    """The command that asks for the same; what was the preset's own is left to the preset."""
    if settings.preset == _BY_PYTEST:
        return "pytest --benchsuite-output FILE, once a round"
    return shlex.join(["benchsuite", "run", *_arguments(settings)])


def _arguments(settings: Settings) -> Iterator[str]:
    patterns, models = _parted(settings.patterns)
    yield from (pattern for pattern in patterns if not pattern.startswith("-"))
    for option, values in (("--model", models), ("--backend", settings.backends), ("--precision", settings.precisions)):
        for value in values:
            yield from (option, value)
    yield from ("--preset", settings.preset, "--threads", str(settings.threads))
    yield from _effort(settings)
    if settings.corpus:
        yield from ("--corpus", settings.corpus)
    yield from ("--seed", str(settings.seed))
    # Nobody runs such a pattern, but a file may hold one, and whoever runs this line is not to be given an option.
    odd = [pattern for pattern in patterns if pattern.startswith("-")]
    yield from ("--", *odd) if odd else ()


def _effort(settings: Settings) -> Iterator[str]:
    # A run that may add rounds until its preset's time was given neither rounds nor a width.
    if settings.extra_seconds is None:
        if settings.min_rounds == settings.max_rounds:
            yield from ("--rounds", str(settings.min_rounds))
        yield from ("--target-width", f"{settings.target_width:.9g}")
    if settings.budget_seconds is not None:
        yield from ("--budget", f"{settings.budget_seconds:.3f}".rstrip("0").rstrip("."))


def _parted(patterns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Patterns as they were written, and models that were given by --model: each left two patterns at the end."""
    left, models = list(patterns), list[str]()
    while (match := _MODEL.fullmatch(left[-2] if len(left) > 1 else "")) and left[
        -1
    ] == f"model-generate/model={match[1]}":
        models.insert(0, unquote(match[1]))
        del left[-2:]
    return left, models
