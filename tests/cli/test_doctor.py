"""`doctor` on this machine, and what it says of others'."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchsuite.cli import doctor
from benchsuite.measure.telemetry import Reading
from benchsuite.probe.advice import Advice
from benchsuite.probe.noise import Noise
from tests.cli.commands import benchsuite
from tests.fake_nvml import library, processes
from tests.fakes import server

FOUND = doctor.Findings(
    server(),
    {"torch-eager-cpu": "", "torch-eager-cuda": "no NVIDIA device"},
    {"oneDNN": "v3.12.0"},
    (Reading(0.0, 1.5e9, None, 61.0, 305.0, 0, 1),),
    {"energy/host": 35.25, "energy/device": "no energy counter", "energy/other": 0.0},
    Noise(100, 0.1, 0.1, 0.02),
    (Advice("swap is on", "it is slow", "sudo swapoff --all"),),
    {"steal": "processor time (/proc/stat)"},
    "this Python has no os.fork",
)


def test_everything_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    doctor._print(FOUND)
    said = capsys.readouterr().out
    for line in (
        "CPU:           Example CPU 9000 (x86_64)",
        "Accelerator:   Example H100 80GB HBM3, 80.0 GiB, driver 570.1, ECC not readable",
        "Now:           1.50 GHz, 61 °C, 305 W, 1 other process",
        "energy/host:   readable, 35.2 W now",
        "energy/device: no energy counter",
        "energy/other:  readable",
        "  torch-eager-cpu     usable",
        "  torch-eager-cuda    no: no NVIDIA device",
        "  oneDNN              v3.12.0",
        "a 2.0 % change cannot be seen here without `benchsuite duet`",
        "  swap is on: it is slow; sudo swapoff --all",
        "Workers:       each a fresh interpreter, since this Python has no os.fork: no duet, no gate",
        "Codes that nothing here can tell, for want of\n  steal               processor time (/proc/stat)",
    ):
        assert line in said


def test_everything_is_json() -> None:
    found = json.loads(json.dumps(doctor._data(FOUND)))
    assert found["builds"] == {"oneDNN": "v3.12.0"}
    assert found["accelerators_now"][0]["celsius"] == 61.0
    assert found["energy"] == {
        "energy/host": {"readable": True, "watts": 35.25, "reason": None},
        "energy/device": {"readable": False, "watts": None, "reason": "no energy counter"},
        "energy/other": {"readable": True, "watts": None, "reason": None},
    }
    assert found["noise"]["sentence"].startswith("expect")
    assert found["advice"][0]["how"] == "sudo swapoff --all"
    assert found["untold"] == {"steal": "processor time (/proc/stat)"}
    assert found["workers"] == {"forked": False, "reason": "this Python has no os.fork"}


def test_an_accelerator_in_use_is_seen_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(handle: Any) -> list[Any]:
        return processes(1)

    monkeypatch.setitem(sys.modules, "pynvml", library(nvmlDeviceGetComputeRunningProcesses=busy))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    found = doctor._look(None)
    assert [reading.foreign for reading in found.readings] == [1, 1]
    assert any("1 other process computes" in item.what for item in found.advice)
    assert found.power["energy/device"] == 0.0  # readable; a brief look measures nothing


def test_a_whole_look_asks_devices_libraries_and_noise(tmp_path: Path) -> None:
    found = json.loads(benchsuite("doctor", "--seconds", "0.2s", "--json", cwd=tmp_path).stdout)
    assert found["backends"]["torch-eager-cpu"]["usable"]
    assert {"BLAS of torch", "BLAS of numpy", "ONNX Runtime"} <= set(found["builds"])
    assert "CPUExecutionProvider" in found["builds"]["ONNX Runtime"]
    assert "`benchsuite duet`" in found["noise"]["sentence"]
    host = found["energy"]["energy/host"]
    assert host["readable"] == (host["reason"] is None)
