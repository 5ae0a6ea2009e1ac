"""An environment: where a run happened, and the fingerprint that tells it from another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cpu:
    """The processors this process may use; None where the system does not say."""

    model: str
    architecture: str
    physical_cores: int
    logical_cores: int
    usable_cpus: int
    quota_cores: float | None = None
    features: tuple[str, ...] = ()
    caches: Mapping[str, int] = field(default_factory=dict)
    numa_nodes: int | None = None
    smt: bool | None = None
    governor: str | None = None
    boost: bool | None = None
    virtualization: str | None = None
    microcode: str | None = None
    nominal_hertz: float | None = None
    highest_hertz: float | None = None

    @property
    def is_virtual(self) -> bool:
        """Whether this is known to be a virtual machine."""
        return self.virtualization not in (None, "none")


@dataclass(frozen=True)
class Accelerator:
    """One device; None where the driver does not say."""

    kind: str
    name: str
    memory_bytes: int
    driver: str | None = None
    ecc: bool | None = None
    mig: str | None = None
    power_limit_watts: float | None = None
    max_sm_clock_hertz: float | None = None
    max_memory_clock_hertz: float | None = None
    pcie: str | None = None
    default_power_limit_watts: float | None = None
    application_clock_hertz: float | None = None
    pcie_width: int | None = None


@dataclass(frozen=True)
class Environment:
    """Host, devices, system and library versions. `memory_transfers` are those a second that memory is set to."""

    host: str
    system: str
    kernel: str
    python: str
    cpu: Cpu
    memory_bytes: int
    swap_bytes: int = 0
    huge_pages: str | None = None
    accelerators: tuple[Accelerator, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    commit: str | None = None
    aslr: bool | None = None
    memory_transfers: float | None = None

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits over what two runs of one machine must share (never what jitters between boots)."""
        cpu = self.cpu
        must_match = {
            "cpu": [
                cpu.model,
                cpu.architecture,
                cpu.physical_cores,
                cpu.logical_cores,
                cpu.usable_cpus,
                cpu.quota_cores,
            ],
            "accelerators": [[a.kind, a.name, a.memory_bytes, a.ecc, a.mig, a.driver] for a in self.accelerators],
            "system": [self.system, self.kernel.split(".")[0], ".".join(self.python.split(".")[:2])],
            "packages": dict(sorted(self.packages.items())),
        }
        return _digest(must_match)

    @property
    def machine_class(self) -> str:
        """Twelve hex digits over the hardware and the kind of system: what a history of changing software must share.

        Kernel, driver, Python and packages are left out, since what they change is for a history to show. Device memory
        counts in whole GiB: drivers differ in how much of it they keep for themselves.
        """
        cpu = self.cpu
        cores = [cpu.physical_cores, cpu.logical_cores, cpu.usable_cpus, cpu.quota_cores]
        accelerators = [[a.kind, a.name, round(a.memory_bytes / 2**30), a.ecc, a.mig] for a in self.accelerators]
        return _digest(
            {"cpu": [cpu.model, cpu.architecture, *cores], "accelerators": accelerators, "system": self.system}
        )


def _digest(data: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:12]
