"""Versions of the libraries whose code is timed, and the commit of this checkout; nothing is imported for it."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from benchsuite.procfs import text

PACKAGES = (
    "torch",
    "triton",
    "numpy",
    "transformers",
    "tokenizers",
    "safetensors",
    "onnx",
    "onnxscript",
    "onnxruntime",
    "onnxruntime-gpu",
    "nvidia-cudnn-cu12",
    "nvidia-cudnn-cu13",
    "nvidia-cublas-cu12",
    "nvidia-cublas",
)
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def packages(names: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Version by name of those of `names` that are installed."""
    versions = {}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def commit(checkout: Path) -> str | None:
    """The commit that `checkout` is at, or None where it is no git checkout; read from its files."""
    folder = _git_folder(checkout)
    head = text(folder / "HEAD") if folder else None
    if folder is None or head is None:
        return None
    if not head.startswith("ref: "):
        return _hash(head)
    name = head.removeprefix("ref: ")
    if ".." in name:
        return None
    # A linked worktree keeps its HEAD in a folder of its own, and its branches in the one it came from.
    shared = folder / (text(folder / "commondir") or ".")
    return next((found for place in (folder, shared) if (found := _hash(text(place / name)))), None) or _packed(
        shared, name
    )


def _git_folder(checkout: Path) -> Path | None:
    git = checkout / ".git"
    if git.is_dir():
        return git
    pointer = text(git) or ""
    return checkout / pointer.removeprefix("gitdir: ") if pointer.startswith("gitdir: ") else None


def _packed(folder: Path, name: str) -> str | None:
    for line in (text(folder / "packed-refs") or "").splitlines():
        digits, _, reference = line.partition(" ")
        if reference == name:
            return _hash(digits)
    return None


def _hash(word: str | None) -> str | None:
    return word if word and _HASH.fullmatch(word) else None
