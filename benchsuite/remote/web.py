"""Stored runs on the web: files, and folders whose server lists them on a page of links."""

from __future__ import annotations

import base64
import contextlib
import email.utils
import html
import http.client
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO

from benchsuite.errors import UsageError
from benchsuite.remote.address import DEEPEST, MOST_FILES, Remote, copy, is_below, pieces, said, shown

_SECONDS_TO_WAIT = 20.0
_LARGEST_PAGE = 16 * 2**20
_MOST_PAGES = 1000
_LINK = re.compile(rb"""href\s*=\s*["']([^"'<>\s]{1,2000})["']""", re.IGNORECASE)
_REFUSED = (401, 403, 407)
_ONLY_READ = "the web is only read; name s3:// or another place that fsspec knows"


def listed(url: str, suffixes: Collection[str]) -> list[Remote]:
    """The file at a URL or, where that is a page of links, the files that it links to below it. Raises UsageError."""
    if urllib.parse.urlsplit(url).path.endswith(tuple(suffixes)):
        return [Remote(url)]
    with _opened(url) as answer:
        if answer.headers.get_content_type() != "text/html":
            return [Remote(url)]
        asked, there = urllib.parse.urlsplit(url), urllib.parse.urlsplit(answer.url)
    # A user and password are for the host that they were given for.
    host = asked.netloc if asked.netloc.rpartition("@")[2] == there.netloc else there.netloc
    path = there.path.rpartition("/")[0] + "/"
    return _below(there._replace(netloc=host, path=path, query="", fragment="").geturl(), suffixes)


def state(remote: Remote) -> str:
    """Tag, time of change and length, where the server tells one of the first two; otherwise empty."""
    try:
        with _opened(remote.url, "HEAD") as answer:
            found = [answer.headers.get(name, "") for name in ("ETag", "Last-Modified", "Content-Length")]
    except UsageError:
        return ""  # Some servers refuse to be asked. What is amiss is said when the file is fetched.
    return "\n".join(found) if any(found[:2]) else ""


def fetch(remote: Remote, target: Path) -> None:
    """Copy to a file here, with its time of change where the server tells. Raises UsageError."""
    with _opened(remote.url) as answer:
        length = answer.headers.get("Content-Length", "")
        size = copy(pieces(answer.read1), target, remote.name)
        # Files of some tools say nothing else of when they were written.
        with contextlib.suppress(ValueError, OverflowError, OSError):
            changed = email.utils.parsedate_to_datetime(answer.headers.get("Last-Modified", "")).timestamp()
            os.utime(target, (changed, changed))
    if length.isdecimal() and len(length) < 20 and size < int(length):
        raise UsageError(f"{remote.name}: broke off after {size} of {length} bytes")


def holds(url: str) -> bool:
    """Nothing that can be stored to. Raises UsageError."""
    raise UsageError(f"cannot write {shown(url)}: {_ONLY_READ}")


def put(source: Path, url: str) -> None:
    """Nothing. Raises UsageError."""
    raise UsageError(f"cannot copy {source} to {shown(url)}: {_ONLY_READ}")


def _below(folder: str, suffixes: Collection[str]) -> list[Remote]:
    """Files below a folder; each page of links is asked for once."""
    found: set[str] = set()
    depths = {folder: 0}
    unread = [folder]
    while unread:
        page = unread.pop()
        for link in _links(page, folder):
            if link.endswith(tuple(suffixes)):
                found.add(link)
            elif link.endswith("/") and depths[page] < DEEPEST and link not in depths:
                depths[link] = depths[page] + 1
                unread.append(link)
        if len(found) > MOST_FILES or len(depths) > _MOST_PAGES:
            raise UsageError(f"{shown(folder)}: over the limit of {MOST_FILES} files and {_MOST_PAGES} folders")
    return [Remote(link) for link in sorted(found)]


def _links(page: str, folder: str) -> Iterator[str]:
    """What a page of links points to below the folder: on the same host, nothing that leaves it again."""
    base = urllib.parse.urlsplit(folder)
    with _opened(page, within=folder) as answer:
        text = b"" if answer.headers.get_content_type() != "text/html" else answer.read(_LARGEST_PAGE + 1)
    if len(text) > _LARGEST_PAGE:
        raise UsageError(f"{shown(page)}: over the limit of {_LARGEST_PAGE} bytes a page")
    for found in _LINK.findall(text):
        with contextlib.suppress(ValueError):
            link = urllib.parse.urlsplit(urllib.parse.urljoin(page, html.unescape(found.decode("utf-8"))))
            same = (link.scheme, _host(link)) == (base.scheme, _host(base))
            if same and not link.query and is_below(link.path, base.path):
                yield base._replace(path=link.path).geturl()


def _host(url: urllib.parse.SplitResult) -> str:
    return url.netloc.rpartition("@")[2].lower()


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows what leads to the web, and in a folder only what stays in it; from TLS never to plain text."""

    def __init__(self, within: str | None) -> None:
        self._within = within

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request that follows, or an error that says where it would have gone."""
        to = urllib.parse.urlsplit(newurl)
        allowed = to.scheme == "https" or to.scheme == req.type == "http"
        if self._within is not None:
            folder = urllib.parse.urlsplit(self._within)
            allowed = allowed and _host(to) == _host(folder) and is_below(to.path, folder.path)
        if not allowed:
            raise urllib.error.HTTPError(req.full_url, code, f"leads away, to {shown(newurl)}", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@contextlib.contextmanager
def _opened(url: str, method: str = "GET", within: str | None = None) -> Iterator[http.client.HTTPResponse]:
    """The answer of the server, as it comes. Raises UsageError with what went wrong, also while it is read."""
    try:
        request = urllib.request.Request(_without_user(url), method=method, headers={"Accept-Encoding": "identity"})  # noqa: S310 (of the web)
        user = urllib.parse.urlsplit(url).netloc.rpartition("@")[0]
        if user:
            word = base64.b64encode(urllib.parse.unquote(user).encode()).decode()
            request.add_unredirected_header("Authorization", f"Basic {word}")
        opener = urllib.request.build_opener(_Redirects(within))
        with opener.open(request, timeout=_SECONDS_TO_WAIT) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        why = "; is it for this user to read?" if error.code in _REFUSED else ""
        error.close()
        raise UsageError(f"cannot read {shown(url)}: HTTP {error.code} {said(error.reason)}{why}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {shown(url)}: {said(reason) or type(error).__name__}") from None


def _without_user(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
