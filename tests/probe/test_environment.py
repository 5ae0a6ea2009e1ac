import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchsuite import probe
from benchsuite.probe import environment
from benchsuite.records import Environment
from benchsuite.records.codec import from_data, to_data
from tests import trees
from tests.fake_nvml import library


def test_this_machine_has_an_environment_that_survives_storing() -> None:
    here = environment()
    assert here.cpu.usable_cpus >= 1
    assert here.memory_bytes > 2**20
    assert here.python == sys.version.split()[0]
    assert from_data(Environment, to_data(here)) == here


def test_two_readings_are_of_one_machine() -> None:
    assert environment().fingerprint == environment().fingerprint


@pytest.mark.parametrize(
    "plant", [trees.intel_server, trees.amd_guest, trees.arm_server, trees.container, trees.garbage, lambda root: root]
)
def test_any_machine_has_an_environment(tmp_path: Path, plant: object) -> None:
    assert callable(plant)
    seen = environment(plant(tmp_path))
    assert from_data(Environment, to_data(seen)) == seen


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from benchsuite.probe import environment, advice, noise; environment();"
        "print([m for m in ('torch', 'onnx', 'onnxruntime', 'numpy', 'pandas', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def booted(root: Path, boot: int, model: str = "Intel(R) Xeon(R) Platinum 8480+") -> Path:
    """The Intel server after its `boot`-th start: all that differs from one start to the next does."""
    tree = trees.intel_server(root)
    paragraph = "processor\t: {}\nmodel name\t: {}\ncpu MHz\t\t: {}\nbogomips\t: {}\nflags\t\t: fpu avx2\n"
    cpuinfo = "\n".join(paragraph.format(i, model, 2000.1 + boot + i, 4000.0 + boot / 100) for i in range(8))
    files = {
        "proc/cpuinfo": cpuinfo,
        "proc/meminfo": f"MemTotal:       1000 kB\nMemFree: {boot} kB\nSwapTotal:      10 kB",
        "proc/uptime": f"{boot}",
        "proc/stat": f"btime {boot}",
        "proc/sys/kernel/random/boot_id": f"{boot}",
        **{f"sys/devices/system/cpu/cpu{i}/cpufreq/scaling_cur_freq": f"{2_000_000 + boot}" for i in range(8)},
        **{f"sys/devices/system/cpu/cpu{i}/cpufreq/cpuinfo_max_freq": "3800000" for i in range(8)},
        **{f"sys/devices/system/cpu/cpu{i}/cpufreq/base_frequency": "2000000" for i in range(8)},
    }
    return trees.plant(tree, files)


def fingerprint(root: Path, monkeypatch: pytest.MonkeyPatch, host: str = "one", **nvml: Any) -> str:
    monkeypatch.setitem(sys.modules, "pynvml", library(**nvml))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(probe.platform, "node", lambda: host)
    return environment(root).fingerprint


def test_a_machine_is_the_same_after_every_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = set()
    for boot in range(1, 51):
        # The host's name is a container's, clocks and heat are of the moment, and the link sleeps when it is idle.
        moment = {
            "nvmlDeviceGetClockInfo": lambda handle, kind, boot=boot: 100 * boot,
            "nvmlDeviceGetTemperature": lambda handle, sensor, boot=boot: boot,
            "nvmlDeviceGetCurrPcieLinkWidth": lambda handle, boot=boot: 16 if boot % 2 else 8,
            "nvmlDeviceGetUUID": lambda handle, boot=boot: f"GPU-{boot}",
        }
        found.add(fingerprint(booted(tmp_path, boot), monkeypatch, f"container-{boot}", **moment))
    assert len(found) == 1


def test_another_processor_or_accelerator_is_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        fingerprint(booted(tmp_path, 1), monkeypatch),
        fingerprint(booted(tmp_path, 1, model="Intel(R) Xeon(R) Platinum 8481C"), monkeypatch),
        fingerprint(booted(tmp_path, 1), monkeypatch, nvmlDeviceGetName=lambda handle: "NVIDIA H200"),
        fingerprint(booted(tmp_path, 1), monkeypatch, nvmlDeviceGetCount=lambda: 1),
        fingerprint(booted(tmp_path, 1), monkeypatch, nvmlDeviceGetCount=lambda: 0),
        fingerprint(booted(tmp_path, 1), monkeypatch, nvmlDeviceGetEccMode=lambda handle: [0, 0]),
        fingerprint(booted(tmp_path, 1), monkeypatch, nvmlSystemGetDriverVersion=lambda: "570.1"),
    }
    assert len(found) == 7


def test_clocks_and_the_speed_of_memory_are_read(tmp_path: Path) -> None:
    said = {"run/udev/data/+dmi:id": "E:MEMORY_DEVICE_0_CONFIGURED_SPEED_MTS=4800"}
    seen = environment(trees.plant(booted(tmp_path, 1), said))
    assert (seen.cpu.nominal_hertz, seen.cpu.highest_hertz, seen.memory_transfers) == (2e9, 3.8e9, 4.8e9)
    amd = {"sys/devices/system/cpu/cpu0/acpi_cppc/nominal_freq": "2650"}
    assert environment(trees.plant(tmp_path / "amd", amd)).cpu.nominal_hertz in (2.65e9, None)
