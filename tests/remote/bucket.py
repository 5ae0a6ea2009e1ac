"""A server of this machine that speaks S3, and a bucket in it."""

from __future__ import annotations

import contextlib
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

USER = ("some-user", "some-secret")


class Server:
    """Where it is. It can go away and come back, with what is stored in it."""

    def __init__(self) -> None:
        self._threaded: Any = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve at the port of before, or at a free one."""
        from moto.server import ThreadedMotoServer

        self._threaded = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._threaded.start()
        self.port = self._threaded.get_host_and_port()[1]

    def stop(self) -> None:
        """Refuse connections."""
        if self._threaded is not None:
            self._threaded.stop()
            self._threaded._server.server_close()
            self._threaded = None

    def know_users(self, requests_before: str) -> None:
        """Let so many requests pass, `inf` for all, before a user has to be known, of which there is none."""
        headers = {"Content-Type": "text/plain"}  # anything but a form
        request = urllib.request.Request(f"{self.url}/moto-api/reset-auth", requests_before.encode(), headers)
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20).close()


@contextlib.contextmanager
def serving_s3() -> Iterator[Server]:
    """Serve at a free port, and have this process and those that it starts find it; skip where a package is missing."""
    pytest.importorskip("s3fs", reason="the extra s3 is not installed")
    pytest.importorskip("moto.server", reason="moto, which serves S3 here, is not installed")
    server = Server()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", server.url)
        patch.setenv("AWS_ACCESS_KEY_ID", USER[0])
        patch.setenv("AWS_SECRET_ACCESS_KEY", USER[1])
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        patch.setenv("no_proxy", "127.0.0.1")
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, "/dev/null")
        try:
            yield server
        finally:
            server.stop()
