"""Runs in stores that fsspec knows, by the one in memory; and URLs as such."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import _registry

from benchsuite import remote
from benchsuite.archive import SUFFIXES
from benchsuite.errors import UsageError
from benchsuite.remote import Remote, address


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    store = MemoryFileSystem()
    for name in ("runs/a.jsonl", "runs/deeper/b.json", "runs/notes.txt", "runs2/x.jsonl"):
        store.pipe_file(f"/{name}", name.encode())
    yield store
    store.rm("/", recursive=True)


def listed(url: str) -> list[str]:
    return [found.url for found in remote.listed(url, SUFFIXES)]


@pytest.mark.parametrize("url", ["memory://runs", "memory://runs/", "memory:///runs"])
def test_a_folder_is_what_is_in_it(memory: MemoryFileSystem, url: str) -> None:
    assert listed(url) == [f"{url.rstrip('/')}/{name}" for name in ("a.jsonl", "deeper/b.json")]


def test_a_file_is_itself_and_is_copied(memory: MemoryFileSystem, tmp_path: Path) -> None:
    (found,) = remote.listed("memory://runs/notes.txt", SUFFIXES)
    remote.fetch(found, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "runs/notes.txt"


def test_the_state_changes_with_the_content(memory: MemoryFileSystem) -> None:
    states = []
    for content in (b"one", b"two"):
        memory.pipe_file("/runs/a.jsonl", content)
        (found,) = remote.listed("memory://runs/a.jsonl", SUFFIXES)
        states.append(remote.state(found))
    assert all(states)
    assert states[0] != states[1]


def test_without_a_date_there_is_no_state(memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryFileSystem, "info", lambda self, path: {"name": path, "size": 3, "type": "file"})
    (found,) = remote.listed("memory://runs/a.jsonl", SUFFIXES)
    assert remote.state(found) == ""


def test_what_a_listing_has_of_elsewhere_is_left_out(memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["/runs2/x.jsonl", "/runs/../runs2/x.jsonl", "/etc/x.json", "/runs/%2e%2e/x.json", "/runs/in.jsonl"]
    files = {name: {"name": name, "type": "file", "size": 1} for name in names}
    files["/runs/link.jsonl"] = {"name": "/runs/link.jsonl", "type": "link", "size": 1}
    monkeypatch.setattr(MemoryFileSystem, "walk", lambda *_, **__: iter([("/runs", {}, files)]))
    assert listed("memory://runs") == ["memory://runs/in.jsonl"]


def test_what_has_no_end_is_cut_off(memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(address, "LARGEST", 5)
    with pytest.raises(UsageError, match="over the limit of 5 bytes"):
        remote.fetch(Remote("memory://runs/a.jsonl"), tmp_path / "copy")
    monkeypatch.setattr("benchsuite.remote.stores.MOST_FILES", 1)
    with pytest.raises(UsageError, match="over the limit of 1 files"):
        listed("memory://runs")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("memory://none", "cannot read memory://none: there is no such file or folder"),
        ("carrier-pigeon://loft/runs", "Protocol not known: carrier-pigeon"),
        ("zip://a.jsonl::https://user:secret@example.org/x.zip", "is a chain of URLs: name one place"),
    ],
)
def test_what_cannot_be_read_is_told(memory: MemoryFileSystem, url: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        listed(url)
    assert "secret" not in str(caught.value)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(_registry, "s3", raising=False)
    (tmp_path / "a.jsonl").write_text("x")
    for to, ask in (
        ("read", lambda: listed("s3://bucket/runs")),
        ("write", lambda: remote.holds("s3://bucket/a.jsonl")),
        ("write", lambda: remote.put(tmp_path / "a.jsonl", "s3://bucket/a.jsonl")),
    ):
        with pytest.raises(UsageError) as caught:
            ask()
        assert str(caught.value).startswith(f"cannot {to} s3://bucket/")
        assert str(caught.value).endswith(": Install s3fs to access S3: pip install 'benchsuite[s3]'")


def test_a_file_is_stored_over_another(memory: MemoryFileSystem, tmp_path: Path) -> None:
    assert not remote.holds("memory://new/deep/a.jsonl")
    for content in ("one", "two"):
        (tmp_path / "a.jsonl").write_text(content)
        remote.put(tmp_path / "a.jsonl", "memory://new/deep/a.jsonl")
        assert remote.holds("memory://new/deep/a.jsonl")
        assert memory.cat_file("/new/deep/a.jsonl").decode() == content
    with pytest.raises(UsageError, match="memory://new/deep is a folder: end it in /"):
        remote.holds("memory://new/deep")


def test_what_gives_access_is_kept_out_of_what_a_store_says(
    memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("login of me:p%40ss (p@ss) failed at memory://me:p%40ss@runs/a.jsonl?key=abcdef")

    monkeypatch.setattr(MemoryFileSystem, "put_file", refuse)
    with pytest.raises(UsageError) as caught:
        remote.put(tmp_path, "memory://me:p%40ss@runs/a.jsonl?key=abcdef")
    assert str(caught.value) == (
        "cannot write memory://runs/a.jsonl: login of ... (...) failed at memory://...@runs/a.jsonl?..."
    )


class NoCredentials(Exception):
    """As of a store's own package: of no kind that is known here."""


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionError("Forbidden"), r"refused \(Forbidden\)"),
        (NoCredentials("Unable to\x1b locate credentials"), "Unable to. locate credentials"),
        (NoCredentials(), "NoCredentials"),
        (TimeoutError("timed out"), "timed out"),
    ],
)
def test_any_error_of_a_store_is_told(
    memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception, says: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise error

    for method in ("info", "open"):
        monkeypatch.setattr(MemoryFileSystem, method, refuse)
    for read in (lambda: listed("memory://runs"), lambda: remote.fetch(Remote("memory://runs/a"), tmp_path / "c")):
        with pytest.raises(UsageError, match=f"cannot read memory://runs.*: {says}") as caught:
            read()
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["https://x/y", "s3://b/c", "MEMORY://x", "a+b.c-d://x"])
def test_urls_are_told_from_paths(text: str) -> None:
    assert remote.is_url(text)


@pytest.mark.parametrize(
    "text", ["runs", "runs/a.jsonl", "/a://b", "a b://c", "://x", "C:/x", "file:///x", "local://x"]
)
def test_paths_are_told_from_urls(text: str) -> None:
    assert not remote.is_url(text)


def test_a_file_url_is_a_path() -> None:
    assert remote.local("file:///a%20b/c.jsonl") == Path("/a b/c.jsonl")
    assert remote.local("runs/a.jsonl") is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://me:pw@host:8/a/b.jsonl?key=x#y", "https://host:8/a/b.jsonl"),
        ("s3://bucket/a@b.jsonl", "s3://bucket/a@b.jsonl"),
        ("https://host?sig=1", "https://host"),
        ("sftp://me@host/x", "sftp://host/x"),
    ],
)
def test_what_gives_access_is_not_shown(url: str, name: str) -> None:
    assert Remote(url).name == name
