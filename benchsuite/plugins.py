"""Plug-ins: what entry points give, each checked, so that a broken one is named and takes nothing else with it."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from typing import Any

from benchsuite import harmless
from benchsuite.workload import Workload

WORKLOADS, BACKENDS = "benchsuite.workloads", "benchsuite.backends"
_NAME = re.compile(r"\w[\w.+-]{0,99}", re.ASCII)  # nothing that means something else in a pattern or a job's id
_PARTS_OF_A_BACKEND = ("name", "device", "imports", "missing", "refuses", "check", "prepare")
_LONGEST_REASON = 300


@dataclass(frozen=True)
class Installed:
    """What a group of entry points gives, by name; and the plug-ins that give nothing, each with what is wrong."""

    found: Mapping[str, Any]
    faults: Mapping[str, str]


@functools.cache
def installed(group: str) -> Installed:
    """The plug-ins of a group, loaded."""
    entries, faults = _entries(group)
    found: dict[str, Any] = {}
    for entry in entries:
        try:
            found[entry.name] = _checked(entry.name, entry.load(), group)
        except Exception as error:  # a stranger's module may raise anything, and the others are sound
            faults[harmless.line(entry.name)] = f"({harmless.line(entry.value)}) cannot be loaded: {said(error)}"
    return Installed(found, faults)


def said(error: Exception) -> str:
    """What a stranger's error is and says, on one harmless line."""
    try:
        text = str(error)
    except Exception:
        text = ""
    return harmless.line(f"{type(error).__name__}: {text}" if text else type(error).__name__)[:_LONGEST_REASON]


def _entries(group: str) -> tuple[Sequence[EntryPoint], dict[str, str]]:
    """The entry points of a group, and the packages whose own list of them cannot be read."""
    try:
        return tuple(entry_points(group=group)), {}
    except Exception:  # one damaged package hides all that are installed
        return _one_by_one(group)


def _one_by_one(group: str) -> tuple[Sequence[EntryPoint], dict[str, str]]:
    found: dict[str, EntryPoint] = {}
    faults: dict[str, str] = {}
    for package in distributions():
        try:
            for entry in package.entry_points.select(group=group):
                found.setdefault(entry.name, entry)
        except Exception as error:
            faults[_called(package)] = f"has no list of entry points that can be read: {said(error)}"
    return tuple(found.values()), faults


def _called(package: Distribution) -> str:
    try:
        return harmless.line(package.name)
    except Exception:
        return "without a name"


def _checked(name: str, found: Any, group: str) -> Any:
    """The same. Raises TypeError or ValueError where it is no workload or backend."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:40]!r} is no name: letters, digits and any of _.+- are")
    if group == BACKENDS:
        lacking = [part for part in _PARTS_OF_A_BACKEND if not hasattr(found, part)]
        if lacking:
            raise TypeError(f"it is no backend, it lacks {', '.join(lacking)}")
    elif not isinstance(found, Workload):
        raise TypeError(f"it is a {type(found).__name__}, not a Workload")
    elif found.name != name:
        raise ValueError(f"it calls itself {found.name[:40]!r}")
    return found
