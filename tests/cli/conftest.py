from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.machine import Machine


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """The command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Machine(monkeypatch)
