"""The host: name, system, memory and how the kernel hands it out."""

from __future__ import annotations

import re
from pathlib import Path

from benchsuite.procfs import ROOT, cgroups, number, table, text


def memory_bytes(root: Path = ROOT) -> int:
    """Memory that this process may use: of the machine, or of the tightest control group; 0 where nothing says."""
    total = table(root / "proc/meminfo").get("MemTotal", 0) * 1024 or _asked_total(root)
    limits = [
        limit
        for folder in cgroups(root, "memory")
        for file in ("memory.max", "memory.limit_in_bytes")
        if (limit := number(folder / file))
    ]
    return int(min([total, *limits]) if total else 0)


def swap_bytes(root: Path = ROOT) -> int:
    """Size of the swap space, 0 where there is none."""
    return int(table(root / "proc/meminfo").get("SwapTotal", 0) * 1024)


def huge_pages(root: Path = ROOT) -> str | None:
    """Transparent huge pages: `always`, `madvise` or `never`."""
    chosen = re.search(r"\[(\w+)\]", text(root / "sys/kernel/mm/transparent_hugepage/enabled") or "")
    return chosen[1] if chosen else None


def aslr(root: Path = ROOT) -> bool | None:
    """Whether addresses are randomised, without which every process has one layout, be it a lucky one or not."""
    level = number(root / "proc/sys/kernel/randomize_va_space")
    return None if level is None else level > 0


def virtualization(root: Path = ROOT) -> str | None:
    """`none` on bare metal, else the hypervisor's name as far as the system tells it, or plain `vm`."""
    maker = f"{text(root / 'sys/class/dmi/id/sys_vendor')} {text(root / 'sys/class/dmi/id/product_name')}".lower()
    known = {"kvm": "kvm", "qemu": "kvm", "vmware": "vmware", "virtualbox": "virtualbox", "xen": "xen"}
    clouds = {"amazon ec2": "amazon", "google compute": "google", "microsoft corporation virtual": "hyper-v"}
    # A cloud's bare machines carry the same maker's name; there only the processor knows.
    flags = re.search(r"^(?:flags|Features)\s*:(.*)$", text(root / "proc/cpuinfo") or "", re.MULTILINE)
    guest = flags is not None and "hypervisor" in flags[1].split()
    x86 = flags is not None and "fpu" in flags[1].split()
    name = text(root / "sys/hypervisor/type") or next((name for mark, name in known.items() if mark in maker), None)
    if name is not None or guest:
        return name or next((name for mark, name in clouds.items() if mark in maker), "vm")
    return "none" if x86 else None


def _asked_total(root: Path) -> int:
    """What psutil says of this machine where there is no /proc/meminfo."""
    if root != ROOT:
        return 0
    import psutil

    return int(psutil.virtual_memory().total)
