"""The gate's policy: what a project asks for in its pyproject.toml."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchsuite import units
from benchsuite.analysis.duets import AUTO
from benchsuite.analysis.gate import Policy
from benchsuite.errors import UsageError, did_you_mean
from benchsuite.records import METRICS
from benchsuite.regular import read_text

LONGEST = 2**20


@dataclass(frozen=True)
class Gate:
    """What `[tool.benchsuite.gate]` says: which jobs (empty: it does not say), the rule's limits, how strict to be."""

    patterns: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    preset: str = "quick"
    metric: str = AUTO
    budget: float | None = None
    strict: bool = False
    policy: Policy = field(default_factory=Policy)


def read_gate(path: Path) -> Gate:
    """The gate of a pyproject.toml; the default one where there is no such file or table. Raises UsageError."""
    if not path.exists():
        return Gate()
    try:
        text = read_text(path, LONGEST + 1)
        if len(text) > LONGEST:
            raise UsageError(f"{path} is over the limit of {LONGEST} characters: name a smaller --policy")
        table = tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{path} cannot be read as TOML: nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"{path} cannot be read as TOML: {error}") from None
    for key in ("tool", "benchsuite", "gate"):
        table = table.get(key, {})
        if not isinstance(table, dict):
            raise UsageError(f"{path}: [tool.benchsuite.gate] is not a table")
    return _gate(table, f"{path}, [tool.benchsuite.gate]")


def _gate(table: dict[str, Any], where: str) -> Gate:
    own: dict[str, Any] = {}
    limits: dict[str, Any] = {}
    for key, value in table.items():
        reader = _READERS.get(key)
        if reader is None:
            raise UsageError(f"{where}: unknown key {key[:40]!r}: {did_you_mean(key[:40], _READERS)}")
        try:
            read = reader(value)
        except (TypeError, ValueError, UsageError) as error:
            raise UsageError(f"{where}: {key} = {repr(value)[:60]}: {error}") from None
        (limits if key in _LIMITS else own)[key.replace("-", "_")] = read
    try:
        return dataclasses.replace(Gate(**own), policy=consistent(Policy(**limits)))
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None


def consistent(policy: Policy) -> Policy:
    """The same policy. Raises UsageError where what is tolerated is more than what must not be missed."""
    tolerance, least = policy.tolerance, policy.minimum_effect
    if tolerance > least:
        raise UsageError(f"the tolerance {tolerance:g} is more than the minimum effect {least:g}: lower it")
    return policy


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise TypeError("write a list of strings")
    return tuple(value)


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("write a string")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("write true or false")
    return value


def _share(value: Any) -> float:
    """0.03 or "3%"."""
    text = str(value)
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise ValueError('write a ratio between 0 and 1, such as 0.03 or "3%"')
    return share


def _seconds(value: Any) -> float:
    if isinstance(value, str):
        return units.parse_duration(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise TypeError('write seconds, or a duration such as "10m"')
    return float(value)


def _duration(value: Any) -> float:
    seconds = _seconds(value)
    if not seconds:
        raise ValueError('write more than no time, such as "10m"')
    return seconds


def _known_metric(value: Any) -> str:
    if value not in (AUTO, *METRICS):
        raise ValueError(did_you_mean(str(value), (AUTO, *METRICS)))
    return str(value)


_LIMITS: dict[str, Callable[[Any], Any]] = {
    "minimum-effect": _share,
    "tolerance": _share,
    "absolute-floor": _seconds,
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "patterns": _words,
    "backends": _words,
    "precisions": _words,
    "preset": _word,
    "metric": _known_metric,
    "budget": _duration,
    "strict": _flag,
    **_LIMITS,
}
KEYS = tuple(_READERS)
