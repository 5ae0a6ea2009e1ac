"""What this machine is: read from files and the driver's library, in the parent, without any heavy import."""

from __future__ import annotations

import platform
from pathlib import Path

from benchsuite.probe import accelerators, cpu, host, modules, packages
from benchsuite.probe.cpu import physical_cores_usable, processors_usable
from benchsuite.procfs import ROOT
from benchsuite.records import Environment

__all__ = ["environment", "physical_cores_usable", "processors_usable"]

_CHECKOUT = Path(__file__).parents[2]


def environment(root: Path = ROOT) -> Environment:
    """Where this process runs; what `root` describes of the machine, the interpreter of itself."""
    return Environment(
        host=platform.node(),
        system=platform.system(),
        kernel=platform.release(),
        python=platform.python_version(),
        cpu=cpu.cpu(root),
        memory_bytes=host.memory_bytes(root),
        swap_bytes=host.swap_bytes(root),
        huge_pages=host.huge_pages(root),
        accelerators=accelerators.accelerators(),
        packages=packages.packages(),
        commit=packages.commit(_CHECKOUT),
        aslr=host.aslr(root),
        memory_transfers=modules.transfers(root),
    )
