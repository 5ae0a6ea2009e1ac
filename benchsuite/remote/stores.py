"""Stored runs in what fsspec knows: object stores, file servers, memory."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchsuite.errors import UsageError
from benchsuite.remote.address import DEEPEST, MOST_FILES, Remote, copy, is_below, pieces, said, shown

# By what stores call them, the fields of a listing that change whenever the content does.
_DATED = ("etag", "mtime", "modif", "creat", "updat", "md5", "checksum", "generation")


def listed(url: str, suffixes: Collection[str]) -> list[Remote]:
    """The file at a URL or, where that is a folder, the files in it with one of these suffixes. Raises UsageError."""
    with _opened(url) as (store, path):
        found = store.info(path)
        if found["type"] != "directory":
            return [Remote(url, _state(found))]
        return [Remote(url.rstrip("/") + name, _state(info)) for name, info in _inside(store, path, url, suffixes)]


def _inside(store: Any, path: str, url: str, suffixes: Collection[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """What a folder holds, by the end of its name that comes after the folder's, in the order of names."""
    folder = path.rstrip("/") + "/"
    found = {}
    for count, (_, _, files) in enumerate(store.walk(path, maxdepth=DEEPEST, detail=True, on_error="raise")):
        for info in files.values():
            name = str(info["name"])
            if info["type"] == "file" and name.endswith(tuple(suffixes)) and is_below(name, folder):
                found[name[len(folder) - 1 :]] = info
        if len(found) > MOST_FILES or count > MOST_FILES:
            raise UsageError(f"{shown(url)}: over the limit of {MOST_FILES} files and folders")
    return sorted(found.items())


def state(remote: Remote) -> str:
    """What the listing said."""
    return remote.state


def fetch(remote: Remote, target: Path) -> None:
    """Copy to a file here. Raises UsageError."""
    with _opened(remote.url) as (store, path), store.open(path, "rb") as stream:
        copy(pieces(stream.read), target, remote.name)


def holds(url: str) -> bool:
    """Whether there is a file that is not empty. Raises UsageError, also where there is a folder."""
    with _opened(url, "write") as (store, path):
        try:
            found = store.info(path)
        except FileNotFoundError:
            return False
        if found["type"] == "directory":
            raise UsageError(f"{shown(url)} is a folder: end it in /, and the run is named there as by default")
        return bool(found.get("size") != 0)


def put(source: Path, url: str) -> None:
    """Copy a file from here, over what is there. Raises UsageError."""
    with _opened(url, "write") as (store, path):
        store.put_file(str(source), path)


def _remedy(url: str) -> str:
    return ": pip install 'benchsuite[s3]'" if url.lower().startswith(("s3:", "s3a:")) else ""


def _state(info: Mapping[str, Any]) -> str:
    dated = any(word in field.lower() for field in info for word in _DATED)
    return "\n".join(f"{field}={info[field]}" for field in sorted(info)) if dated else ""


@contextlib.contextmanager
def _opened(url: str, to: str = "read") -> Iterator[tuple[Any, str]]:
    """The store that a URL is of, and the path in it. Raises UsageError with what went wrong there, also later."""
    from fsspec.core import url_to_fs

    try:
        store, path = url_to_fs(url)
        store.invalidate_cache()  # of listings: what was there before may have changed
        yield store, path
    except UsageError:
        raise
    except ImportError as error:
        raise UsageError(f"cannot {to} {shown(url)}: {said(error, url)}{_remedy(url)}") from None
    except FileNotFoundError:
        missing = "file or folder" if to == "read" else "bucket or folder"
        raise UsageError(f"cannot {to} {shown(url)}: there is no such {missing}") from None
    except PermissionError as error:
        raise UsageError(f"cannot {to} {shown(url)}: refused ({said(error, url)})") from None
    except Exception as error:  # Each store's package has errors of its own, with no ancestor in common.
        raise UsageError(f"cannot {to} {shown(url)}: {said(error, url) or type(error).__name__}") from None
