"""An archive: many stored runs, here or at URLs, each read once and from then on known by a digest in the cache."""

from __future__ import annotations

import contextlib
import functools
import gc
import multiprocessing
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path

from benchsuite import remote
from benchsuite.analysis.history import Columns, columns, moment, values
from benchsuite.digests import Digest, Digests, Packed, pack
from benchsuite.errors import BenchsuiteError, RecordError, UsageError
from benchsuite.imports import is_document, read_document
from benchsuite.medians import read_medians
from benchsuite.records import Reading, Run
from benchsuite.regular import state
from benchsuite.remote import Remote
from benchsuite.skim import skim

SUFFIXES = (".jsonl", ".json")
_WORTH_PROCESSES = 32 * 2**20
_AT_ONCE = 8  # so many files are under way from one or several servers

Place = Path | Remote


@dataclass(frozen=True)
class Unreadable:
    """A file that holds no run, and why."""

    name: str
    reason: str


def read(place: Place, metric: str) -> Reading:
    """The medians of a stored run, or of a file of another tool. Raises UsageError and RecordError."""
    with here(place) as path:
        return replace(_read(path, metric), name=str(place))


def _read(path: Path, metric: str) -> Reading:
    return read_document(path, metric) if is_document(path) else read_medians(path, metric)


@contextlib.contextmanager
def here(place: Place) -> Iterator[Path]:
    """A file, or a copy of one that is elsewhere; what is wrong with the copy is wrong with that."""
    if isinstance(place, Path):
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="benchsuite-") as folder:
        copy = Path(folder, "copy")
        remote.fetch(place, copy)
        try:
            yield copy
        except RecordError as error:
            raise RecordError(place.name, error.line, error.reason) from None


def files(names: Iterable[str | Path], suffixes: Collection[str] = SUFFIXES) -> list[Place]:
    """The files that are named, and those in named folders, at any depth, that end as runs do; each once.

    A name may be a URL. Raises UsageError where nothing is found there.
    """
    found: dict[str, Place] = {}
    for name in map(str, names):
        if remote.is_url(name):
            found.update((place.url, place) for place in remote.listed(name, suffixes))
        else:
            path = remote.local(name) or Path(name)
            inside = (
                sorted(p for p in path.rglob("*") if p.suffix in suffixes and not p.is_dir())
                if path.is_dir()
                else [path]
            )
            for file in inside:
                found.setdefault(str(file.absolute()), file)
    return list(found.values())


def at(name: str) -> Place:
    """The one file that is named: by a URL, or by its path."""
    return Remote(name) if remote.is_url(name) else remote.local(name) or Path(name)


def called(name: str) -> str:
    """What a file that is named so is called in a report."""
    return str(at(name))


def digests(places: Sequence[Place], metric: str) -> Iterator[Digest | Unreadable]:
    """What each file says of `metric`: first those that are known, then those that have to be read.

    Files of some size are read by a process for each processor, started afresh.
    """
    with Digests() as kept:
        unknown: list[tuple[Place, bytes, str]] = []
        for place, found in zip(places, _states(places), strict=True):
            if isinstance(found, Unreadable):
                yield found
                continue
            file = f"{metric}\n{place.url if isinstance(place, Remote) else place.absolute()}"
            key = file.encode("utf-8", "surrogateescape")
            known = kept.known(key, found, str(place)) if found else None
            if known is None:
                unknown.append((place, key, found))
            else:
                yield known
        packs = _read_all([place for place, _, _ in unknown], metric)
        for (place, key, state_then), packed in zip(unknown, packs, strict=True):
            if isinstance(packed, str):
                yield Unreadable(str(place), packed)
            else:
                yield kept.keep(key, state_then, str(place), packed)


def _states(places: Sequence[Place]) -> Iterator[str | Unreadable]:
    """What changes when a file does; empty where that is not known."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        elsewhere = pool.map(remote.state, [place for place in places if isinstance(place, Remote)])
        for place in places:
            if isinstance(place, Remote):
                yield next(elsewhere)
                continue
            try:
                yield state(place)
            except UsageError as error:
                yield Unreadable(str(place), str(error))


def _read_all(places: Sequence[Place], metric: str) -> Iterator[Packed | str]:
    """In their order, those elsewhere by threads that wait, and those here by processes that work."""
    if not any(isinstance(place, Remote) for place in places):
        yield from _read_here([place for place in places if isinstance(place, Path)], metric)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from pool.map(functools.partial(_read_one, metric=metric), places)


def _read_here(paths: Sequence[Path], metric: str) -> Iterator[Packed | str]:
    from benchsuite.probe.cpu import usable_cpus

    processes = min(len(usable_cpus()), len(paths))
    if processes < 2 or sum(map(_size, paths)) < _WORTH_PROCESSES:
        yield from (_read_one(path, metric) for path in paths)
        return
    # Nothing here is in cycles, and looking for them takes an eighth of the time.
    context = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(processes, mp_context=context, initializer=gc.disable) as pool:
            yield from pool.map(functools.partial(_read_and_send, metric=metric), paths, chunksize=8)
    except BrokenProcessPool:
        raise UsageError("a process that read the files was killed: is there enough memory?") from None


_sent: set[str] = set()  # names of the kinds that this process has sent to the one that started it


def _read_and_send(path: Path, metric: str) -> Packed | str:
    """Kinds are sent once by each process, whose answers arrive in the order in which it gave them."""
    found = _read_one(path, metric)
    if isinstance(found, str) or found.name not in _sent:
        _sent.update(() if isinstance(found, str) else (found.name,))
        return found
    return found._replace(kinds=b"")


def _read_one(place: Place, metric: str) -> Packed | str:
    """What a file says, packed; or why it says nothing, since not every error crosses processes."""
    try:
        with here(place) as path:
            run, found = skim(path, metric) or _read_fully(path, metric)
    except BenchsuiteError as error:
        return str(error)
    except OSError as error:
        return f"cannot read {place}: {error.strerror}"
    try:
        return pack(moment("", run), found)
    except (ValueError, OverflowError):
        return f"{place}, line 1: holds what is no text, or a number beyond all bounds"


def _read_fully(path: Path, metric: str) -> tuple[Run, Columns]:
    reading = _read(path, metric)
    return reading.run, columns(values(reading))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
