"""Programs that belong to one place: work of the host, and copies between host and device."""

from __future__ import annotations

from benchsuite.workload import HostTask, HostTransfer, Program

HOST = "torch-eager-cpu"


def misplaced(backend: str, device: str, program: type[Program], precision: str) -> str | None:
    """Why `backend` leaves such a program to another, or does not run it in `precision`; None if it is at its place."""
    if program is HostTask:
        if backend != HOST:
            return f"runs on the host whatever the backend: see {HOST}"
        return None if precision == "fp32" else "work of the host has no precision of its own: see fp32"
    if program is HostTransfer:
        if device == "cpu":
            return "the CPU's memory is the host's: see memory-copy"
        if backend != f"torch-eager-{device}":
            return f"a copy to or from the device is the same in every backend: see torch-eager-{device}"
        return None if precision == "fp32" else "a transfer moves bytes: its precision is fp32 only"
    return None
