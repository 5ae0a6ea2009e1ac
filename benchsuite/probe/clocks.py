"""Who decides how fast the processors run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchsuite.procfs import text

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
