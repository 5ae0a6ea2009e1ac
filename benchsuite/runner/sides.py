"""The sides of a duet: an interpreter, a source checkout, a git ref or requirements, each made into an environment."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchsuite import cache
from benchsuite.errors import UsageError
from benchsuite.regular import expanded

HERE = "here"
_MARKS = "=<>~!@"
_LAST_LINES = 20


@dataclass(frozen=True)
class Place:
    """An environment on this machine: its interpreter, and the folder of caches that it shares with no other."""

    spec: str
    interpreter: str
    caches: str


def place(spec: str, *, copy: bool = False, checkout: Path | None = None) -> Place:
    """The environment of `spec`, built in the cache where it must be; `copy` asks for a second one of its own.

    `here` is this environment. A folder with bin/python, or that file, is an environment of its own. All others are
    layers over this environment: a folder with a pyproject.toml or setup.py and a git ref (of `checkout`, by default
    the current folder) are installed without what they require, requirement specifiers with it. Raises UsageError
    where `spec` is none of these or cannot be installed.
    """
    if spec == HERE:
        return Place(spec, sys.executable, "")
    path = expanded(spec)
    if path.exists():
        return _of_path(spec, path.absolute(), copy=copy)
    commit = _commit(spec, checkout or Path.cwd())
    if commit is not None:
        return _of_commit(spec, commit, checkout or Path.cwd(), copy=copy)
    if any(mark in spec for mark in _MARKS):
        requirements = sorted(spec.split())
        return _layer(spec, ["--", *requirements], _key("requirements", *requirements), copy=copy)
    raise UsageError(
        f"{spec!r} is no side: name an interpreter, a folder with a pyproject.toml, a git ref of the current folder, "
        f"requirements such as 'torch==2.12.0', or {HERE!r}"
    )


def is_source(spec: str, checkout: Path | None = None) -> bool:
    """Whether `spec` is a source tree, or a git ref of one."""
    path = expanded(spec)
    if path.exists():
        return _is_tree(path)
    return _commit(spec, checkout or Path.cwd()) is not None


def _is_tree(path: Path) -> bool:
    return (path / "pyproject.toml").is_file() or (path / "setup.py").is_file()


def _of_path(spec: str, path: Path, *, copy: bool) -> Place:
    if path.is_file() and os.access(path, os.X_OK):
        return Place(spec, str(path), _key("interpreter", str(path)))
    if (path / "bin/python").exists():
        return Place(spec, str(path / "bin/python"), _key("interpreter", str(path / "bin/python")))
    if _is_tree(path):
        # What is in a working tree may have changed since it was last installed.
        return _layer(spec, ["--no-deps", "--", str(path)], _key("tree", str(path)), copy=copy, fresh=True)
    raise UsageError(f"{spec!r} is no side: the path is no interpreter and holds no pyproject.toml")


def _of_commit(spec: str, commit: str, checkout: Path, *, copy: bool) -> Place:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        archive = subprocess.run(  # noqa: S603 (git, on a commit that it named)
            [_git(), "-C", str(checkout), "archive", commit], check=True, capture_output=True
        )
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(tree, filter="data")
        root = str(checkout.absolute())
        return _layer(spec, ["--no-deps", "--", str(tree)], _key("commit", root, commit), copy=copy)


def _commit(ref: str, checkout: Path) -> str | None:
    """The commit that `ref` names in `checkout`, None where it names none."""
    if ref.startswith("-") or shutil.which("git") is None:
        return None
    found = subprocess.run(  # noqa: S603 (git, on a word that is no option)
        [_git(), "-C", str(checkout), "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"],
        check=False,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    return found.stdout.strip() or None


def _git() -> str:
    return shutil.which("git") or "git"


def _layer(spec: str, arguments: list[str], key: str, *, copy: bool, fresh: bool = False) -> Place:
    """An environment over this one: all that is installed here shows through what is installed there."""
    folder = cache.folder("sides") / (f"{key}-copy" if copy else key)
    ready, interpreter = folder / "ready", folder / "bin/python"
    if fresh or not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", "--without-pip", str(folder)], spec)
        _show_through(folder)
        command = [sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet"]
        _run([*command, "--disable-pip-version-check", "--no-warn-conflicts", *arguments], spec)
        ready.touch()
    return Place(spec, str(interpreter), key)


def _show_through(folder: Path) -> None:
    """Let packages of this environment be found after those of the layer; editable ones too, hence addsitedir."""
    below = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (site,) = folder.glob("lib/python*/site-packages")
    lines = [f"import site; site.addsitedir({path!a})" for path in below]
    (site / "below.pth").write_text("\n".join(lines) + "\n", encoding="ascii")


def _run(command: list[str], spec: str) -> None:
    done = subprocess.run(  # noqa: S603 (on what the user named)
        command, check=False, capture_output=True, encoding="utf-8", errors="replace"
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-_LAST_LINES:])
        raise UsageError(f"{spec!r} cannot be installed: {last}")


def _key(*parts: str) -> str:
    here = [sys.version, sys.prefix, *parts]
    return hashlib.sha256(json.dumps(here).encode()).hexdigest()[:16]
