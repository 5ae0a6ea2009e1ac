"""An archive: which files belong to it, and that each is read once."""

import contextlib
import dataclasses
import math
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from benchsuite import archive, cache
from benchsuite.archive import Place, Unreadable, digests, files
from benchsuite.digests import Digest
from benchsuite.errors import RecordError, UsageError
from benchsuite.remote import Remote
from tests.archives import BEGAN, write_days, write_run
from tests.fakes import laptop
from tests.imports.documents import hyperfine, write

LATENCY = "time/latency"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path_factory.mktemp("cache")))


def refuse(*_: object) -> None:
    raise AssertionError("read again")


def all_of(*paths: Place) -> list[Digest]:
    found = list(digests(paths, LATENCY))
    assert all(isinstance(d, Digest) for d in found)
    return [d for d in found if isinstance(d, Digest)]


def test_files_are_found_in_folders_at_any_depth_and_once(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.jsonl", "below/b.jsonl", "below/deeper/c.json", "d.txt")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert files([tmp_path]) == paths[:3]
    assert files([tmp_path / "below", paths[1], paths[3]]) == [*paths[1:3], paths[3]]


def test_a_digest_is_the_moment_and_the_values(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.jsonl", {"matmul": 2.0, "softmax": 0.5}, day=1, commit="abc")
    (found,) = all_of(path)
    assert found.moment.name == str(path)
    assert found.moment.started == BEGAN + 86400
    assert found.moment.machine == dataclasses.replace(laptop()).machine_class
    assert [kind.job.partition("@")[0] for kind in found.columns.kinds] == ["matmul", "softmax"]
    assert found.columns.logs[0] == pytest.approx(math.log(2 * 1.0015), abs=1e-6)
    assert found.columns.rounds[0] == 4
    assert 0 < found.columns.deviations[0] < 0.002


def test_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_run(tmp_path / "run.jsonl", {"matmul": 2.0})
    first = all_of(path)

    monkeypatch.setattr(archive, "skim", refuse)
    assert all_of(path) == first
    monkeypatch.chdir(tmp_path)
    (again,) = all_of(Path("run.jsonl"))
    assert (again.moment.name, again.columns) == ("run.jsonl", first[0].columns)


def test_a_changed_file_and_another_metric_are_read_again(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.jsonl", {"matmul": 2.0})
    (before,) = all_of(path)
    write_run(path, {"matmul": 3.0})
    os.utime(path, ns=(1, 1))
    (after,) = all_of(path)
    assert after.columns.logs[0] > before.columns.logs[0] + 0.3
    (other,) = digests([path], "time/throughput")
    assert isinstance(other, Digest)
    assert other.columns.kinds == ()


def database() -> Path:
    (path,) = cache.folder("digests").iterdir()
    return path


@pytest.mark.parametrize("change", ["digest = x'c1'", "digest = substr(digest, 1, length(digest) - 1)", "digest = 5"])
def test_a_damaged_digest_is_read_anew(change: str, tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.jsonl", {"matmul": 2.0})
    first = all_of(path)
    with contextlib.closing(sqlite3.connect(database())) as connection, connection:
        connection.execute(f"UPDATE digests SET {change}")
    assert all_of(path) == first


def test_kinds_that_are_gone_are_read_anew(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.jsonl", {"matmul": 2.0})
    first = all_of(path)
    with contextlib.closing(sqlite3.connect(database())) as connection, connection:
        connection.execute("DELETE FROM kinds")
    assert all_of(path) == first


def test_what_is_no_cache_makes_room_for_one(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.jsonl", {"matmul": 2.0})
    first = all_of(path)
    database().write_bytes(b"something else\n" * 100)
    assert all_of(path) == first
    assert all_of(path) == first
    assert database().read_bytes().startswith(b"SQLite")


def test_a_cache_in_use_is_gone_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchsuite.digests._SECONDS_TO_WAIT", 0.0)
    path = write_run(tmp_path / "run.jsonl", {"matmul": 2.0})
    first = all_of(path)
    with contextlib.closing(sqlite3.connect(database(), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert all_of(path) == first


def test_without_a_cache_everything_still_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path / "file"))
    assert all_of(write_run(tmp_path / "run.jsonl", {"matmul": 2.0}))[0].columns.kinds


def test_what_holds_no_run_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "other.json").write_text('{"a": 1}')
    good = write(tmp_path, hyperfine(), "times.json")
    found = list(digests([*files([tmp_path]), tmp_path / "missing.jsonl"], LATENCY))
    reasons = {Path(f.name).name: f.reason for f in found if isinstance(f, Unreadable)}
    assert set(reasons) == {"empty.jsonl", "other.json", "missing.jsonl"}
    assert "no header line" in reasons["empty.jsonl"]
    assert "neither a stored run" in reasons["other.json"]
    assert "cannot read" in reasons["missing.jsonl"]
    assert [f.moment.name for f in found if isinstance(f, Digest)] == [str(good)]


def test_several_processes_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = write_days(tmp_path / "runs", {"matmul": [1.0, 2.0, 3.0]})
    (tmp_path / "bad.jsonl").write_text("x\n")
    one = list(digests([*paths, tmp_path / "bad.jsonl"], LATENCY))
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path / "other-cache"))
    monkeypatch.setattr(archive, "_WORTH_PROCESSES", 0)
    assert list(digests([*paths, tmp_path / "bad.jsonl"], LATENCY)) == one


def test_what_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        archive.read(tmp_path / "none.jsonl", LATENCY)


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    store = MemoryFileSystem()
    yield store
    store.rm("/", recursive=True)


def test_what_is_elsewhere_reads_the_same_and_once(
    tmp_path: Path, memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_days(tmp_path / "runs", {"matmul": [1.0, 2.0, 3.0]})
    memory.put(str(tmp_path / "runs"), "/far", recursive=True)
    there = files(["memory://far"])
    found = all_of(*there)
    assert [d.moment.name for d in found] == [f"memory://far/{path.name}" for path in paths]
    assert [(d.columns, d.moment.started) for d in found] == [(d.columns, d.moment.started) for d in all_of(*paths)]
    monkeypatch.setattr("benchsuite.remote.stores.fetch", refuse)
    assert all_of(*there) == found
    memory.pipe_file("/far/000.jsonl", paths[1].read_bytes())
    with pytest.raises(AssertionError, match="read again"):
        all_of(*files(["memory://far"]))


def test_what_nobody_dates_is_fetched_every_time(
    tmp_path: Path, memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.put(str(write_run(tmp_path / "run.jsonl", {"matmul": 1.0})), "/far/run.jsonl")
    there = [Remote("memory://far/run.jsonl")]
    assert all_of(*there)
    monkeypatch.setattr("benchsuite.remote.stores.fetch", refuse)
    with pytest.raises(AssertionError, match="read again"):
        all_of(*there)


def test_what_is_wrong_elsewhere_is_told_of_there(tmp_path: Path, memory: MemoryFileSystem) -> None:
    run = write_run(tmp_path / "run.jsonl", {"matmul": 1.0}).read_bytes()
    memory.pipe_file("/far/bad.jsonl", run + b"x\n")
    memory.pipe_file("/far/document.json", b'{"results": 5}')
    found = list(digests([*files(["memory://far"]), Remote("memory://far/none.jsonl")], LATENCY))
    expected = (
        "far/bad.jsonl, line 6: not a record",
        "far/document.json, line 1: not what",
        "far/none.jsonl: there is no",
    )
    for digest, reason in zip(found, expected, strict=True):
        assert isinstance(digest, Unreadable)
        assert reason in digest.reason
    with pytest.raises(RecordError, match=r"memory://far/bad\.jsonl, line 6: not a record"):
        archive.read(Remote("memory://far/bad.jsonl"), LATENCY)


def test_files_are_told_from_what_has_no_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    (tmp_path / "loop.jsonl").symlink_to(tmp_path / "loop.jsonl")
    (tmp_path / "around").symlink_to(tmp_path)
    (tmp_path / "nowhere.jsonl").symlink_to(tmp_path / "none")
    good = write_run(tmp_path / "run.jsonl", {"matmul": 2.0})
    reasons = {Path(f.name).name: f.reason for f in digests(files([tmp_path]), LATENCY) if isinstance(f, Unreadable)}
    assert set(reasons) == {"pipe.jsonl", "loop.jsonl", "nowhere.jsonl"}
    assert "it is a pipe or a device" in reasons["pipe.jsonl"]
    assert [f for f in files([tmp_path]) if f == good] == [good]
    for name in ("pipe.jsonl", "folder.jsonl", "loop.jsonl", "/dev/zero", "/dev/null"):
        with pytest.raises(UsageError, match="cannot read"):
            archive.read(tmp_path / name, LATENCY)
