"""Runs that are stored at a URL: a file here, as of every run, and a copy of it there, renewed between jobs."""

from __future__ import annotations

import math
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchsuite import remote
from benchsuite.cli.terminal import say
from benchsuite.errors import UsageError
from benchsuite.records import Record
from benchsuite.remote import Remote

RUNS = Path("results/runs")
_SECONDS_BETWEEN = 60.0
_SECONDS_AFTER_FAILURE = 600.0


@dataclass(frozen=True)
class Target:
    """Where a run is stored: its file here and, where that was asked for, the URL of its copy."""

    path: Path
    url: str | None = None

    @property
    def name(self) -> str:
        """What it goes by, fit to be shown."""
        return str(self.path if self.url is None else Remote(self.url))


def beside(url: str) -> Path:
    """Where the file of a run at a URL, and a report on it, is here: below `results/runs` by its host and path.

    Raises UsageError where the path leads upwards.
    """
    parts = [part for part in str(Remote(url)).partition("://")[2].split("/") if part]
    if ".." in parts:
        raise UsageError(f"{Remote(url)} leads upwards: name the file without ..")
    return RUNS.joinpath(*(re.sub(r"[^\w.@=+-]", "_", part) for part in parts))


def begun(output: str | None, preset: str) -> Target:
    """Where a new run is to be stored; a URL that ends in / is a folder.

    Raises UsageError where there is something already, here or at the URL, and where the URL cannot be asked.
    """
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{preset}.jsonl"
    if output is None:
        return Target(RUNS / name)
    if not remote.is_url(output):
        target = Target(remote.local(output) or Path(output))
    else:
        url = output + name if output.endswith("/") else output
        target = Target(_file_of(url), url)
    taken = str(target.path) if target.path.exists() and target.path.stat().st_size else ""
    if not taken and target.url is not None and remote.holds(target.url):
        taken = target.name
    if taken:
        raise UsageError(f"{taken} exists: choose another --output, or go on with it by --resume {target.name}")
    return target


def resumed(name: str) -> Target:
    """Where a run is stored that is gone on with; what is at a URL is brought here first. Raises UsageError."""
    if not remote.is_url(name):
        return Target(remote.local(name) or Path(name))
    target = Target(_file_of(name), name)
    if remote.holds(name):
        _bring(target.path, name)
    elif not target.path.exists():
        raise UsageError(f"cannot read {target.name}: there is no such file")
    return target


def _file_of(url: str) -> Path:
    path = beside(url)
    if path.parent == RUNS:
        raise UsageError(f"{Remote(url)} names no file: name one, or a folder by a / at the end")
    return path


def _bring(path: Path, url: str) -> None:
    """Bring what is at a URL here, unless what is here goes on from it: a run's file only grows, and at its end."""
    with tempfile.TemporaryDirectory(prefix="benchsuite-") as folder:
        copy = Path(folder, "copy")
        remote.fetch(Remote(url), copy)
        ours, theirs = _whole_lines(path), _whole_lines(copy)
    if ours.startswith(theirs):
        return
    if not theirs.startswith(ours):
        raise UsageError(f"{path} and {Remote(url)} are not the same run: move one of them away")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(theirs)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; it is where {Remote(url)} is brought") from None


def _whole_lines(path: Path) -> bytes:
    data = path.read_bytes() if path.exists() else b""
    return data[: data.rfind(b"\n") + 1]


class Copy:
    """The copy of a run at a URL, if it has one: renewed while nothing is measured, once a minute and when asked for.

    Where that fails the run goes on, since its file here is whole, and it is tried again later.
    """

    def __init__(self, target: Target, now: Callable[[], float] = time.monotonic) -> None:
        self._target, self._now = target, now
        self._due, self._failed = -math.inf, False

    def after(self, save: Callable[[Record], None]) -> Callable[[Record], None]:
        """`save`, and after it the copy where that is due."""

        def save_and_copy(record: Record) -> None:
            save(record)
            if self._target.url is not None and self._now() >= self._due:
                self._renew("the run goes on, and its file here is whole")

        return save_and_copy

    def last(self) -> bool:
        """Copy once more, now that all is measured; whether the copy is whole, or none was asked for."""
        self._failed = False
        if self._target.url is not None:
            self._renew(
                f"{self._target.path} is whole. Copy it there, or have it copied by going on with it: "
                f"benchsuite run --resume {self._target.name}"
            )
        return not self._failed

    def _renew(self, otherwise: str) -> None:
        assert self._target.url is not None
        failed = False
        try:
            remote.put(self._target.path, self._target.url)
        except UsageError as error:
            failed = True
            if not self._failed:
                say(f"note: {error}; {otherwise}", err=True)
        self._failed = failed
        self._due = self._now() + (_SECONDS_AFTER_FAILURE if failed else _SECONDS_BETWEEN)
