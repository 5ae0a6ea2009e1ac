"""Runs that are stored at a URL: where their file is here, what is brought, when the copy is renewed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from benchsuite import remote
from benchsuite.cli.elsewhere import Copy, Target, begun, beside, resumed
from benchsuite.errors import UsageError
from tests import fakes

URL = "memory://bucket/runs/a.jsonl"
HERE = Path("results/runs/bucket/runs/a.jsonl")
RECORD = fakes.ok(fakes.job(), None, {"time/latency": 0.01})


@pytest.fixture(autouse=True)
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryFileSystem]:
    monkeypatch.chdir(tmp_path)
    store = MemoryFileSystem()
    yield store
    if store.exists("/bucket"):
        store.rm("/bucket", recursive=True)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (URL, HERE),
        ("s3://bucket//deep/x.jsonl", Path("results/runs/bucket/deep/x.jsonl")),
        ("sftp://me:pw@host:22/a b/x.jsonl?key=1#2", Path("results/runs/host_22/a_b/x.jsonl")),
        ("s3://bucket/é\\..\\\x1b/x~.jsonl", Path("results/runs/bucket/é_..__/x_.jsonl")),
    ],
)
def test_a_url_has_its_place_here(url: str, path: Path) -> None:
    assert beside(url) == path


@pytest.mark.parametrize("url", ["s3://bucket/../../x.jsonl", "s3://../x.jsonl", "s3://bucket/.."])
def test_no_url_leads_out_of_the_results(url: str) -> None:
    with pytest.raises(UsageError, match=r"leads upwards: name the file without \.\."):
        beside(url)


def test_a_run_stays_here_unless_told() -> None:
    assert begun("x/a.jsonl", "quick") == Target(Path("x/a.jsonl"))
    assert begun("file:///x/a.jsonl", "quick") == Target(Path("/x/a.jsonl"))
    default = begun(None, "quick")
    assert (default.path.parent, default.path.name[15:], default.url) == (Path("results/runs"), "-quick.jsonl", None)


def test_a_run_at_a_url_is_here_too() -> None:
    assert begun(URL, "quick") == Target(HERE, URL)
    folder = begun("memory://bucket/runs/", "sweep")
    assert folder.url == f"memory://bucket/runs/{folder.path.name}"
    assert folder.path.name.endswith("-sweep.jsonl")


def refused(name: str) -> str:
    with pytest.raises(UsageError) as caught:
        begun(name, "quick")
    return str(caught.value)


def test_what_exists_here_or_there_is_refused(there: MemoryFileSystem) -> None:
    remedy = f"choose another --output, or go on with it by --resume {URL}"
    there.pipe_file("/bucket/runs/a.jsonl", b"x")
    assert refused(URL) == f"{URL} exists: {remedy}"
    HERE.parent.mkdir(parents=True)
    HERE.write_text("x")
    assert refused(URL) == f"{HERE} exists: {remedy}"
    assert refused(str(HERE)) == f"{HERE} exists: choose another --output, or go on with it by --resume {HERE}"
    there.rm("/bucket", recursive=True)
    assert refused(URL) == f"{HERE} exists: {remedy}"


def test_what_is_empty_there_is_not_in_the_way(there: MemoryFileSystem) -> None:
    there.pipe_file("/bucket/runs/a.jsonl", b"")
    assert begun(URL, "quick").url == URL


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("s3://bucket", "s3://bucket names no file: name one, or a folder by a / at the end"),
        (
            "https://me:pw@host/x.jsonl",
            "cannot write https://host/x.jsonl: the web is only read; name s3:// or another",
        ),
        ("zip://x.jsonl::memory://x", r"zip://x.jsonl::... is a chain of URLs: name one place"),
        ("memory://bucket/runs", "memory://bucket/runs is a folder: end it in /, and the run is named there"),
    ],
)
def test_what_cannot_be_stored_to_is_told(there: MemoryFileSystem, url: str, says: str) -> None:
    there.pipe_file("/bucket/runs/other.jsonl", b"x")
    assert refused(url).startswith(says)


FIRST, SECOND, THIRD = b"header\n", b"header\none\n", b"header\none\ntwo\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "brought"),
    [
        (None, SECOND, SECOND),
        (FIRST, SECOND, SECOND),
        (b"header\non", SECOND, SECOND),
        (SECOND, SECOND, SECOND),
        (THIRD, SECOND, THIRD),
        (THIRD + b"torn", SECOND + b"tw", THIRD + b"torn"),
        (THIRD, None, THIRD),
    ],
)
def test_what_goes_further_is_gone_on_with(
    there: MemoryFileSystem, ours: bytes | None, theirs: bytes | None, brought: bytes
) -> None:
    if ours is not None:
        HERE.parent.mkdir(parents=True)
        HERE.write_bytes(ours)
    if theirs is not None:
        there.pipe_file("/bucket/runs/a.jsonl", theirs)
    assert resumed(URL) == Target(HERE, URL)
    assert HERE.read_bytes() == brought


def test_what_went_apart_is_not_gone_on_with(there: MemoryFileSystem) -> None:
    HERE.parent.mkdir(parents=True)
    HERE.write_bytes(b"header\nother\n")
    there.pipe_file("/bucket/runs/a.jsonl", SECOND)
    with pytest.raises(UsageError) as caught:
        resumed(URL)
    assert str(caught.value) == f"{HERE} and {URL} are not the same run: move one of them away"
    assert HERE.read_bytes() == b"header\nother\n"


def test_what_is_nowhere_cannot_be_gone_on_with() -> None:
    with pytest.raises(UsageError) as caught:
        resumed("memory://me:secret@bucket/none.jsonl")
    assert str(caught.value) == "cannot read memory://bucket/none.jsonl: there is no such file"
    assert not Path("results").exists()
    assert resumed("x.jsonl") == Target(Path("x.jsonl"))


class Puts:
    """What a copy did: at what time, and whether it was let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, url: str | None = URL) -> None:
        self.now, self.times, self.error = 0.0, list[float](), ""
        self.saved: list[Any] = []
        self.copy = Copy(Target(HERE, url), lambda: self.now)
        self._save = self.copy.after(self.saved.append)
        monkeypatch.setattr(remote, "put", self._put)

    def _put(self, source: Path, url: str) -> None:
        assert (source, url) == (HERE, URL)
        self.times.append(self.now)
        if self.error:
            raise UsageError(self.error)

    def save_at(self, *times: float) -> None:
        for self.now in times:
            self._save(RECORD)


