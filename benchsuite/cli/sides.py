"""Finding the stored runs that a side of a comparison is made of."""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchsuite.archive import SUFFIXES, Place, called, read
from benchsuite.cli.terminal import say
from benchsuite.errors import RecordError, UsageError, did_you_mean
from benchsuite.medians import medians_of
from benchsuite.records import Reading, Series
from benchsuite.remote import is_url, listed, local

BASELINES = Path("results", "baselines")
STANDARD_INPUT = "-"
_LARGE = 32 * 2**20


def baseline(name: str) -> Path:
    """The folder of a stored baseline. Raises UsageError where there is none of that name."""
    known = sorted(folder.name for folder in BASELINES.iterdir() if folder.is_dir()) if BASELINES.is_dir() else []
    if name in known:
        return BASELINES / name
    hint = did_you_mean(name, known) if known else f"{BASELINES} holds none, seen from here"
    raise UsageError(f"unknown --baseline {name!r}: {hint}")


def of_preset(base: Sequence[Reading], candidate: Sequence[Reading]) -> tuple[Reading, ...]:
    """The runs of a baseline with a preset that the candidate has, or all of them: presets have jobs of their own."""
    presets = {reading.run.settings.preset for reading in candidate}
    return tuple(reading for reading in base if reading.run.settings.preset in presets) or tuple(base)


def sides(names: Sequence[str], metric: str) -> list[tuple[Reading, ...]]:
    """The runs of each side: a file, every *.jsonl of a folder (else every *.json), a URL of either, or standard input.

    Raises UsageError and RecordError.
    """
    files = {name: _files(name) for name in names if name != STANDARD_INPUT}
    every = list(dict.fromkeys(file for found in files.values() for file in found))
    read = dict(zip(every, _read(every, metric), strict=True))
    piped = [medians_of(sys.stdin.buffer, "standard input", metric)] if STANDARD_INPUT in names else []
    for reading in (*read.values(), *piped):
        if reading.torn:
            say(f"note: {reading.name}: {reading.torn}", err=True)
    found = [tuple(read[file] for file in files[name]) if name in files else tuple(piped) for name in names]
    for readings in found:
        _distinct(readings)
    return found


def side(name: str, metric: str) -> tuple[Reading, ...]:
    """The runs of one side."""
    return sides([name], metric)[0]


def _read(files: Sequence[Place], metric: str) -> list[Reading]:
    """Large files are read at the same time, each by a process of its own."""
    workers = min(len(files), os.cpu_count() or 1)
    if workers < 2 or sum(f.stat().st_size for f in files if isinstance(f, Path) and f.is_file()) < _LARGE:
        return [read(file, metric) for file in files]
    from concurrent.futures import ProcessPoolExecutor

    readings = []
    with ProcessPoolExecutor(workers) as pool:
        for item in pool.map(functools.partial(_read_or_fail, metric=metric), files):
            if not isinstance(item, Reading):
                raise RecordError(*item)
            readings.append(item)
    return readings


def _read_or_fail(file: Place, metric: str) -> Reading | tuple[str, int, str]:
    # A RecordError does not survive the way between processes.
    try:
        return read(file, metric)
    except RecordError as error:
        return str(error.path), error.line, error.reason


def _files(name: str) -> Sequence[Place]:
    if is_url(name):
        found = next(filter(None, (listed(name, (suffix,)) for suffix in SUFFIXES)), [])
        if not found:
            raise UsageError(f"{called(name)} holds no *.jsonl or *.json file: name a folder of stored runs")
        return found
    path = local(name) or Path(name)
    try:
        inside = (sorted(path.glob(f"*{suffix}")) for suffix in SUFFIXES)
        # Beside runs of ours, other JSON is most likely a verdict on them.
        files = next(filter(None, inside), []) if path.is_dir() else [path]
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    if not files:
        raise UsageError(f"{path} holds no *.jsonl or *.json file: name a folder of stored runs")
    return files


def _distinct(readings: Sequence[Reading]) -> None:
    """Copies of one run would pass for sessions that agree."""
    seen: dict[tuple[float, str], str] = {}
    for reading in readings:
        run = (reading.run.started, reading.run.environment.host)
        if run in seen:
            raise UsageError(f"{reading.name} is the same run as {seen[run]}: a side counts each run once; remove one")
        seen[run] = reading.name


def narrowed(
    sides: Sequence[tuple[Reading, ...]], only: Sequence[str], backends: Sequence[str], precisions: Sequence[str] = ()
) -> list[tuple[Reading, ...]]:
    """The sides with the jobs that match a pattern of each kind. Raises UsageError where one matches no job.

    Of `precisions` one that no job has is passed over.
    """
    every = [series for readings in sides for reading in readings for series in reading.series.values()]
    for pattern in only:
        if not any(_job_matches(series, pattern) for series in every):
            raise UsageError(
                f"{pattern!r} matches no job: {did_you_mean(pattern, sorted({s.workload for s in every}))}"
            )
    for pattern in backends:
        if not any(fnmatch.fnmatchcase(series.backend, pattern) for series in every):
            known = sorted({s.backend for s in every})
            raise UsageError(f"--backend {pattern!r} matches no job: {did_you_mean(pattern, known)}")
    return [tuple(_narrowed(reading, only, backends, precisions) for reading in readings) for readings in sides]


def _narrowed(reading: Reading, only: Sequence[str], backends: Sequence[str], precisions: Sequence[str]) -> Reading:
    kept = {
        job: series
        for job, series in reading.series.items()
        if (not only or any(_job_matches(series, pattern) for pattern in only))
        and (not backends or any(fnmatch.fnmatchcase(series.backend, pattern) for pattern in backends))
        and (not precisions or series.precision in precisions)
    }
    return dataclasses.replace(reading, series=kept)


def _job_matches(series: Series, pattern: str) -> bool:
    """Whether a pattern is that of its workload, of its whole id, or as for a run: a workload with axes fixed."""
    if fnmatch.fnmatchcase(series.workload, pattern) or fnmatch.fnmatchcase(series.job, pattern):
        return True
    name, _, fixed = pattern.partition("/")
    case = series.job.removeprefix(f"{series.workload}/").rpartition("@")[0]
    axes = dict(axis.partition("=")[::2] for axis in case.split(","))
    wanted = [axis.partition("=") for axis in fixed.split(",")]
    return fnmatch.fnmatchcase(series.workload, name) and all(
        axes.get(axis) in values.split("|") for axis, _, values in wanted
    )
