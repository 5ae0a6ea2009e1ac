from pathlib import Path

import pytest

from benchsuite.probe import host
from tests import trees


def test_a_server_tells_its_memory(tmp_path: Path) -> None:
    root = trees.intel_server(tmp_path)
    assert (host.memory_bytes(root), host.swap_bytes(root)) == (1000 * 1024, 10 * 1024)
    assert (host.huge_pages(root), host.aslr(root)) == ("madvise", True)


def test_memory_is_what_the_container_allows(tmp_path: Path) -> None:
    assert host.memory_bytes(trees.container(tmp_path)) == 524288


@pytest.mark.parametrize("limit", ["max", "9223372036854771712", "0", ""])
def test_a_limit_that_limits_nothing_is_passed_over(tmp_path: Path, limit: str) -> None:
    trees.plant(trees.container(tmp_path), {"sys/fs/cgroup/memory.max": limit})
    assert host.memory_bytes(tmp_path) == 1000 * 1024


@pytest.mark.parametrize("empty", [True, False])
def test_nothing_known_is_nothing_said(tmp_path: Path, empty: bool) -> None:
    root = tmp_path if empty else trees.garbage(tmp_path)
    assert (host.memory_bytes(root), host.swap_bytes(root)) == (0, 0)
    assert (host.huge_pages(root), host.aslr(root), host.virtualization(root)) == (None, None, None)
