"""How fast the memory modules are set to run, from the firmware's table, which mostly only root may read."""

from __future__ import annotations

import re
from pathlib import Path

from benchsuite.procfs import ROOT, text

_DEVICE_DATABASE = "run/udev/data/+dmi:id"
_TABLE = "sys/firmware/dmi/tables/DMI"
_MODULE, _CONFIGURED_SPEED = 17, 0x20
_EXTENDED = 0xFFFF  # the speed stands elsewhere; no module of today is that fast


def transfers(root: Path = ROOT) -> float | None:
    """Transfers a second of the slowest module, since all of a channel run at its speed; None where nothing says."""
    said = re.findall(r"MEMORY_DEVICE_\d+_CONFIGURED_SPEED_MTS=(\d+)", text(root / _DEVICE_DATABASE) or "")
    speeds = [int(word) for word in said] or _speeds(_bytes(root / _TABLE))
    return min(speeds) * 1e6 if speeds else None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _speeds(table: bytes) -> list[int]:
    """Of modules that are there (SMBIOS 3.7, section 7.18); a garbled table says nothing."""
    found, at = [], 0
    while at + 4 <= len(table):
        kind, length = table[at], table[at + 1]
        if length < 4:
            break
        if kind == _MODULE and length >= _CONFIGURED_SPEED + 2:
            speed = int.from_bytes(table[at + _CONFIGURED_SPEED : at + _CONFIGURED_SPEED + 2], "little")
            found += [speed] if 0 < speed < _EXTENDED else []
        # After its fields a structure has strings, and two zeros end those.
        end = table.find(b"\0\0", at + length)
        if end < 0:
            break
        at = end + 2
    return found
