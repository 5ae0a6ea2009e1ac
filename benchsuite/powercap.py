"""What the kernel's powercap files say: energy of processor packages and memory, as RAPL counts it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from benchsuite.procfs import ROOT, number, text

UPDATE_SECONDS = 0.001
"""How often the counters move (Intel SDM volume 3, section on package RAPL: about 1 ms)."""

_FOLDER = "sys/class/powercap"
# Note: intel-rapl-mmio:0 is the same package again; AMD's driver uses the name of Intel's.
_ZONE = re.compile(r"intel-rapl:\d+(:\d+)?")


@dataclass(frozen=True)
class Zone:
    """One counter: `package-0`, or the `dram` beside it. `range_joules` is where it starts again from zero."""

    name: str
    folder: Path
    range_joules: float | None

    def joules(self) -> float | None:
        """The counter now, None where it cannot be read."""
        microjoules = number(self.folder / "energy_uj")
        return None if microjoules is None else microjoules * 1e-6


def zones(root: Path = ROOT) -> tuple[Zone, ...]:
    """Packages, and memory that is counted apart from them; not the parts of a package, nor the whole platform."""
    found = []
    for folder in sorted((root / _FOLDER).glob("intel-rapl:*")):
        name = text(folder / "name") or ""
        if _ZONE.fullmatch(folder.name) and (name.startswith("package-") or name == "dram"):
            span = number(folder / "max_energy_range_uj")
            found.append(Zone(name, folder, None if span is None else span * 1e-6))
    return tuple(found)


def refusal(root: Path = ROOT) -> str | None:
    """Why the host's energy cannot be read; None where it can."""
    found = zones(root)
    if not found:
        return "the kernel shows no power counter (RAPL) under /sys/class/powercap"
    hidden = [zone.name for zone in found if zone.joules() is None]
    if hidden:
        return (
            f"energy_uj of {', '.join(hidden)} cannot be read: "
            "sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj (it tells on other processes)"
        )
    return None


class HostEnergy:
    """Joules of all zones since it was made. To be read more often than a counter wraps, which takes minutes."""

    def __init__(self, root: Path = ROOT) -> None:
        self._last = {zone: zone.joules() for zone in zones(root)}
        self._total = 0.0

    def joules(self) -> float | None:
        """None as soon as a zone cannot be read, or went backwards without saying where it wraps."""
        for zone, before in self._last.items():
            now = zone.joules()
            if now is None or before is None:
                return None
            grown = now - before
            if grown < 0:
                if zone.range_joules is None:
                    return None
                grown += zone.range_joules
            self._total += grown
            self._last[zone] = now
        return self._total if self._last else None
