"""The misbehaving plug-in, installed as a stranger's would be: found by its entry point on the path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchsuite.plugins import installed
from benchsuite.records import Case, Job

PLUGIN = Path(__file__).parent / "plugin"
UNREADY = str(Path(__file__).parent / "unready")
"""What has a whole run without torch: to be the PYTHONPATH of a command."""


@pytest.fixture(scope="package", autouse=True)
def plugin() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(PLUGIN)
        patch.setenv("PYTHONPATH", str(PLUGIN), prepend=os.pathsep)
        installed.cache_clear()
        yield
    installed.cache_clear()


def misbehaving(how: str, when: str = "call", backend: str = "torch-eager-cpu") -> Job:
    return Job(Case("misbehaving", {"how": how, "when": when}), backend, "fp32", 1)
