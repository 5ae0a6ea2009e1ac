"""Blocks of a file in random order: the rate at which a disk was measured to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchsuite import Case, HostSteps, HostTask, Phase, Unsupported, Work, Workload
from benchsuite.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

MIB = 2**20
IN_MEMORY = ("tmpfs", "ramfs")


def build(case: Case) -> HostTask:
    """Seeded bytes in the user's cache folder, and the order in which their blocks are read.

    Raises UsageError for blocks that do not divide the file, Unsupported where the folder lies in memory.
    """
    import torch

    from workloads.host.blocks import BlockReader, checksums
    from workloads.host.files import file_system, stored

    total, block = case["mebibytes"] * MIB, case["block_kib"] * 1024
    if not block or total % block:
        raise UsageError(
            f"block_kib={case['block_kib']} does not divide {case['mebibytes']} MiB: choose a power of two"
        )
    generator = torch.Generator().manual_seed(total)
    content_N = torch.randint(-(2**63), 2**63 - 1, (total // 8,), generator=generator)
    path = stored(content_N, "disk")
    kind, device = file_system(path)
    if kind in IN_MEMORY:
        raise Unsupported(f"{path.parent} lies in memory ({kind}): set BENCHSUITE_CACHE to a folder on a disk")

    def prepare(inputs: tuple[Tensor, ...], threads: int) -> HostSteps:
        reader = BlockReader(path, inputs[0], block, threads)
        notes = {"page cache": reader.page_cache, "disk": f"{kind} on {device}"}
        return HostSteps((Phase(reader.read),), lambda: {"checksums": reader.digests()}, notes)

    def expected(order_N: Tensor) -> dict[str, Tensor]:
        return {"checksums": checksums(content_N.numpy().view("u1").data, block)[order_N]}

    return HostTask((torch.randperm(total // block, generator=generator),), prepare, expected)


def work(case: Case) -> Work:
    """Every byte of the file is read once."""
    total = case["mebibytes"] * MIB
    return Work(items=total, unit="B", bytes=total, launches=0)


workload = Workload(
    name="disk-read",
    summary="blocks of a file in random order, past the page cache where the system lets us",
    kind="ceiling",
    program=HostTask,
    axes={"mebibytes": 128, "block_kib": 1024},
    presets={"smoke": {"mebibytes": (4,), "block_kib": (256,)}, "full": {}},
    build=build,
    work=work,
    tolerance={"fp32": 0.0},
)
