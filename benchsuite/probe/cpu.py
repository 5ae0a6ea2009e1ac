"""The processors: model, cores, features, caches, and what of them this process may use."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from benchsuite.probe import clocks, host, instructions
from benchsuite.procfs import ROOT, cgroups, cpu_list, number, text, to_number
from benchsuite.records import Cpu

_SYSTEM = "sys/devices/system"


def cpu(root: Path = ROOT, affinity: frozenset[int] | None = None) -> Cpu:
    """The processors as `root` describes them, for a process held to `affinity`, by default this one's."""
    blocks = instructions.blocks(root)
    online = _online(root, len(blocks))
    usable = usable_cpus(root, affinity)
    cores = _cores(root, online)
    return Cpu(
        model=instructions.model(blocks),
        architecture=platform.machine(),
        physical_cores=len(cores) if cores else _asked_cores(root) or len(online),
        logical_cores=len(online),
        usable_cpus=len(usable),
        quota_cores=quota_cores(root),
        features=instructions.features(blocks),
        caches=_caches(root, min(usable)),
        numa_nodes=_numa_nodes(root),
        smt=_smt(root, cores),
        governor=clocks.governor(root, usable),
        boost=clocks.boost(root),
        virtualization=host.virtualization(root),
        microcode=instructions.microcode(blocks),
        nominal_hertz=clocks.nominal_hertz(root, usable),
        highest_hertz=clocks.highest_hertz(root, usable),
    )


def usable_cpus(root: Path = ROOT, affinity: frozenset[int] | None = None) -> frozenset[int]:
    """Processors that a process held to `affinity` may use; where there is no affinity, all that are online."""
    if affinity:
        return affinity
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return _online(root, 0)


def physical_cores_usable(root: Path = ROOT, affinity: frozenset[int] | None = None) -> int:
    """Physical cores within affinity and quota, at least 1: how many threads to use unless told otherwise."""
    usable = usable_cpus(root, affinity)
    cores = _cores(root, usable)
    count = len(cores) if cores else min(len(usable), _asked_cores(root) or len(usable))
    # Note: rounding a quota of 1.5 up to 2 threads has both of them stopped for a quarter of every period.
    quota = quota_cores(root)
    return max(1, count if quota is None else min(count, int(quota)))


def processors_usable(root: Path = ROOT, affinity: frozenset[int] | None = None) -> float:
    """The smaller of affinity and quota: with more threads than this, some wait for others."""
    quota = quota_cores(root)
    count = len(usable_cpus(root, affinity))
    return count if quota is None else min(count, quota)


def quota_cores(root: Path = ROOT) -> float | None:
    """The tightest CPU quota of this process's control groups, in cores; None without one."""
    quotas = [quota for folder in cgroups(root, "cpu") if (quota := _quota(folder)) is not None]
    return min(quotas, default=None)


def _quota(folder: Path) -> float | None:
    words = (text(folder / "cpu.max") or "").split()
    if len(words) == 2:
        allowed, period = to_number(words[0]), to_number(words[1])
    else:
        allowed, period = number(folder / "cpu.cfs_quota_us"), number(folder / "cpu.cfs_period_us")
    if not allowed or not period or allowed < 0 or period < 0:
        return None
    return allowed / period


def _online(root: Path, listed: int) -> frozenset[int]:
    """Processors that are online: the kernel's list, else as many as `listed`, else what the interpreter says."""
    online = cpu_list(text(root / _SYSTEM / "cpu/online"))
    return online or frozenset(range(listed or os.cpu_count() or 1))


def _cores(root: Path, cpus: frozenset[int]) -> frozenset[frozenset[int]] | None:
    """Groups of processors that share a core, of those of `cpus`; None where any of them is not known."""
    groups = set()
    for index in cpus:
        folder = root / _SYSTEM / f"cpu/cpu{index}/topology"
        siblings = cpu_list(text(folder / "core_cpus_list") or text(folder / "thread_siblings_list"))
        if siblings is None:
            return None
        groups.add(siblings)
    return frozenset(groups)


def _smt(root: Path, cores: frozenset[frozenset[int]] | None) -> bool | None:
    active = text(root / _SYSTEM / "cpu/smt/active")
    if active in {"0", "1"}:
        return active == "1"
    return any(len(siblings) > 1 for siblings in cores) if cores else None


def _numa_nodes(root: Path) -> int | None:
    nodes = cpu_list(text(root / _SYSTEM / "node/online"))
    return len(nodes) if nodes else None


def _caches(root: Path, index: int) -> dict[str, int]:
    """Bytes of one cache of each kind, as processor `index` sees it: `L1d`, `L1i`, `L2`, `L3`."""
    sizes = {}
    for folder in sorted((root / _SYSTEM / f"cpu/cpu{index}/cache").glob("index*")):
        level, kind = number(folder / "level"), text(folder / "type")
        size = _bytes(text(folder / "size") or "")
        if level and size and kind in {"Data", "Instruction", "Unified"}:
            sizes[f"L{level:.0f}{'' if kind == 'Unified' else kind[0].lower()}"] = size
    return sizes


def _bytes(size: str) -> int | None:
    scale = {"K": 2**10, "M": 2**20, "G": 2**30}.get(size[-1:], 1)
    value = to_number(size.rstrip("KMG"))
    return int(value * scale) if value and value > 0 else None


def _asked_cores(root: Path) -> int | None:
    """What psutil says of this machine where the kernel's files do not."""
    if root != ROOT:
        return None
    import psutil

    return psutil.cpu_count(logical=False)
