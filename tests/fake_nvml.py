"""A fake of NVIDIA's library: two whole H100 at rest, whose functions a test replaces."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class NvmlError(Exception):
    pass


def refuse(*_: object) -> Any:
    raise NvmlError


def processes(*pids: int) -> list[Any]:
    """As the library lists them."""
    return [SimpleNamespace(pid=pid) for pid in pids]


def library(**changes: Any) -> Any:
    """A fake pynvml; `changes` replaces functions."""
    functions: dict[str, Any] = {
        "NVMLError": NvmlError,
        "NVML_CLOCK_GRAPHICS": 0,
        "NVML_CLOCK_SM": 1,
        "NVML_CLOCK_MEM": 2,
        "NVML_TEMPERATURE_GPU": 0,
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlDeviceGetCount": lambda: 2,
        "nvmlDeviceGetHandleByIndex": lambda index: f"device{index}",
        "nvmlDeviceGetUUID": lambda handle: f"GPU-{handle}-uuid",
        "nvmlDeviceGetName": lambda handle: "NVIDIA H100",
        "nvmlDeviceGetMemoryInfo": lambda handle: SimpleNamespace(total=80 * 2**30),
        "nvmlSystemGetDriverVersion": lambda: "550.1",
        "nvmlDeviceGetEccMode": lambda handle: [1, 1],
        "nvmlDeviceGetEnforcedPowerLimit": lambda handle: 700_000,
        "nvmlDeviceGetPowerManagementDefaultLimit": lambda handle: 700_000,
        "nvmlDeviceGetMaxClockInfo": lambda handle, kind: {1: 1980, 2: 2619}[kind],
        "nvmlDeviceGetApplicationsClock": lambda handle, kind: {0: 1980}[kind],
        "nvmlDeviceGetMaxPcieLinkGeneration": lambda handle: 5,
        "nvmlDeviceGetMaxPcieLinkWidth": lambda handle: 16,
        "nvmlDeviceGetCurrPcieLinkWidth": lambda handle: 16,
        "nvmlDeviceGetMigMode": lambda handle: [0, 0],
        "nvmlDeviceGetClockInfo": lambda handle, kind: {1: 1500, 2: 2619}[kind],
        "nvmlDeviceGetTemperature": lambda handle, sensor: {0: 60}[sensor],
        "nvmlDeviceGetPowerUsage": lambda handle: 300_500,
        "nvmlDeviceGetCurrentClocksEventReasons": lambda handle: 0,
        "nvmlDeviceGetComputeRunningProcesses": lambda handle: processes(),
        "nvmlDeviceGetTotalEnergyConsumption": lambda handle: 5_000,
    }
    return SimpleNamespace(**{**functions, **changes})
