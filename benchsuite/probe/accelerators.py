"""NVIDIA accelerators through the driver's own library; other makers' are found by torch in a worker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchsuite.nvml import Nvml, open_nvml, words
from benchsuite.procfs import ROOT, text
from benchsuite.records import Accelerator

_MEGAHERTZ = 1e6
_NVIDIA = "0x10de"


def accelerators(nvml: Any = None, environ: Mapping[str, str] = os.environ) -> tuple[Accelerator, ...]:
    """The devices that this process may use, in the driver's order; none where library, driver or permission lacks.

    `nvml` is the module to ask, by default pynvml.
    """
    ask = open_nvml(nvml)
    if ask is None:
        return ()
    with ask:
        found = (_device(ask, handle) for handle in ask.devices(environ))
        return tuple(device for device in found if device is not None)


def undriven(root: Path = ROOT) -> tuple[str, ...]:
    """Bus addresses of NVIDIA accelerators that no driver has claimed."""
    found = []
    for device in sorted((root / "sys/bus/pci/devices").glob("*")):
        # Class 03 is a display controller, which is what the maker's accelerators call themselves.
        is_display = (text(device / "class") or "").startswith("0x03")
        if is_display and text(device / "vendor") == _NVIDIA and not (device / "driver").exists():
            found.append(device.name)
    return tuple(found)


def _device(ask: Nvml, handle: Any) -> Accelerator | None:
    name = ask("nvmlDeviceGetName", handle)
    if name is None:
        return None
    parts = _mig_parts(ask, handle)
    # Where the device is one single part of a larger one, the memory is that part's.
    memory = ask("nvmlDeviceGetMemoryInfo", parts[0] if parts and len(parts) == 1 else handle)
    driver = ask("nvmlSystemGetDriverVersion")
    ecc = ask("nvmlDeviceGetEccMode", handle)
    return Accelerator(
        kind="cuda",
        name=words(name),
        memory_bytes=int(memory.total) if memory is not None else 0,
        driver=None if driver is None else words(driver),
        ecc=None if ecc is None else bool(ecc[0]),
        mig=_mig(ask, parts),
        power_limit_watts=_watts(ask("nvmlDeviceGetEnforcedPowerLimit", handle)),
        max_sm_clock_hertz=_clock(ask, "nvmlDeviceGetMaxClockInfo", handle, "NVML_CLOCK_SM"),
        max_memory_clock_hertz=_clock(ask, "nvmlDeviceGetMaxClockInfo", handle, "NVML_CLOCK_MEM"),
        pcie=_pcie(ask, handle),
        default_power_limit_watts=_watts(ask("nvmlDeviceGetPowerManagementDefaultLimit", handle)),
        application_clock_hertz=_clock(ask, "nvmlDeviceGetApplicationsClock", handle, "NVML_CLOCK_GRAPHICS"),
        pcie_width=ask("nvmlDeviceGetCurrPcieLinkWidth", handle),
    )


def _watts(milliwatts: int | None) -> float | None:
    return None if milliwatts is None else milliwatts / 1e3


def _mig_parts(ask: Nvml, handle: Any) -> list[Any] | None:
    """Handles of the parts a device is divided into; empty where it is whole, None where the driver does not say."""
    mode = ask("nvmlDeviceGetMigMode", handle)
    if mode is None:
        return None
    count = (ask("nvmlDeviceGetMaxMigDeviceCount", handle) or 0) if mode[0] else 0
    parts = (ask("nvmlDeviceGetMigDeviceHandleByIndex", handle, index) for index in range(count))
    return [part for part in parts if part is not None]


def _mig(ask: Nvml, parts: list[Any] | None) -> str | None:
    """`off`, or the profiles in use such as `1g.10gb,2g.20gb`."""
    if not parts:
        return None if parts is None else "off"
    names = [words(ask("nvmlDeviceGetName", part) or "unknown") for part in parts]
    return ",".join(name.rpartition("MIG ")[2] for name in names)


def _clock(ask: Nvml, function: str, handle: Any, kind: str) -> float | None:
    number = ask.constant(kind)
    megahertz = None if number is None else ask(function, handle, number)
    return None if megahertz is None else megahertz * _MEGAHERTZ


def _pcie(ask: Nvml, handle: Any) -> str | None:
    """The link's best generation and width, which unlike its present ones do not change with load: `gen5 x16`."""
    generation = ask("nvmlDeviceGetMaxPcieLinkGeneration", handle)
    width = ask("nvmlDeviceGetMaxPcieLinkWidth", handle)
    return f"gen{generation} x{width}" if generation and width else None
