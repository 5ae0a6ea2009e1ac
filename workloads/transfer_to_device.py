"""Host memory to device memory: the rate that the bus between them was measured to reach."""

from __future__ import annotations

from benchsuite import Case, HostTransfer, Work, Workload
from benchsuite.errors import UsageError

MIB = 2**20


def build(case: Case) -> HostTransfer:
    """`mebibytes` of values; `memory` of the host is `pinned` or `pageable`. Raises UsageError for another."""
    from workloads.nets.weights import uniform

    if (memory := case.choice("memory")) not in ("pinned", "pageable"):
        raise UsageError(f"memory={memory} is neither: choose memory=pinned or memory=pageable")
    values = uniform("source", case["mebibytes"] * MIB // 4)
    return HostTransfer((values,), to_device=True, pinned=memory == "pinned")


def work(case: Case) -> Work:
    """Each byte crosses the bus once."""
    crossing = case["mebibytes"] * MIB
    return Work(items=crossing, unit="B", bytes=crossing)


workload = Workload(
    name="transfer-to-device",
    summary="a copy from the host's memory to the device's",
    kind="ceiling",
    program=HostTransfer,
    axes={"mebibytes": 256, "memory": "pinned"},
    presets={
        "smoke": {"mebibytes": (1,), "memory": ("pinned", "pageable")},
        "full": {"mebibytes": (1, 256), "memory": ("pinned", "pageable")},
    },
    build=build,
    work=work,
    accelerated={"quick": {"mebibytes": (256,), "memory": ("pinned", "pageable")}},
)
