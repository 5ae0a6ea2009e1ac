from __future__ import annotations

import pytest

from benchsuite.runner import execute
from tests.runner.world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A machine on which `execute` runs without processes."""
    world = World()
    monkeypatch.setattr(execute, "workers", world.zygote)
    return world
