from pathlib import Path

import pytest

from benchsuite.probe.packages import commit, packages
from tests.trees import plant

HASH = "0123456789abcdef0123456789abcdef01234567"


def test_only_what_is_installed_is_listed() -> None:
    assert list(packages(("psutil", "no-such-package-anywhere"))) == ["psutil"]


@pytest.mark.parametrize(
    "files",
    [
        {".git/HEAD": HASH},
        {".git/HEAD": "ref: refs/heads/main", ".git/refs/heads/main": HASH},
        {".git/HEAD": "ref: refs/heads/a/b", ".git/packed-refs": f"# pack-refs\n{HASH} refs/heads/a/b"},
    ],
)
def test_the_commit_is_read_from_files(tmp_path: Path, files: dict[str, str]) -> None:
    assert commit(plant(tmp_path, files)) == HASH


def test_a_linked_worktree_is_followed(tmp_path: Path) -> None:
    own = tmp_path / "main/.git/worktrees/w"
    files = {"HEAD": "ref: refs/heads/w", "commondir": "../.."}
    plant(own, files)
    plant(tmp_path, {"main/.git/refs/heads/w": HASH, "w/.git": f"gitdir: {own}"})
    assert commit(tmp_path / "w") == HASH


@pytest.mark.parametrize(
    "files",
    [
        {},
        {".git/HEAD": ""},
        {".git/HEAD": "ref: refs/heads/unborn"},
        {".git/HEAD": "ref: ../../secret", "secret": HASH},
        {".git/HEAD": "not a hash"},
        {".git": "gitdir: /nowhere/at/all"},
        {".git": "nonsense"},
    ],
)
def test_what_is_no_commit_is_none(tmp_path: Path, files: dict[str, str]) -> None:
    assert commit(plant(tmp_path, files)) is None
