"""A copy from memory to memory: the bandwidth that a machine was measured to reach."""

from __future__ import annotations

from benchsuite import Case, Transfer, Work, Workload

MIB = 2**20


def build(case: Case) -> Transfer:
    """`mebibytes` of values that are all written, since pages never written may share one page of zeros."""
    from workloads.nets.weights import uniform

    return Transfer((uniform("source", case["mebibytes"] * MIB // 4),))


def work(case: Case) -> Work:
    """Each byte is read once and written once, so the items are 2 x size bytes; values are fp32 (4 B).

    A cache that reads a line before overwriting it moves up to half as much again, which is not counted. The size
    exceeds the caches of common machines; a last-level cache of several hundred MiB needs `mebibytes=1024`.
    """
    moved = 2 * case["mebibytes"] * MIB
    return Work(items=moved, unit="B", bytes=moved)


workload = Workload(
    name="memory-copy",
    summary="a copy from memory to memory that overflows the caches",
    kind="ceiling",
    program=Transfer,
    axes={"mebibytes": 256},
    presets={
        "smoke": {"mebibytes": (32,)},
        "quick": {"mebibytes": (128,)},
        "full": {"mebibytes": (256,)},
        "sweep": {"mebibytes": (128,)},
    },
    build=build,
    work=work,
    accelerated={"quick": {"mebibytes": (1024,)}, "full": {"mebibytes": (1024, 4096)}, "sweep": {"mebibytes": (1024,)}},
)
