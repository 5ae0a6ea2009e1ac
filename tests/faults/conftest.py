"""The misbehaving plug-in, installed as a stranger's would be: found by its entry point on the path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchsuite import catalog
from benchsuite.records import Case, Job

PLUGIN = Path(__file__).parent / "plugin"


@pytest.fixture(scope="package", autouse=True)
def plugin() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(PLUGIN)
        patch.setenv("PYTHONPATH", str(PLUGIN), prepend=os.pathsep)
        catalog.workloads.cache_clear()
        yield
    catalog.workloads.cache_clear()


def misbehaving(how: str, when: str = "call") -> Job:
    return Job(Case("misbehaving", {"how": how, "when": when}), "torch-eager-cpu", "fp32", 1)
