from pathlib import Path

import pytest

from benchsuite.probe.modules import transfers
from tests.trees import plant


def structure(kind: int, fields: bytes) -> bytes:
    """One of the firmware's table: header, fields, strings."""
    return bytes([kind, 4 + len(fields), 0, 0]) + fields + b"name\0\0"


def module(speed: int) -> bytes:
    """A memory module set to `speed` million transfers a second; what is not asked for is ones."""
    return structure(17, b"\xff" * 28 + speed.to_bytes(2, "little") + b"\xff" * 6)


def table(root: Path, contents: bytes) -> Path:
    path = root / "sys/firmware/dmi/tables/DMI"
    path.parent.mkdir(parents=True)
    path.write_bytes(contents)
    return root


def test_the_slowest_module_decides(tmp_path: Path) -> None:
    bios, empty = structure(0, b"\0" * 20), module(0)
    assert transfers(table(tmp_path, bios + module(5600) + empty + module(4800))) == 4.8e9


def test_what_everybody_may_read_comes_first(tmp_path: Path) -> None:
    said = "E:MEMORY_DEVICE_0_CONFIGURED_SPEED_MTS=3200\nE:MEMORY_DEVICE_1_CONFIGURED_SPEED_MTS=2933"
    assert transfers(plant(tmp_path, {"run/udev/data/+dmi:id": said})) == 2.933e9


@pytest.mark.parametrize(
    "contents", [b"", b"\x11", b"\x11\x00\x00\x00", b"\xff" * 50, module(5600)[:30], module(0xFFFF)]
)
def test_a_garbled_table_says_nothing(tmp_path: Path, contents: bytes) -> None:
    assert transfers(table(tmp_path, contents)) is None


def test_without_a_table_nothing_is_said(tmp_path: Path) -> None:
    assert transfers(tmp_path) is None