def test_the_copy_is_renewed_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    puts = Puts(monkeypatch)
    puts.save_at(0, 1, 59, 60, 61, 119, 300, 301)
    assert puts.times == [0, 60, 300]
    assert puts.saved == [RECORD] * 8
    assert puts.copy.last()
    assert puts.times[-1] == 301


def test_without_a_url_nothing_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    puts = Puts(monkeypatch, url=None)
    puts.save_at(0, 100)
    assert puts.copy.last()
    assert (puts.times, puts.saved) == ([], [RECORD] * 2)


def test_what_fails_is_said_once_and_tried_again_later(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    puts = Puts(monkeypatch)
    puts.error = "cannot write there: gone"
    puts.save_at(0, 60, 599, 600)
    note = "note: cannot write there: gone; the run goes on, and its file here is whole\n"
    assert (puts.times, capsys.readouterr().err) == ([0, 600], note)
    puts.error = ""
    puts.save_at(1200, 1260)
    puts.error = "cannot write there: gone"
    puts.save_at(1320)
    assert (puts.times, capsys.readouterr().err) == ([0, 600, 1200, 1260, 1320], note)
    assert not puts.copy.last()
    assert capsys.readouterr().err == (
        f"note: cannot write there: gone; {HERE} is whole. Copy it there, or have it copied by going on with it: "
        f"benchsuite run --resume {URL}\n"
    )
