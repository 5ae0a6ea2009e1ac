"""How fast the processors may run, and who decides it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchsuite.procfs import number, text

_CPU = "sys/devices/system/cpu"


def governor(root: Path, cpus: Iterable[int]) -> str | None:
    """The frequency governor of `cpus`; where they differ, all of them, such as `performance+powersave`."""
    names = {text(root / _CPU / f"cpu{index}/cpufreq/scaling_governor") for index in cpus}
    return "+".join(sorted(name for name in names if name and name.isalpha())) or None


def boost(root: Path) -> bool | None:
    """Whether a processor may run above its nominal frequency."""
    allowed = text(root / _CPU / "cpufreq/boost")
    if allowed in {"0", "1"}:
        return allowed == "1"
    forbidden = text(root / _CPU / "intel_pstate/no_turbo")
    return forbidden == "0" if forbidden in {"0", "1"} else None


def nominal_hertz(root: Path, cpus: Iterable[int]) -> float | None:
    """The clock that the maker promises to all of `cpus` at once; of several kinds of core the fastest kind's."""
    found = []
    for index in cpus:
        folder = root / _CPU / f"cpu{index}"
        # Intel's driver gives kilohertz; ACPI's table, which AMD's uses, megahertz.
        kilohertz = number(folder / "cpufreq/base_frequency")
        megahertz = number(folder / "acpi_cppc/nominal_freq")
        found += [kilohertz * 1e3] if kilohertz else [megahertz * 1e6] if megahertz else []
    return max(found, default=None)


def highest_hertz(root: Path, cpus: Iterable[int]) -> float | None:
    """The fastest that the driver would let any of `cpus` run."""
    kilohertz = [speed for index in cpus if (speed := number(root / _CPU / f"cpu{index}/cpufreq/cpuinfo_max_freq"))]
    return max(kilohertz) * 1e3 if kilohertz else None
