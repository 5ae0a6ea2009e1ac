"""Digests of stored runs: the little that a history needs of each, as columns of numbers, kept in a file of the cache.

The kinds of values are the same in run after run, so they are kept apart: once for all runs that have the same.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import sqlite3
import sys
from array import array
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple

import msgspec

from benchsuite import cache
from benchsuite.analysis.history import Columns, Kind, Moment

_FORM = 3  # raised when what a digest holds, or means, changes
_AT_ONCE = 500
_SECONDS_TO_WAIT = 2.0
_HASH_BYTES = 16
_TABLES = """
    PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS digests (file BLOB PRIMARY KEY, state TEXT NOT NULL, digest BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS kinds (name TEXT PRIMARY KEY, kinds BLOB NOT NULL);
"""


class Digest(NamedTuple):
    """What a history needs of one stored run."""

    moment: Moment
    columns: Columns


class Packed(NamedTuple):
    """A digest as bytes, fit to be kept or to cross between processes. The kinds are packed apart, and named here."""

    digest: bytes
    name: str
    kinds: bytes


class _Kept(msgspec.Struct, array_like=True, gc=False):
    started: float
    machine: str
    commit: str
    kinds: str
    logs: bytes
    deviations: bytes
    rounds: bytes


_ENCODER = msgspec.msgpack.Encoder()
_KEPT = msgspec.msgpack.Decoder(_Kept)
_KINDS = msgspec.msgpack.Decoder(tuple[Kind, ...])


def pack(moment: Moment, found: Columns) -> Packed:
    """What a run says, without its name. Raises ValueError where a string is no text or a number beyond all bounds."""
    try:
        name, kinds = _packed_kinds(found.kinds)
        kept = _Kept(
            moment.started, moment.machine, moment.commit, name,
            found.logs.tobytes(), found.deviations.tobytes(), found.rounds.tobytes(),
        )  # fmt: skip
        return Packed(_ENCODER.encode(kept), name, kinds)
    except OverflowError as error:
        raise ValueError(str(error)) from None


@functools.lru_cache(16)
def _packed_kinds(kinds: tuple[Kind, ...]) -> tuple[str, bytes]:
    data = _ENCODER.encode(kinds)
    return _name_of(data), data


def _name_of(kinds: bytes) -> str:
    return hashlib.sha256(kinds).hexdigest()[:32]


def _sealed(digest: bytes) -> bytes:
    return hashlib.blake2b(digest, digest_size=_HASH_BYTES).digest() + digest


def _unsealed(kept: bytes) -> bytes:
    """Raises ValueError where it is not what was kept."""
    digest = kept[_HASH_BYTES:]
    if _sealed(digest) != kept:
        raise ValueError("a damaged digest")
    return digest


class Digests:
    """All digests that are kept; where the cache cannot be used there are none, and nothing is kept."""

    def __init__(self) -> None:
        self._file = cache.folder("digests") / f"{_FORM}-{sys.byteorder}.sqlite"
        self._database: sqlite3.Connection | None = None
        self._waiting: list[tuple[bytes, str, bytes]] = []
        self._kinds: dict[str, tuple[Kind, ...]] = {}
        self._every: dict[Kind, Kind] = {}

    def __enter__(self) -> Digests:
        with self._usable():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._file, _SECONDS_TO_WAIT)
            self._database.executescript(_TABLES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write()
        if self._database is not None:
            self._database.close()

    def known(self, file: bytes, state: str, name: str) -> Digest | None:
        """The digest of a file that is in this state, of a run that is called `name`; None where none can be read."""
        found = self._select("SELECT digest FROM digests WHERE file = ? AND state = ?", file, state)
        try:
            return None if found is None else self._digest(_unsealed(found), name)
        except (ValueError, LookupError):
            return None

    def keep(self, file: bytes, state: str, name: str, packed: Packed) -> Digest:
        """The digest of a run that is called `name`, which is then known. Its kinds may be empty if they came before.

        A digest of the file in another state is forgotten.
        """
        if packed.kinds and packed.name not in self._kinds:
            self._kinds[packed.name] = self._decoded(packed.kinds)
            self._insert("INSERT OR REPLACE INTO kinds VALUES (?, ?)", [(packed.name, packed.kinds)])
        self._waiting.append((file, state, _sealed(packed.digest)))
        if len(self._waiting) >= _AT_ONCE:
            self._write()
        return self._digest(packed.digest, name)

    def _digest(self, data: bytes, name: str) -> Digest:
        """Raises ValueError or LookupError where it is damaged or its kinds are not there."""
        kept = _KEPT.decode(data)
        if kept.kinds not in self._kinds:
            found = self._select("SELECT kinds FROM kinds WHERE name = ?", kept.kinds)
            if found is None or _name_of(found) != kept.kinds:
                raise LookupError(kept.kinds)
            self._kinds[kept.kinds] = self._decoded(found)
        kinds = self._kinds[kept.kinds]
        columns = Columns(kinds, array("d", kept.logs), array("f", kept.deviations), array("i", kept.rounds))
        if len({*map(len, columns)}) > 1:
            raise ValueError("columns of different lengths")
        return Digest(Moment(name, kept.started, kept.machine, kept.commit), columns)

    def _decoded(self, data: bytes) -> tuple[Kind, ...]:
        # Of equal kinds one is enough: every run of a long archive may lack others.
        return tuple(self._every.setdefault(kind, kind) for kind in _KINDS.decode(data))

    def _write(self) -> None:
        self._insert("INSERT OR REPLACE INTO digests VALUES (?, ?, ?)", self._waiting)
        self._waiting = []

    def _insert(self, statement: str, rows: list[tuple[bytes, str, bytes]] | list[tuple[str, bytes]]) -> None:
        with self._usable():
            if self._database is not None:
                with self._database:
                    self._database.executemany(statement, rows)

    def _select(self, statement: str, *keys: bytes | str) -> bytes | None:
        with self._usable():
            if self._database is not None:
                row = self._database.execute(statement, keys).fetchone()
                return row[0] if row is not None and isinstance(row[0], bytes) else None
        return None

    @contextlib.contextmanager
    def _usable(self) -> Iterator[None]:
        """Whatever the cache cannot do, it goes on without; a file that is no database makes room for one."""
        try:
            yield
        except (OSError, sqlite3.OperationalError):
            self._database = None
        except sqlite3.DatabaseError:
            self._database = None
            with contextlib.suppress(OSError):
                self._file.unlink()
