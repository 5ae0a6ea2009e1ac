"""A pipe from a process that may say more than anyone wants to hear: the end of it is kept."""

from __future__ import annotations

import os

_CHUNK = 2**16
_CHUNKS_HELD = 16  # the most that Linux lets a pipe hold, unless it is told otherwise


class Pipe:
    """Its reader keeps the last `most` bytes of whatever comes; `cut` says whether there was more.

    Note: what is printed goes through a pipe and not to a file, since a file has no bound and needs a place on disk.
    The reader wakes only when something is printed.
    """

    def __init__(self, most: int) -> None:
        receiver, self.sender = os.pipe()
        os.set_blocking(receiver, False)
        self.receiver = os.fdopen(receiver, "rb", buffering=0)
        self.kept, self.cut = bytearray(), False
        self._most = most

    def read(self) -> bytes | None:
        """Take what is there, which is returned: nothing once nobody can write any more, None where nothing came."""
        chunk = self.receiver.read(_CHUNK)
        self.kept += chunk or b""
        excess = len(self.kept) - self._most
        if excess > 0:
            del self.kept[:excess]
            self.cut = True
        return chunk

    def drain(self) -> None:
        """Take what is left: no more than a pipe holds, since somebody may go on writing."""
        for _ in range(_CHUNKS_HELD):
            if not self.read():
                break
