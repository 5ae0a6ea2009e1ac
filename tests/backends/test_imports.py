"""What a worker imports beyond what its zygote has: every one pays for that, again in each round."""

import subprocess
import sys

import pytest

CODE = """
import sys
from benchsuite.backend import call
from benchsuite.catalog import backends
from benchsuite.worker.importing import import_all
from tests.programs import forward, train

backend = backends()[sys.argv[1]]
wanted = (*backend.imports, "torch._dynamo")  # which the workloads that train ask for
assert set(import_all(wanted)) == set(wanted)
before = set(sys.modules)
for program in (forward(), train()):
    call(backend.prepare(program, "fp32", 1))
print(*sorted(name for name in set(sys.modules) - before if not name.startswith("benchsuite.")))
"""


@pytest.mark.parametrize("backend", ["torch-eager-cpu", "onnxruntime-cpu"])
def test_preparing_imports_next_to_nothing(backend: str) -> None:
    for _ in range(2):  # the second time, exported graphs are in the cache
        done = subprocess.run([sys.executable, "-c", CODE, backend], capture_output=True, text=True, check=True)
    more = done.stdout.split()
    assert len(more) < 10, more  # torch has one or two small ones, by its version
