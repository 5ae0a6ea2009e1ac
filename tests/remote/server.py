"""A web server of this machine, which serves a folder and what a test makes up."""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and in place of some paths what `made_up` does; notes what was asked for."""

    made_up: dict[str, Callable[[Handler], None]]
    asked: list[tuple[str, str, str]]

    def do_GET(self) -> None:
        """Serve or make up."""
        self._note()
        answer = self.made_up.get(self.path)
        if answer is None:
            super().do_GET()
        else:
            answer(self)

    def do_HEAD(self) -> None:
        """The same without what is in it."""
        self._note()
        if self.path in self.made_up:
            self.send_error(405)
        else:
            super().do_HEAD()

    def _note(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("Authorization", "")))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Server:
    """Where it is, and what it was asked for: method, path and authorization."""

    def __init__(self, url: str, made_up: dict[str, Callable[[Handler], None]], asked: list[Any]) -> None:
        self.url, self.made_up, self.asked = url, made_up, asked

    def page(self, path: str, text: str, kind: str = "text/html; charset=utf-8") -> None:
        """Answer with a text."""
        self.made_up[path] = lambda handler: send(handler, text.encode(), kind)

    def redirect(self, path: str, to: str) -> None:
        """Answer with another place."""

        def answer(handler: Handler) -> None:
            handler.send_response(302)
            handler.send_header("Location", to)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        self.made_up[path] = answer


def send(handler: Handler, data: bytes, kind: str, length: int | None = None) -> None:
    """Answer with data, whose length need not be what is said."""
    handler.send_response(200)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(data) if length is None else length))
    handler.end_headers()
    with contextlib.suppress(OSError):
        handler.wfile.write(data)


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve a folder at a free port of this machine."""
    made_up: dict[str, Callable[[Handler], None]] = {}
    asked: list[Any] = []
    kind = type("Here", (Handler,), {"made_up": made_up, "asked": asked})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(kind, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Server(f"http://127.0.0.1:{server.server_address[1]}", made_up, asked)
        finally:
            server.shutdown()
            thread.join()
