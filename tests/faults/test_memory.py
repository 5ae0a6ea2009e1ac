"""Memory that runs out for real, in a control group of its own: the kernel kills the worker and nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchsuite.records import Request
from benchsuite.runner.zygote import Zygote
from tests.faults.conftest import misbehaving

MOUNT = Path("/sys/fs/cgroup")
# Version 2 has one tree for all controllers, version 1 one for each.
GROUPS, LIMIT, SWAP = (
    (MOUNT, "memory.max", "memory.swap.max")
    if (MOUNT / "cgroup.controllers").exists()
    else (MOUNT / "memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
)


@pytest.fixture
def group() -> Iterator[Path]:
    """A group that may use 512 MiB; skips where none can be made."""
    group = GROUPS / f"benchsuite-{os.getpid()}"
    try:
        group.mkdir()
        (group / LIMIT).write_text(str(512 * 2**20))
    except OSError as error:
        if group.exists():
            group.rmdir()
        pytest.skip(f"no control group for memory can be made here: {error}")
    if (group / SWAP).exists():
        (group / SWAP).write_text("0" if SWAP == "memory.swap.max" else str(512 * 2**20))
    yield group
    group.rmdir()


def test_a_worker_for_which_there_is_no_memory_is_killed_alone(group: Path) -> None:
    with Zygote(["torch", "benchsuite.backends.torch_generation"], 0, {"OMP_NUM_THREADS": "1"}) as zygote:
        (group / "cgroup.procs").write_text(str(zygote._process.pid))
        outcome = zygote.ask(Request("job", misbehaving("fills_memory", "build")), 60.0)
        assert outcome.fault == "the worker ended with SIGKILL (out of memory?)"
        outcome = zygote.ask(Request("job", misbehaving("behaves"), sample_seconds=0.01), 60.0)
        assert (outcome.fault, outcome.answer["status"]) == ("", "ok")
