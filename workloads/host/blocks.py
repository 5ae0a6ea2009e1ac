"""Blocks of a file, read in any order by several threads, past the page cache where the system lets us."""

from __future__ import annotations

import contextlib
import mmap
import os
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from benchsuite import Unsupported

if TYPE_CHECKING:
    from torch import Tensor

_ALIGNMENT = 4096  # what O_DIRECT asks of offsets and lengths on common devices; memory of mmap is aligned


class BlockReader:
    """Reads every block of `path` once, in the order of `order_N`, into memory of its own.

    O_DIRECT goes past the page cache. Where the file system has none, pages are dropped before each pass, which is part
    of its time; where that cannot be done either, they may be warm. Raises Unsupported where there is no such reading.
    """

    def __init__(self, path: Path, order_N: Tensor, block_bytes: int, threads: int) -> None:
        if not hasattr(os, "preadv"):
            raise Unsupported("this system cannot read at a place into memory of ours (preadv)")
        self._path, self._order_N, self._block = path, order_N, block_bytes
        self._memory = memoryview(mmap.mmap(-1, len(order_N) * block_bytes))
        self._threads, self._pool = threads, ThreadPoolExecutor(threads)
        self._file, self.page_cache = self._open()

    def _open(self) -> tuple[int, str]:
        direct = getattr(os, "O_DIRECT", 0)
        if direct and self._block % _ALIGNMENT == 0:
            with contextlib.suppress(OSError):  # tmpfs and some network file systems have none
                file = os.open(self._path, os.O_RDONLY | direct)
                if self._serves(file):
                    return file, "bypassed (O_DIRECT)"
        dropped = "dropped before each pass" if hasattr(os, "posix_fadvise") else "may be warm"
        return os.open(self._path, os.O_RDONLY), dropped

    def _serves(self, file: int) -> bool:
        """Whether blocks of this size can be read from it; some devices ask for a larger alignment."""
        try:
            os.preadv(file, [self._memory[: self._block]], 0)
        except OSError:
            os.close(file)
            return False
        return True

    def read(self) -> None:
        """One pass."""
        if self.page_cache.startswith("dropped"):
            os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)
        order = self._order_N.tolist()
        parts = [range(part, len(order), self._threads) for part in range(self._threads)]
        list(self._pool.map(lambda places: self._read(order, places), parts))

    def _read(self, order: Sequence[int], places: range) -> None:
        size = self._block
        for place in places:
            done = 0
            while done < size:
                target = self._memory[place * size + done : (place + 1) * size]
                count = os.preadv(self._file, [target], order[place] * size + done)
                if count == 0:
                    raise EOFError(f"{self._path} ends within block {order[place]}: it was changed while being read")
                done += count

    def digests(self) -> Tensor:
        """A checksum of each block, in the order in which they lie in memory."""
        return checksums(self._memory, self._block)


def checksums(content: memoryview, block_bytes: int) -> Tensor:
    """The CRC-32 of each block, as int64."""
    import torch

    return torch.tensor([zlib.crc32(content[i : i + block_bytes]) for i in range(0, len(content), block_bytes)])
