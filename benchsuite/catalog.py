"""What there is: workloads and backends by entry point, jobs by pattern."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from benchsuite.backend import Backend
from benchsuite.errors import UsageError, did_you_mean
from benchsuite.plugins import BACKENDS, WORKLOADS, installed, said
from benchsuite.records import PRECISIONS, AxisValue, Case, Job
from benchsuite.records.case import parse_axes
from benchsuite.workload import Grid, Program, Workload

PRESETS = ("smoke", "quick", "full", "sweep")


@dataclass(frozen=True)
class Entry:
    """A job, and why it cannot run here if it is known that it cannot."""

    job: Job
    reason: str | None


def workloads() -> dict[str, Workload]:
    """Every installed workload by name; those of plug-ins that are `broken` are passed over."""
    return cast("dict[str, Workload]", installed(WORKLOADS).found)


def backends() -> dict[str, Backend]:
    """Every installed backend by name, common ones first; those of plug-ins that are `broken` are passed over."""
    found = cast("dict[str, Backend]", installed(BACKENDS).found)
    return dict(sorted(found.items(), key=lambda item: not is_common(item[1])))


def broken() -> dict[str, str]:
    """Plug-ins that give no workload or backend, by name, each with what is wrong."""
    return {**installed(WORKLOADS).faults, **installed(BACKENDS).faults}


def absence(backend: Backend) -> str | None:
    """Why a backend cannot run on this machine, None where it can. A plug-in that fails to answer is not here."""
    try:
        return backend.missing()
    except Exception as error:
        return f"it cannot say whether its device is here: {said(error)}"


def is_common(backend: Backend) -> bool:
    """Whether a backend is listed, with its reason, even where its device is absent."""
    return getattr(backend, "common", True)


def select(
    patterns: Sequence[str], backend_names: Sequence[str], precisions: Sequence[str], preset: str, threads: int
) -> tuple[Entry, ...]:
    """Jobs for `patterns` (all workloads where there are none). Raises UsageError with the nearest names.

    A pattern is a workload's name, with * and ?, and may fix axes: `attention-self/seq=128|512,batch=1`.
    """
    _known([preset], PRESETS, "preset")
    _known(precisions, PRECISIONS, "precision")
    chosen = _backends(backend_names)
    if patterns:
        found = (pair for pattern in patterns for pair in _named_cases(pattern, preset))
    else:
        found = (pair for workload in workloads().values() for pair in _preset_cases(workload, preset))
    cases: dict[Case, bool] = {}
    for case, everywhere in found:
        cases[case] = cases.get(case, False) or everywhere
    return tuple(
        Entry(Job(case, name, precision, threads), absence(backend) or _refusal(backend, program, precision))
        for case, everywhere in cases.items()
        for program in [workloads()[case.workload].program]
        for precision in dict.fromkeys(precisions)
        for name, backend in chosen.items()
        if everywhere or (backend.device != "cpu" and absence(backend) is None)
    )


def imports_of(jobs: Sequence[Job]) -> list[str]:
    """Modules that any of `jobs` needs, torch first, in an order that does not depend on theirs.

    What two modules share is paid by the first, so that times to import would vary with the shuffling of jobs.
    """
    needed: dict[str, None] = {}
    for job in sorted(jobs, key=lambda job: job.id):
        needed |= dict.fromkeys(backends()[job.backend].imports)
        needed |= dict.fromkeys(workloads()[job.case.workload].imports)
    return list(needed)


def _backends(names: Sequence[str]) -> dict[str, Backend]:
    """Those named, with * and ?; without names every common one and any other whose device is here."""
    if not names:
        return {n: b for n, b in backends().items() if is_common(b) or absence(b) is None}
    chosen: dict[str, Backend] = {}
    for pattern in names:
        _sound(pattern, BACKENDS)
        matching = fnmatch.filter(backends(), pattern)
        if not matching:
            _known([pattern], backends(), "backend")
        chosen |= {n: backends()[n] for n in matching}
    return chosen


def _preset_cases(workload: Workload, preset: str, fixed: Grid = MappingProxyType({})) -> Iterable[tuple[Case, bool]]:
    """A workload's part of a preset: cases, and whether they are for all or for accelerators that are here alone."""
    grid, further = workload.presets.get(preset), workload.accelerated.get(preset)
    common = [] if grid is None else list(workload.cases({**grid, **fixed}))
    yield from ((case, True) for case in common)
    if further is not None:
        yield from ((case, False) for case in workload.cases({**further, **fixed}) if case not in common)


def _named_cases(pattern: str, preset: str) -> Iterable[tuple[Case, bool]]:
    """What a pattern chooses: of a workload outside the preset its default point."""
    name, _, axes = pattern.partition("/")
    _sound(name, WORKLOADS)
    matching = fnmatch.filter(workloads(), name)
    if not matching:
        _known([name], workloads(), "workload")
    for workload in (workloads()[m] for m in matching):
        fixed = _fixed(workload, axes)
        if preset not in workload.presets:
            yield from ((case, True) for case in workload.cases(fixed))
        yield from _preset_cases(workload, preset, fixed)


def _fixed(workload: Workload, axes: str) -> Grid:
    fixed = parse_axes(axes) if axes else {}
    if fixed and not workload.axes:
        name = workload.name
        raise UsageError(f"unknown axis of {name} {next(iter(fixed))!r}: it has no axes, write {name} alone")
    _known(fixed, workload.axes, f"axis of {workload.name}")
    for axis, values in fixed.items():
        for value in values:
            if wanted := _wanted(workload, axis, value):
                example = f"{axis}={workload.axes[axis]}"
                raise UsageError(f"{value!r} is no value of {workload.name}'s {axis}: write {wanted}, as in {example}")
    return fixed


def _wanted(workload: Workload, axis: str, value: AxisValue) -> str | None:
    """What `axis` takes in place of `value`, None where that is it."""
    if isinstance(workload.axes[axis], str):
        return None if isinstance(value, str) else "a word"
    if isinstance(value, str):
        return "a whole number"
    numbers = workload.numbers(axis)
    return None if value in numbers else f"a whole number from {numbers[0]} to {numbers[-1]}"


def _known(values: Iterable[str], known: Iterable[str], what: str) -> None:
    names = list(known)
    for value in values:
        if value not in names:
            raise UsageError(f"unknown {what} {value!r}: {did_you_mean(value, names)}")


def _sound(pattern: str, group: str) -> None:
    """Raise UsageError where a pattern asks for what cannot be loaded: left out in silence, it would seem measured."""
    faults = installed(group).faults
    for name in fnmatch.filter(faults, pattern):
        raise UsageError(f"plug-in {name} {faults[name]}: repair it, or uninstall it")


def _refusal(backend: Backend, program: type[Program], precision: str) -> str | None:
    try:
        return backend.refuses(program, precision)
    except Exception as error:
        return f"it cannot say whether it does this: {said(error)}"
