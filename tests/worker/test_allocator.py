"""Whether memory is faulted in again and again, which a process of its own shows."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc's malloc that learns")

CODE = """
import resource, sys
from benchsuite.worker.allocator import settle

if sys.argv[1] == "settled":
    settle()

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

for turn in range(22):
    if turn == 2:
        before = faults()
    blocks = [bytearray(3 * 2**20) for _ in range(4)]
    blocks.clear()
print(faults() - before)
"""
PAGES_A_TURN = 4 * 3 * 2**20 // 4096


@pytest.mark.parametrize(("state", "turns"), [("settled", range(1)), ("as it comes", range(15, 21))])
def test_freed_blocks_are_kept(state: str, turns: range) -> None:
    """How many of 20 turns' pages were faulted in: none, or most."""
    done = subprocess.run([sys.executable, "-c", CODE, state], capture_output=True, text=True, check=True)
    assert int(done.stdout) // PAGES_A_TURN in turns
