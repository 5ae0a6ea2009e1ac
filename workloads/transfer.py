"""Copies between the host's memory and the device's: what both directions share."""

from __future__ import annotations

from collections.abc import Callable

from benchsuite import Case, HostTransfer, Work, Workload
from workloads.axes import word

MIB = 2**20


def copied(case: Case, *, to_device: bool) -> HostTransfer:
    """`mebibytes` of values; `memory` of the host is `pinned` or `pageable`. Raises UsageError for another."""
    from workloads.nets.weights import uniform

    pinned = word(case, "memory", "pinned", "pageable") == "pinned"
    return HostTransfer((uniform("source", case["mebibytes"] * MIB // 4),), to_device, pinned)


def work(case: Case) -> Work:
    """Each byte crosses the bus once."""
    crossing = case["mebibytes"] * MIB
    return Work(items=crossing, unit="B", bytes=crossing)


def transfer(name: str, summary: str, build: Callable[[Case], HostTransfer]) -> Workload:
    """The workload of one direction; `build` is of that direction's own file, so that this defines it too."""
    return Workload(
        name=name,
        summary=summary,
        kind="ceiling",
        program=HostTransfer,
        axes={"mebibytes": 256, "memory": "pinned"},
        presets={
            "smoke": {"mebibytes": (1,), "memory": ("pinned", "pageable")},
            "full": {"mebibytes": (1, 256), "memory": ("pinned", "pageable")},
        },
        build=build,
        work=work,
        accelerated={
            "quick": {"mebibytes": (256,), "memory": ("pinned", "pageable")},
            "sweep": {"mebibytes": (1, 16, 256), "memory": ("pinned", "pageable")},
        },
    )
