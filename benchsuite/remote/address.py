"""Where a remote file is, what may be shown of that, and the bounds within which it is read."""

from __future__ import annotations

import re
import time
import urllib.parse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchsuite.errors import UsageError

LARGEST = 256 * 2**20
MOST_FILES = 100_000
DEEPEST = 8
_LONGEST_WAIT = 600.0
_LONGEST_TEXT = 200


@dataclass(frozen=True)
class Remote:
    """A file at a URL; `state` changes whenever its content does, and is empty where nobody told."""

    url: str
    state: str = ""

    @property
    def name(self) -> str:
        """The URL as it may be shown: without user and password, and without a query, which may hold a key."""
        return shown(self.url)

    def __str__(self) -> str:
        return self.name


def shown(url: str) -> str:
    """A URL without what gives access to it."""
    scheme, _, rest = url.partition("://")
    host, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def said(error: object, url: str = "") -> str:
    """What an error says, on one line that does no harm, without what gives access to `url`."""
    text = str(error)
    for secret in _secrets(url):
        text = text.replace(secret, "...")
    return "".join(c if c.isprintable() else "?" for c in text[:_LONGEST_TEXT])


def _secrets(url: str) -> list[str]:
    parts = urllib.parse.urlsplit(url)
    user = parts.netloc.rpartition("@")[0]
    password = user.partition(":")[2]
    return [secret for secret in (parts.query, user, password, urllib.parse.unquote(password)) if secret]


def is_below(path: str, folder: str) -> bool:
    """Whether a path, percent-encoded or not, lies in a folder, whose path ends in a slash, and never leaves it."""
    inside = urllib.parse.unquote(path)
    parts = inside.replace("\\", "/").split("/")
    return path.startswith(folder) and len(path) > len(folder) and ".." not in parts and inside.isprintable()


def copy(chunks: Iterable[bytes], target: Path, name: str, clock: Callable[[], float] = time.monotonic) -> int:
    """Write chunks to a file and return their bytes. Raises UsageError beyond 256 MiB or ten minutes."""
    size, stop = 0, clock() + _LONGEST_WAIT
    with target.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > LARGEST:
                raise UsageError(f"{name}: over the limit of {LARGEST} bytes")
            if clock() > stop:
                raise UsageError(f"{name}: not read within {_LONGEST_WAIT:g} s")
            file.write(chunk)
    return size


def pieces(read: Callable[[int], bytes]) -> Iterable[bytes]:
    """What `read` gives, up to the end."""
    return iter(lambda: read(2**20), b"")
