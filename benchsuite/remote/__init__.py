"""Stored runs elsewhere: a file or a folder by its URL, listed and fetched within bounds, and stored to.

The web is read by the standard library, which reads no page whole and unpacks nothing by itself; every other protocol
by fsspec and the package that it needs for it.
"""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from benchsuite.errors import UsageError
from benchsuite.remote.address import Remote, shown

__all__ = ["Remote", "fetch", "holds", "is_url", "listed", "local", "put", "state"]

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


class _Place(Protocol):
    """A kind of place, and how it is read."""

    def listed(self, url: str, suffixes: Collection[str]) -> list[Remote]: ...
    def state(self, remote: Remote) -> str: ...
    def fetch(self, remote: Remote, target: Path) -> None: ...
    def holds(self, url: str) -> bool: ...
    def put(self, source: Path, url: str) -> None: ...


def is_url(text: str) -> bool:
    """Whether this is a URL and not a path here."""
    return _URL.match(text) is not None and local(text) is None


def local(text: str) -> Path | None:
    """The path that a `file://` URL is of; None for any other text."""
    found = _URL.match(text)
    if found is None or found[1].lower() not in ("file", "local"):
        return None
    return Path(urllib.request.url2pathname(urllib.parse.urlsplit(text).path))


def listed(url: str, suffixes: Collection[str]) -> list[Remote]:
    """The file at a URL or, where that is a folder, the files in it, at some depth, with one of these suffixes.

    Raises UsageError where there is neither, where it is refused, or where a package is missing.
    """
    return _at(url).listed(url, suffixes)


def state(remote: Remote) -> str:
    """What changes whenever the content does; empty where nobody tells."""
    return _at(remote.url).state(remote)


def fetch(remote: Remote, target: Path) -> None:
    """Copy to a file here. Raises UsageError where it is refused, breaks off, is too large or takes too long."""
    _at(remote.url).fetch(remote, target)


def holds(url: str) -> bool:
    """Whether there is a file at a URL that is not empty. Raises UsageError where there is a folder, or as `put`."""
    return _at(url).holds(url)


def put(source: Path, url: str) -> None:
    """Copy a file from here, over what is there. Raises UsageError where it is refused or breaks off."""
    _at(url).put(source, url)


def _at(url: str) -> _Place:
    if "::" in url:
        raise UsageError(f"{shown(url.partition('::')[0])}::... is a chain of URLs: name one place")
    from benchsuite.remote import stores, web

    return web if url.lower().startswith(("http://", "https://")) else stores
