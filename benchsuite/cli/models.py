"""`--model`: the patterns of the jobs that run a model of the user's own."""

from __future__ import annotations

import re
from pathlib import Path

import click

from benchsuite.errors import UsageError
from benchsuite.regular import expanded

_WORKLOADS = ("model-forward", "model-generate")
_HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
_FILES = ("*.json", "*.safetensors")


def model_patterns(models: tuple[str, ...], *, download: bool = False) -> tuple[str, ...]:
    """Patterns for each of `models`: a folder becomes absolute, an id of the hub stays.

    With `download` what is neither a folder nor in the hub's cache is fetched, which alone asks the network. Raises
    UsageError where there is no such model.
    """
    names = [_named(model, download=download) for model in dict.fromkeys(models)]
    return tuple(f"{workload}/model={_escaped(name)}" for name in names for workload in _WORKLOADS)


def _named(model: str, *, download: bool) -> str:
    if not model:
        raise UsageError("--model '' is empty: name a folder with a config.json, or an id of the hub")
    folder = expanded(model)
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise UsageError(f"--model {model} holds no config.json: name a folder as transformers saves a model")
        return str(folder.resolve())
    if folder.exists() or not _HUB_ID.fullmatch(model):
        raise UsageError(f"--model {model} is no folder, and no id of the hub either: name a folder with a config.json")
    if download and not _is_cached(model):
        _fetch(model)
    return model


def _is_cached(model: str) -> bool:
    """Whether the hub's cache holds the model as far as this needs it, asked without the network."""
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(model, local_files_only=True))
    except (OSError, ValueError):
        return False
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))


def _fetch(model: str) -> None:
    from huggingface_hub import snapshot_download

    click.echo(f"Downloading {model} from the hub.", err=True)
    try:
        snapshot_download(model, allow_patterns=list(_FILES))
    except Exception as error:  # whatever a network's layers raise, what to do is the same
        reason = str(error).strip().split("\n")[0]
        raise UsageError(
            f"--model {model} is no folder here and cannot be had from the hub ({type(error).__name__}: {reason}): "
            "download it where the network allows it, and give its folder"
        ) from error


def _escaped(name: str) -> str:
    """`name` with what a pattern would read as its own, and what would part words in a report, as %2C and the like."""
    return re.sub(r"[%,|\s]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), name)
