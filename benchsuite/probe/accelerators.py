"""NVIDIA accelerators through the driver's own library; other makers' are found by torch in a worker."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchsuite.procfs import ROOT, text
from benchsuite.records import Accelerator

_MEGAHERTZ = 1e6
_NVIDIA = "0x10de"


def accelerators(nvml: Any = None, environ: Mapping[str, str] = os.environ) -> tuple[Accelerator, ...]:
    """The devices that this process may use, in the driver's order; none where library, driver or permission lacks.

    `nvml` is the module to ask, by default pynvml. CUDA_VISIBLE_DEVICES is obeyed as far as it can be without CUDA:
    by identity, and by number in the order of the bus.
    """
    nvml = _library() if nvml is None else nvml
    if nvml is None:
        return ()
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return ()
    try:
        return _devices(_Asker(nvml), environ.get("CUDA_VISIBLE_DEVICES"))
    finally:
        _Asker(nvml)("nvmlShutdown")


def undriven(root: Path = ROOT) -> tuple[str, ...]:
    """Bus addresses of NVIDIA accelerators that no driver has claimed."""
    found = []
    for device in sorted((root / "sys/bus/pci/devices").glob("*")):
        # Class 03 is a display controller, which is what the maker's accelerators call themselves.
        is_display = (text(device / "class") or "").startswith("0x03")
        if is_display and text(device / "vendor") == _NVIDIA and not (device / "driver").exists():
            found.append(device.name)
    return tuple(found)


class _Asker:
    """Calls of the library that answer None where driver, device or an older library refuses."""

    def __init__(self, nvml: Any) -> None:
        self.nvml = nvml

    def __call__(self, function: str, *arguments: Any) -> Any:
        # A library older than the function lacks it; one newer than the driver raises an error of its own.
        call: Callable[..., Any] | None = getattr(self.nvml, function, None)
        if call is None:
            return None
        try:
            return call(*arguments)
        except self.nvml.NVMLError:
            return None

    def constant(self, name: str) -> Any:
        """The library's number for `name`, None where it is older than that."""
        return getattr(self.nvml, name, None)


def _library() -> Any:
    try:
        import pynvml
    except ImportError:
        return None
    return pynvml


def _devices(ask: _Asker, visible: str | None) -> tuple[Accelerator, ...]:
    count = ask("nvmlDeviceGetCount") or 0
    handles = {index: ask("nvmlDeviceGetHandleByIndex", index) for index in range(count)}
    known = {index: handle for index, handle in handles.items() if handle is not None}
    chosen = [
        handle for index, handle in known.items() if _is_visible(visible, index, ask("nvmlDeviceGetUUID", handle))
    ]
    return tuple(device for handle in chosen if (device := _device(ask, handle)) is not None)


def _is_visible(visible: str | None, index: int, identity: Any) -> bool:
    if visible is None:
        return True
    for wanted in visible.split(","):
        word = wanted.strip()
        if not (word.isdecimal() or word.startswith(("GPU-", "MIG-"))):
            return False  # CUDA itself stops at the first entry that names no device.
        if word == str(index) or word.startswith("MIG-") or (len(word) > 4 and _text(identity or "").startswith(word)):
            return True
    return False


def _device(ask: _Asker, handle: Any) -> Accelerator | None:
    name = ask("nvmlDeviceGetName", handle)
    if name is None:
        return None
    parts = _mig_parts(ask, handle)
    # Where the device is one single part of a larger one, the memory is that part's.
    memory = ask("nvmlDeviceGetMemoryInfo", parts[0] if parts and len(parts) == 1 else handle)
    driver = ask("nvmlSystemGetDriverVersion")
    ecc = ask("nvmlDeviceGetEccMode", handle)
    milliwatts = ask("nvmlDeviceGetEnforcedPowerLimit", handle)
    return Accelerator(
        kind="cuda",
        name=_text(name),
        memory_bytes=int(memory.total) if memory is not None else 0,
        driver=None if driver is None else _text(driver),
        ecc=None if ecc is None else bool(ecc[0]),
        mig=_mig(ask, parts),
        power_limit_watts=None if milliwatts is None else milliwatts / 1e3,
        max_sm_clock_hertz=_clock(ask, handle, "NVML_CLOCK_SM"),
        max_memory_clock_hertz=_clock(ask, handle, "NVML_CLOCK_MEM"),
        pcie=_pcie(ask, handle),
    )


def _mig_parts(ask: _Asker, handle: Any) -> list[Any] | None:
    """Handles of the parts a device is divided into; empty where it is whole, None where the driver does not say."""
    mode = ask("nvmlDeviceGetMigMode", handle)
    if mode is None:
        return None
    count = (ask("nvmlDeviceGetMaxMigDeviceCount", handle) or 0) if mode[0] else 0
    parts = (ask("nvmlDeviceGetMigDeviceHandleByIndex", handle, index) for index in range(count))
    return [part for part in parts if part is not None]


def _mig(ask: _Asker, parts: list[Any] | None) -> str | None:
    """`off`, or the profiles in use such as `1g.10gb,2g.20gb`."""
    if not parts:
        return None if parts is None else "off"
    names = [_text(ask("nvmlDeviceGetName", part) or "unknown") for part in parts]
    return ",".join(name.rpartition("MIG ")[2] for name in names)


def _clock(ask: _Asker, handle: Any, kind: str) -> float | None:
    number = ask.constant(kind)
    megahertz = None if number is None else ask("nvmlDeviceGetMaxClockInfo", handle, number)
    return None if megahertz is None else megahertz * _MEGAHERTZ


def _pcie(ask: _Asker, handle: Any) -> str | None:
    """The link's best generation and width, which unlike its present ones do not change with load: `gen5 x16`."""
    generation = ask("nvmlDeviceGetMaxPcieLinkGeneration", handle)
    width = ask("nvmlDeviceGetMaxPcieLinkWidth", handle)
    return f"gen{generation} x{width}" if generation and width else None


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
