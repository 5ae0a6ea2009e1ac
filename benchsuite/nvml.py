"""NVIDIA's management library, asked so that refusal is an answer: None where driver, device or permission lacks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any


class Nvml:
    """An open library. Enter it to have it closed again; `open_nvml` makes one."""

    def __init__(self, library: Any) -> None:
        self.library = library

    def __enter__(self) -> Nvml:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self("nvmlShutdown")

    def __call__(self, function: str, *arguments: Any) -> Any:
        """What `function` says, or None."""
        # A library older than the function lacks it; one newer than the driver raises an error of its own.
        call: Callable[..., Any] | None = getattr(self.library, function, None)
        if call is None:
            return None
        try:
            return call(*arguments)
        except self.library.NVMLError:
            return None

    def constant(self, name: str) -> Any:
        """The library's number for `name`, None where it is older than that."""
        return getattr(self.library, name, None)

    def devices(self, environ: Mapping[str, str] = os.environ) -> list[Any]:
        """Handles of the devices that this process may use, in the order of the bus.

        CUDA_VISIBLE_DEVICES is obeyed as far as it can be without CUDA: by identity, and by number in that order.
        """
        visible = environ.get("CUDA_VISIBLE_DEVICES")
        handles = ((index, self("nvmlDeviceGetHandleByIndex", index)) for index in range(self.count()))
        return [
            handle
            for index, handle in handles
            if handle is not None and _is_visible(visible, index, self("nvmlDeviceGetUUID", handle))
        ]

    def count(self) -> int:
        """All devices of the machine."""
        return self("nvmlDeviceGetCount") or 0


def open_nvml(library: Any = None) -> Nvml | None:
    """The library, started; by default pynvml. None where it, the driver or the permission lacks."""
    if library is None:
        try:
            import pynvml
        except ImportError:
            return None
        library = pynvml
    try:
        library.nvmlInit()
    except library.NVMLError:
        return None
    return Nvml(library)


def words(value: str | bytes) -> str:
    """Text that older libraries give as bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _is_visible(visible: str | None, index: int, identity: Any) -> bool:
    if visible is None:
        return True
    for wanted in visible.split(","):
        word = wanted.strip()
        if not (word.isdecimal() or word.startswith(("GPU-", "MIG-"))):
            return False  # CUDA itself stops at the first entry that names no device.
        if word == str(index) or word.startswith("MIG-") or (len(word) > 4 and words(identity or "").startswith(word)):
            return True
    return False
