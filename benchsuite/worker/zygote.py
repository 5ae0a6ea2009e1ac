"""The zygote: imports once, runs nothing, forks a worker for each request and reports how it ended."""

from __future__ import annotations

import faulthandler
import json
import os
import selectors
import socket
import traceback
from typing import Any

from benchsuite.pipe import Pipe
from benchsuite.records import Request
from benchsuite.records.codec import from_data, to_data
from benchsuite.worker.descent import adopt_orphans, die_with, end
from benchsuite.worker.importing import import_all
from benchsuite.worker.tasks import perform

_LOG_TAIL = 4000
_LONGEST_ANSWER = 16 * 2**20  # a fourth of what a line of a stored run may have
_CHUNK = 2**20


def serve(channel: socket.socket) -> None:
    """Read lines from the parent until it closes: first what to import, then requests. One answer line each."""
    lines = _Lines(channel)
    hello = json.loads(lines.read()[0])
    adopt_orphans()
    imported = import_all(hello["imports"])
    _send(channel, {"imported": imported})
    while (received := lines.read())[0]:
        line, partner = received
        _fork(channel, from_data(Request, json.loads(line)), imported, partner)


class _Lines:
    """Lines from the parent, each with the socket to a partner that may have come with it."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._received = bytearray()
        self._sockets: list[int] = []

    def read(self) -> tuple[bytes, socket.socket | None]:
        """The next line, empty where the parent has closed."""
        while (end := self._received.find(b"\n")) < 0:
            chunk, descriptors, _, _ = socket.recv_fds(self._channel, _CHUNK, 1)
            if not chunk:
                return b"", None
            self._received += chunk
            self._sockets += descriptors
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line, socket.socket(fileno=self._sockets.pop(0)) if self._sockets else None


def _fork(channel: socket.socket, request: Request, imported: dict[str, float], partner: socket.socket | None) -> None:
    """Have a worker do `request` and say how it ended. Leaves, with all that it started, where the parent goes away."""
    answer, log = Pipe(_LONGEST_ANSWER), Pipe(_LOG_TAIL)
    zygote, pid = os.getpid(), os.fork()
    if pid == 0:
        channel.close()
        _work(request, imported, partner, (answer, log), zygote)
    try:
        for pipe in (answer, log):
            os.close(pipe.sender)
        if partner is not None:
            partner.close()
        _send(channel, {"started": pid})
        forsaken = _wait(channel, pid, answer, log)
    finally:
        status = end(pid)
    if forsaken:
        os._exit(1)
    for pipe in (answer, log):
        pipe.drain()
        pipe.receiver.close()
    told = None if answer.cut else answer.kept.decode(errors="replace")
    _send(channel, {"answer": told, "ended": status, "log": log.kept.decode(errors="replace")})


def _work(
    request: Request,
    imported: dict[str, float],
    partner: socket.socket | None,
    pipes: tuple[Pipe, Pipe],
    zygote: int,
) -> None:
    """The worker's outermost frame; never returns."""
    status = 1
    try:
        os.setsid()
        die_with(zygote)
        answer, log = pipes
        for target in (1, 2):
            os.dup2(log.sender, target)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.close(log.sender)
        for pipe in pipes:
            pipe.receiver.close()
        faulthandler.enable()
        found = perform(request, imported, partner)
        with os.fdopen(answer.sender, "wb") as file:
            file.write(json.dumps(to_data(found)).encode() + b"\n")
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _wait(channel: socket.socket, pid: int, answer: Pipe, log: Pipe) -> bool:
    """Block until the worker is gone or has said too much; whether the parent went away before."""
    with selectors.DefaultSelector() as selector, os.fdopen(os.pidfd_open(pid), "rb", buffering=0) as gone:
        for source in (channel, gone, answer.receiver, log.receiver):
            selector.register(source, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _ in selector.select()]
            for pipe in (answer, log):
                if pipe.receiver in ready and pipe.read() == b"":
                    selector.unregister(pipe.receiver)
            if channel in ready or gone in ready or answer.cut:
                return channel in ready


def _send(channel: socket.socket, message: dict[str, Any]) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")
