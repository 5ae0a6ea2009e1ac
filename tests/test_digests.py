"""A digest that is not what was kept is not believed, however well it decodes."""

import contextlib
import sqlite3
from array import array
from pathlib import Path

import pytest

from benchsuite import cache
from benchsuite.analysis.history import Columns, Kind, Moment
from benchsuite.digests import Digests, pack

KINDS = (Kind("matmul@fake/fp32/t1", "time/latency", 1, "d", "s", "lower"),)
MOMENT = Moment("", 5.0, "machine", "commit")
FOUND = Columns(KINDS, array("d", [0.5]), array("f", [0.25]), array("i", [4]))


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path / "cache"))


def known() -> bool:
    with Digests() as kept:
        return kept.known(b"file", "state", "run.jsonl") is not None


@pytest.mark.parametrize(("table", "column"), [("digests", "digest"), ("kinds", "kinds")])
def test_each_changed_byte_is_noticed(table: str, column: str) -> None:
    with Digests() as kept:
        kept.keep(b"file", "state", "run.jsonl", pack(MOMENT, FOUND))
    assert known()
    (path,) = cache.folder("digests").iterdir()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        ((whole,),) = connection.execute(f"SELECT {column} FROM {table}").fetchall()
        for at in range(0, len(whole), 5):
            changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
            connection.execute(f"UPDATE {table} SET {column} = ?", (changed,))
            assert not known()
        connection.execute(f"UPDATE {table} SET {column} = ?", (whole,))
    assert known()
