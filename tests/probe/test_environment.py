import subprocess
import sys
from pathlib import Path

import pytest

from benchsuite.probe import environment
from benchsuite.records import Environment
from benchsuite.records.codec import from_data, to_data
from tests import trees


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
