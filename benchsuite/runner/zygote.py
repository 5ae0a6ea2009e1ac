"""A fresh interpreter that imports once and forks a worker for each request; the parent blocks while one works."""

from __future__ import annotations

import contextlib
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from benchsuite import cache
from benchsuite.pipe import Pipe
from benchsuite.records import Request
from benchsuite.records.codec import to_data

_START_SECONDS = 300.0
_GRACE_SECONDS = 20.0
_CLOSE_SECONDS = 5.0
_LONGEST_PADDING = 4096
_LONGEST_WORDS = 4000
_LONGEST_MESSAGE = 2**28
_CHUNK = 2**16


@dataclass(frozen=True)
class Outcome:
    """How a worker ended: its answer if it gave a readable one, else why not, and the end of what it printed.

    `late` is one that was killed because it took too long.
    """

    answer: Any
    fault: str
    log: str
    late: bool = False


class ZygoteDied(Exception):
    """The interpreter itself is gone; the next request needs a new one."""


class Zygote:
    """One round's interpreter, that of `interpreter`. To enter it raises ZygoteDied where it does not come up."""

    def __init__(
        self, imports: Sequence[str], seed: int, environ: Mapping[str, str], interpreter: str = sys.executable
    ) -> None:
        ours, theirs = socket.socketpair()
        self._words = Pipe(_LONGEST_WORDS)
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                    [interpreter, "-P", "-m", "benchsuite.worker", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self._words.sender,
                    env=environment(seed, environ),
                    start_new_session=True,
                )
            except OSError as error:
                raise ZygoteDied(f"no interpreter could be started: {error}") from error
            finally:
                os.close(self._words.sender)
        self._channel, self._worker, self._busy = ours, 0, False
        self._received = bytearray()
        self._imports = list(imports)

    def __enter__(self) -> Zygote:
        try:
            self.start()
            self.ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Have it import; `ready` waits for that, so that several can import at once."""
        self._send({"imports": self._imports})

    def ready(self) -> None:
        """Block until it can fork. Raises ZygoteDied."""
        self._expect(_START_SECONDS)

    def close(self) -> None:
        """End it and the worker it may have, with whatever that started."""
        self._channel.close()
        try:
            if self._busy:
                # It alone can find all that its worker started, and leaves when it has ended that.
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_CLOSE_SECONDS)
        finally:
            self._kill_worker()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._words.receiver.close()

    def ask(self, request: Request, timeout: float) -> Outcome:
        """Have a worker do `request`; blocks until it ended or until it is killed after `timeout` seconds."""
        self.begin(request)
        return self.end(timeout)

    def begin(self, request: Request, partner: socket.socket | None = None) -> None:
        """Have a worker start on `request`, with the end of a socket to the worker that it shares turns with."""
        self._busy = True
        self._send(to_data(request), partner)
        self._worker = int(self._expect(_GRACE_SECONDS)["started"])

    def end(self, timeout: float) -> Outcome:
        """Block until the worker that `begin` started has ended, or until it is killed after `timeout` seconds.

        Seconds in which this process alone was stopped count; those in which the machine slept do not, on Linux.
        """
        late = False
        try:
            ended = self._receive(timeout)
        except TimeoutError:
            # Where a part of the message is here, the worker has ended, and we were too slow to read it.
            late = not self._received
            if late:
                self._kill_worker()
            ended = self._expect(_GRACE_SECONDS)
        self._worker, self._busy = 0, False
        return outcome_of(ended, f"hung: killed after {timeout:g} s" if late else "")

    def _kill_worker(self) -> None:
        if self._worker:
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(self._worker, signal.SIGKILL)

    def _send(self, message: Any, partner: socket.socket | None = None) -> None:
        line = json.dumps(message).encode() + b"\n"
        try:
            if partner is not None:
                line = line[socket.send_fds(self._channel, [line], [partner.fileno()]) :]
            self._channel.sendall(line)
        except OSError as error:
            raise ZygoteDied(self._last_words()) from error

    def _expect(self, timeout: float) -> Any:
        """One line from the zygote itself, which does not keep us waiting while it lives."""
        try:
            return self._receive(timeout)
        except TimeoutError:
            self._busy = False  # nor will it end its worker
            raise ZygoteDied(f"the zygote gave no answer in {timeout:g} s") from None

    def _receive(self, timeout: float) -> Any:
        """One line. Raises TimeoutError, after which it can be called again."""
        deadline, searched = time.monotonic() + timeout, 0
        with selectors.DefaultSelector() as selector:
            selector.register(self._channel, selectors.EVENT_READ)
            selector.register(self._words.receiver, selectors.EVENT_READ)
            while (end := self._received.find(b"\n", searched)) < 0:
                searched = len(self._received)
                ready = {key.fileobj for key, _ in selector.select(max(1e-3, deadline - time.monotonic()))}
                if self._words.receiver in ready and self._words.read() == b"":
                    selector.unregister(self._words.receiver)
                if self._channel in ready:
                    self._take()
                elif time.monotonic() >= deadline:
                    raise TimeoutError
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise ZygoteDied(f"the zygote's message cannot be read: {line[:60]!r}") from None

    def _take(self) -> None:
        """What there is to receive."""
        try:
            chunk = self._channel.recv(_CHUNK)
        except ConnectionError:
            chunk = b""
        if not chunk:
            raise ZygoteDied(self._last_words())
        self._received += chunk
        if len(self._received) > _LONGEST_MESSAGE:
            raise ZygoteDied("the zygote's message has no end")

    def _last_words(self) -> str:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        status = self._process.wait()
        self._words.drain()
        words = self._words.kept.decode(errors="replace").strip().split("\n")[-1]
        return f"the zygote ended with {_status(status)}" + (f": {words}" if words else "")


def outcome_of(ended: Mapping[str, Any], late: str) -> Outcome:
    """What the `answer`, the status (`ended`) and the `log` of a worker come to; `late` says why it was killed."""
    log, status, text = str(ended["log"]), int(ended["ended"]), str(ended["answer"])
    if late:
        return Outcome(None, late, log, late=True)
    if ended["answer"] is None:
        return Outcome(None, "the worker's answer is longer than any record: it was killed", log)
    if status:
        return Outcome(None, f"the worker ended with {_status(status)}", log)
    try:
        return Outcome(json.loads(text), "", log)
    except (ValueError, RecursionError):
        return Outcome(None, f"the worker's answer is not a record: {text[:60]!r}", log)


def _status(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    name = next((s.name for s in signal.Signals if s == -status), f"signal {-status}")
    return f"{name} (out of memory?)" if name == "SIGKILL" else name


def environment(seed: int, environ: Mapping[str, str]) -> dict[str, str]:
    """The parent's environment with a hash seed and a padding of this round's own, and pools that wait to be asked.

    Padding the environment moves the stack, as Mytkowicz et al. (2009) showed to matter; it is drawn anew each round so
    that layouts are sampled rather than frozen.
    """
    draw = random.Random(seed)
    return {
        **os.environ,
        "PYTHONHASHSEED": str(draw.randrange(2**32)),
        "BENCHSUITE_PADDING": "x" * draw.randrange(_LONGEST_PADDING),
        "OPENBLAS_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "TORCHINDUCTOR_CACHE_DIR": str(cache.folder("inductor")),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        **environ,
    }
