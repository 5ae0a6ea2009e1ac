"""Peaks of memory while timing: the process's resident set, and the device's allocator."""

from __future__ import annotations

import contextlib

from benchsuite.procfs import ROOT, table


def forget_host_peak() -> None:
    """Let the kernel's high-water mark start again from here, where it can (Linux: 5 to clear_refs)."""
    with contextlib.suppress(OSError):
        (ROOT / "proc/self/clear_refs").write_bytes(b"5")


def host_peak() -> float | None:
    """Bytes: the highest resident set since `forget_host_peak`; None where the system does not say."""
    kibibytes = table(ROOT / "proc/self/status").get("VmHWM")
    return None if kibibytes is None else kibibytes * 1024


def forget_device_peak(device: str) -> None:
    """Start the allocator's peak again, on devices whose allocator keeps one."""
    if device != "cpu":
        import torch

        torch.accelerator.reset_peak_memory_stats()


def device_peak(device: str) -> float | None:
    """Bytes: the most that the device's allocator had handed out; None on the CPU."""
    if device == "cpu":
        return None
    import torch

    return float(torch.accelerator.max_memory_allocated())
