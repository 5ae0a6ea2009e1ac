"""Synthetic /proc and /sys trees of machines that we do not have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def plant(root: Path, files: Mapping[str, str]) -> Path:
    """Write `files`, each by its path below `root`, over what is there."""
    for name, contents in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents + "\n")
    return root


def x86_cpuinfo(cpus: int, model: str, flags: str) -> str:
    """One paragraph a processor, as Linux writes them on x86."""
    paragraph = "processor\t: {}\nmodel name\t: {}\nmicrocode\t: 0x2b000590\nflags\t\t: {}\npower management:\n"
    return "\n".join(paragraph.format(index, model, flags) for index in range(cpus))


def topology(siblings: Mapping[int, str]) -> dict[str, str]:
    """Which processors share a core with which."""
    cpus = "sys/devices/system/cpu"
    return {f"{cpus}/cpu{index}/topology/core_cpus_list": names for index, names in siblings.items()} | {
        f"{cpus}/online": f"0-{max(siblings)}"
    }


def caches(**sizes: str) -> dict[str, str]:
    """Caches of processor 0, such as `L1d="48K"`."""
    kinds = {"d": "Data", "i": "Instruction"}
    files: dict[str, str] = {}
    for index, (name, size) in enumerate(sizes.items()):
        folder = f"sys/devices/system/cpu/cpu0/cache/index{index}"
        files |= {f"{folder}/level": name[1], f"{folder}/size": size, f"{folder}/type": kinds.get(name[2:], "Unified")}
    return files


def intel_server(root: Path) -> Path:
    """Four cores of two threads each, with AMX, bare metal, powersave."""
    cpus = "sys/devices/system/cpu"
    flags = "fpu avx2 fma avx512f avx512_bf16 avx512_vnni avx_vnni amx_bf16 amx_tile amx_int8"
    files = {
        "proc/cpuinfo": x86_cpuinfo(8, "Intel(R) Xeon(R) Platinum 8480+", flags),
        "proc/meminfo": "MemTotal:       1000 kB\nSwapTotal:      10 kB",
        "proc/self/cgroup": "0::/",
        "proc/sys/kernel/randomize_va_space": "2",
        f"{cpus}/smt/active": "1",
        f"{cpus}/intel_pstate/no_turbo": "0",
        "sys/devices/system/node/online": "0-1",
        "sys/class/dmi/id/sys_vendor": "Dell Inc.",
        "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never",
    }
    files |= {f"{cpus}/cpu{index}/cpufreq/scaling_governor": "powersave" for index in range(8)}
    files |= topology({index: f"{index % 4},{index % 4 + 4}" for index in range(8)})
    return plant(root, files | caches(L1d="48K", L1i="32K", L2="2048K", L3="105M"))


def amd_guest(root: Path) -> Path:
    """Two processors of a virtual machine, without frequency files."""
    files = {
        "proc/cpuinfo": x86_cpuinfo(2, "AMD EPYC", "fpu avx2 avx512f hypervisor"),
        "sys/devices/system/cpu/smt/active": "0",
        "sys/class/dmi/id/sys_vendor": "QEMU",
    }
    return plant(root, files | topology({0: "0", 1: "1"}))


def arm_server(root: Path, part: str = "0xd40") -> Path:
    """Two ARM processors, which have no model name."""
    paragraph = "processor\t: {}\nFeatures\t: fp asimd asimddp sve bf16 i8mm\nCPU implementer\t: 0x41\nCPU part\t: {}\n"
    files = {"proc/cpuinfo": "\n".join(paragraph.format(index, part) for index in range(2))}
    return plant(root, files | topology({0: "0", 1: "1"}))


def container(root: Path) -> Path:
    """A version 2 control group of 1.5 processors and 512 KiB, on the Intel server."""
    group = "sys/fs/cgroup"
    files = {"cpu.max": "150000 100000", "memory.max": "524288", "cpu.stat": "nr_throttled 0\nthrottled_usec 0"}
    return plant(intel_server(root), {f"{group}/{name}": contents for name, contents in files.items()})


def garbage(root: Path, first: int = 0) -> Path:
    """A machine all of whose files hold nonsense; each `first` gives every file another kind of it."""
    server = container(root)
    nonsense = ("", "-", "nan", "\x00\xff", "1e999 x", "0-", "9-1,,", ": :\n::", "[", "max")
    for index, path in enumerate(sorted(p for p in server.rglob("*") if p.is_file())):
        path.write_bytes(nonsense[(index + first) % len(nonsense)].encode("latin-1"))
    return server


def power_counters(root: Path) -> Path:
    """RAPL of two packages, memory beside the first, with all that must not be counted twice."""
    zones = {
        "intel-rapl:0": ("package-0", 10, 262),
        "intel-rapl:0:0": ("core", 7, 262),
        "intel-rapl:0:1": ("dram", 2, 65),
        "intel-rapl:1": ("package-1", 20, 262),
        "intel-rapl:2": ("psys", 50, 262),
        "intel-rapl-mmio:0": ("package-0", 10, 262),
    }
    files: dict[str, str] = {}
    for folder, (name, joules, span) in zones.items():
        base = f"sys/class/powercap/{folder}"
        files[f"{base}/name"] = name
        files[f"{base}/energy_uj"] = f"{joules}000000"
        files[f"{base}/max_energy_range_uj"] = f"{span}000000"
    return plant(root, files)
