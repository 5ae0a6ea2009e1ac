import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchsuite.probe.accelerators import accelerators, undriven
from benchsuite.records import Accelerator
from tests.fake_nvml import library, refuse
from tests.trees import plant

H100 = Accelerator(
    "cuda", "NVIDIA H100", 80 * 2**30, "550.1", True, "off", 700.0, 1.98e9, 2.619e9, "gen5 x16", 700.0, 1.98e9, 16
)


def test_every_field_is_read_in_base_units() -> None:
    assert accelerators(library(), {}) == (H100, H100)


def test_names_may_be_bytes() -> None:
    old = library(nvmlDeviceGetName=lambda handle: b"Tesla V100", nvmlDeviceGetCount=lambda: 1)
    assert accelerators(old, {})[0].name == "Tesla V100"


def test_a_driver_that_refuses_everything_but_the_name_is_still_a_device() -> None:
    calls = [name for name in vars(library()) if name.startswith("nvmlDeviceGet")]
    needed = {"nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex", "nvmlDeviceGetName"}
    refused = dict.fromkeys([*(name for name in calls if name not in needed), "nvmlSystemGetDriverVersion"], refuse)
    assert accelerators(library(**refused), {}) == (Accelerator("cuda", "NVIDIA H100", 0),) * 2


@pytest.mark.parametrize(
    "function", ["nvmlInit", "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex", "nvmlDeviceGetName"]
)
def test_without_driver_or_permission_there_are_none(function: str) -> None:
    assert accelerators(library(**{function: refuse}), {}) == ()


def test_a_device_that_fell_off_the_bus_costs_only_itself() -> None:
    def handle(index: int) -> str:
        return refuse() if index == 0 else f"device{index}"

    assert accelerators(library(nvmlDeviceGetHandleByIndex=handle), {}) == (H100,)


def test_the_library_is_shut_down_and_its_refusal_ignored() -> None:
    assert len(accelerators(library(nvmlShutdown=refuse), {})) == 2


def test_an_older_library_lacks_functions_and_constants() -> None:
    old = library()
    del old.nvmlDeviceGetMigMode, old.NVML_CLOCK_SM
    seen = accelerators(old, {})[0]
    assert (seen.mig, seen.max_sm_clock_hertz, seen.max_memory_clock_hertz) == (None, None, 2.619e9)


def test_parts_of_a_divided_device_are_named() -> None:
    names = {"device0": "NVIDIA A100", "part0": "NVIDIA A100 MIG 1g.10gb", "part1": "NVIDIA A100 MIG 2g.20gb"}

    def part(handle: str, index: int) -> str:
        return f"part{index}" if index < 2 else refuse()

    divided = library(
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetName=names.__getitem__,
        nvmlDeviceGetMigMode=lambda handle: [1, 1],
        nvmlDeviceGetMaxMigDeviceCount=lambda handle: 7,
        nvmlDeviceGetMigDeviceHandleByIndex=part,
    )
    assert accelerators(divided, {})[0].mig == "1g.10gb,2g.20gb"


def test_one_single_part_has_its_own_memory() -> None:
    sizes = {"device0": 80, "part0": 10}
    one = library(
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetMigMode=lambda handle: [1, 1],
        nvmlDeviceGetMaxMigDeviceCount=lambda handle: 1,
        nvmlDeviceGetMigDeviceHandleByIndex=lambda handle, index: "part0",
        nvmlDeviceGetMemoryInfo=lambda handle: SimpleNamespace(total=sizes[handle]),
    )
    assert accelerators(one, {})[0].memory_bytes == 10


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        ("", []),
        ("-1", []),
        ("1", ["device1"]),
        ("0, 1", ["device0", "device1"]),
        ("-1,0", []),
        ("GPU-device1", ["device1"]),
        ("GPU-", []),
        ("MIG-anything", ["device0", "device1"]),
    ],
)
def test_cuda_visible_devices_is_obeyed(visible: str, names: list[str]) -> None:
    seen = accelerators(library(nvmlDeviceGetName=lambda handle: handle), {"CUDA_VISIBLE_DEVICES": visible})
    assert [device.name for device in seen] == names


def test_without_the_library_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert accelerators(environ={}) == ()


def test_a_device_without_a_driver_is_found_on_the_bus(tmp_path: Path) -> None:
    bus = "sys/bus/pci/devices"
    files = {
        f"{bus}/0000:01:00.0/vendor": "0x10de",
        f"{bus}/0000:01:00.0/class": "0x030200",
        f"{bus}/0000:02:00.0/vendor": "0x10de",
        f"{bus}/0000:02:00.0/class": "0x030200",
        f"{bus}/0000:02:00.0/driver/x": "",
        f"{bus}/0000:03:00.0/vendor": "0x10de",
        f"{bus}/0000:03:00.0/class": "0x040300",
        f"{bus}/0000:04:00.0/class": "0x030000",
    }
    assert undriven(plant(tmp_path, files)) == ("0000:01:00.0",)
    assert undriven(tmp_path / "nothing") == ()
