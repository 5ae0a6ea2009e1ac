"""The cache is for its owner alone, and gives what was put there or nothing."""

import os
import stat
from pathlib import Path

import pytest

from benchsuite import cache
from benchsuite.errors import UsageError


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "new" / "cache"
    monkeypatch.setenv("BENCHSUITE_CACHE", str(path))
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_for_its_owner_alone(base: Path) -> None:
    before = os.umask(0)
    try:
        path = cache.folder("onnx") / "entry"
        assert mode(base) == 0o700
        assert cache.store(path, b"content")
        assert mode(path) == 0o600
    finally:
        os.umask(before)


@pytest.mark.parametrize("bits", [0o775, 0o757, 0o1777])
def test_one_that_others_may_write_to_is_refused(base: Path, bits: int) -> None:
    base.mkdir(parents=True)
    base.chmod(bits)
    with pytest.raises(UsageError, match=r"may be written to by other users \(chmod go-w it\): set BENCHSUITE_CACHE"):
        cache.folder("onnx")
    base.chmod(0o755)
    assert cache.folder("onnx") == base / "onnx"


def test_one_of_another_user_is_refused(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    os.chown(base, 54321, -1) if os.getuid() == 0 else None
    with pytest.raises(UsageError, match="belongs to another user"):
        cache.folder("onnx")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a link away")
def test_a_link_of_another_user_is_refused(base: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir(mode=0o700)
    base.parent.mkdir()
    base.symlink_to(mine)
    os.chown(base, 54321, -1, follow_symlinks=False)
    with pytest.raises(UsageError, match="belongs to another user"):
        cache.folder("onnx")


def test_where_it_cannot_be_made_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path / "file" / "cache"))
    path = cache.folder("onnx") / "entry"
    assert not cache.store(path, b"content")
    assert cache.load(path) is None


def test_what_was_put_is_found(base: Path) -> None:
    for content in (b"", b"content", bytes(range(256)) * 1000):
        path = cache.folder("onnx") / "entry"
        assert cache.store(path, content)
        assert cache.load(path) == content
    assert [entry.name for entry in path.parent.iterdir()] == ["entry"]


@pytest.mark.parametrize("damage", ["cut", "longer", "changed", "no hash", "empty", "folder"])
def test_what_was_changed_is_not_there(base: Path, damage: str) -> None:
    path = cache.folder("onnx") / "entry"
    cache.store(path, b"content")
    whole = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    else:
        changed = whole[:-1] + bytes([whole[-1] ^ 1])
        other = {"cut": whole[:-1], "longer": whole + b"x", "changed": changed, "no hash": b"content", "empty": b""}
        path.write_bytes(other[damage])
    assert cache.load(path) is None
