"""What the kernel says in files under /proc and /sys; reading never raises, what is absent or garbled is None."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path("/")


@dataclass(frozen=True)
class ProcessorTime:
    """Seconds since the system started, summed over processors; accurate to about a tick on each of them."""

    busy: float
    idle: float
    steal: float


def text(path: Path) -> str | None:
    """The stripped contents, or None where they cannot be read."""
    # Note: Path.read_text() takes twice as long, and a snapshot of the counters reads some thirty files.
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (OSError, ValueError):
        return None
    try:
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            return file.readall().decode(errors="replace").strip()
    except OSError:
        return None


def number(path: Path) -> float | None:
    """The first word as a finite number."""
    words = (text(path) or "").split()
    return to_number(words[0]) if words else None


def to_number(word: str) -> float | None:
    """A plain decimal number of a word, or None; never NaN or infinity."""
    try:
        value = float(word)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def table(path: Path) -> dict[str, float]:
    """Lines of `name value ...` or `name: value unit`, by name; lines of another shape are passed over."""
    values = {}
    for line in (text(path) or "").splitlines():
        words = line.split()
        value = to_number(words[1]) if len(words) > 1 else None
        if value is not None:
            values[words[0].rstrip(":")] = value
    return values


def cpu_list(words: str | None) -> frozenset[int] | None:
    """The processors of `0-3,8`; None where that is not what it says, or says none."""
    cpus: set[int] = set()
    for part in (words or "").split(","):
        first, dash, last = part.strip().partition("-")
        last = last if dash else first
        if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
            return None
        if int(last) - int(first) > 2**16:
            return None
        cpus.update(range(int(first), int(last) + 1))
    return frozenset(cpus) or None


def processor_time(root: Path, cpus: Iterable[int]) -> ProcessorTime | None:
    """The time of `cpus`, or of the whole machine where /proc/stat does not list them."""
    lines = {}
    for line in (text(root / "proc/stat") or "").splitlines():
        if not line.startswith("cpu"):
            break
        name, *words = line.split()
        # user nice system idle iowait irq softirq steal; the guest columns after them are already in user and nice.
        ticks = [to_number(word) for word in words[:8]]
        lines[name] = [value for value in ticks if value is not None]
    chosen = [lines[f"cpu{cpu}"] for cpu in cpus if f"cpu{cpu}" in lines] or [lines.get("cpu", [])]
    if any(len(line) < 8 for line in chosen):
        return None
    tick = 1 / os.sysconf("SC_CLK_TCK")
    user, nice, system, idle, waiting, interrupt, soft, steal = (
        sum(column) * tick for column in zip(*chosen, strict=True)
    )
    return ProcessorTime(user + nice + system + interrupt + soft, idle + waiting, steal)


def pressure_seconds(root: Path, resource: str) -> float | None:
    """Seconds in which some task of the machine waited for `cpu`, `memory` or `io`; None where nobody counts them."""
    line = (text(root / "proc/pressure" / resource) or "").partition("\n")[0]
    head, _, total = line.rpartition("total=")
    microseconds = to_number(total)
    return microseconds * 1e-6 if head.startswith("some") and microseconds is not None else None


def cgroups(root: Path, controller: str) -> tuple[Path, ...]:
    """Folders of this process's control groups for `controller`, innermost first, under version 2 or 1.

    Every enclosing group is listed, since a limit on any of them holds. Inside a container the path that
    /proc/self/cgroup gives may be the host's; what does not exist here is left out and the mount itself remains.
    """
    folders: dict[Path, None] = {}
    for line in (text(root / "proc/self/cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        for mount in _mounts(root, controllers, controller):
            inner = [part for part in PurePosixPath(path).parts if part not in ("/", "..")]
            for depth in range(len(inner), -1, -1):
                folder = mount.joinpath(*inner[:depth])
                if folder not in folders and folder.is_dir():
                    folders[folder] = None
    return tuple(folders)


def _mounts(root: Path, controllers: str, controller: str) -> tuple[Path, ...]:
    base = root / "sys/fs/cgroup"
    if controllers:
        return (base / controllers, base / controller)
    return (base / "unified", base)
