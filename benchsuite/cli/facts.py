"""What `doctor` prints of a machine: a name and a text a line."""

from __future__ import annotations

from benchsuite import units
from benchsuite.measure.telemetry import Reading
from benchsuite.records import Accelerator, Cpu, Environment

Fact = tuple[str, str]
_UNKNOWN = "not readable"


def facts(here: Environment) -> list[Fact]:
    """Of the system, the processors, memory and accelerators; what has no name is left out."""
    found = [
        ("Machine", f"{here.system} {here.kernel}, Python {here.python}, fingerprint {here.fingerprint}"),
        *_processors(here.cpu),
        ("Memory", _memory(here)),
        ("Huge pages", here.huge_pages or _UNKNOWN),
    ]
    for device in here.accelerators:
        found += [("Accelerator", _accelerator(device)), ("", _limits(device))]
    found.append(("Packages", ", ".join(f"{name} {version}" for name, version in here.packages.items())))
    return [(name, value) for name, value in found if value]


def state(reading: Reading) -> str:
    """An accelerator at the moment: clock, heat, power and who else is there."""
    said = [
        "" if reading.clock_hertz is None else _hertz(reading.clock_hertz),
        "" if reading.celsius is None else f"{reading.celsius:g} °C",
        "" if reading.watts is None else f"{reading.watts:.0f} W",
        f"{reading.foreign} other process{'' if reading.foreign == 1 else 'es'}",
    ]
    return ", ".join(part for part in said if part)


def _processors(cpu: Cpu) -> list[Fact]:
    quota = f", quota {cpu.quota_cores:g} cores" if cpu.quota_cores is not None else ""
    guest = f"{cpu.virtualization} guest" if cpu.is_virtual else cpu.virtualization
    nodes = f" on {cpu.numa_nodes} NUMA node{'s' if cpu.numa_nodes != 1 else ''}" if cpu.numa_nodes else ""
    clocks = {"nominal": cpu.nominal_hertz, "at most": cpu.highest_hertz}
    return [
        ("CPU", f"{cpu.model} ({cpu.architecture})"),
        (
            "Cores",
            f"{cpu.physical_cores} physical, {cpu.logical_cores} logical{nodes}, {cpu.usable_cpus} usable{quota}",
        ),
        ("Features", " ".join(cpu.features)),
        ("Caches", ", ".join(f"{name} {units.size(size)}" for name, size in cpu.caches.items())),
        ("Clock", ", ".join(f"{name} {_hertz(hz)}" for name, hz in clocks.items() if hz) or _UNKNOWN),
        ("Governor", cpu.governor or _UNKNOWN),
        ("Turbo", _switch(cpu.boost)),
        ("SMT", _switch(cpu.smt)),
        ("Virtual", {None: _UNKNOWN, "none": "bare metal"}.get(guest, str(guest))),
    ]


def _memory(here: Environment) -> str:
    speed = "speed not readable"
    if here.memory_transfers is not None:
        speed = f"{here.memory_transfers / 1e6:.0f} MT/s"
    swap = f", swap {units.size(here.swap_bytes)}" if here.swap_bytes else ""
    return f"{units.size(here.memory_bytes)}, {speed}{swap}"


def _accelerator(device: Accelerator) -> str:
    mig = f", MIG {device.mig}" if device.mig is not None else ""
    driver = f"driver {device.driver or _UNKNOWN}, ECC {_switch(device.ecc)}"
    return f"{device.name}, {units.size(device.memory_bytes)}, {driver}{mig}"


def _limits(device: Accelerator) -> str:
    """What it may reach: clocks, power, link."""
    of_usual = f" of {device.default_power_limit_watts:.0f} W" if device.default_power_limit_watts else ""
    clocks = {
        "SM at most": device.max_sm_clock_hertz,
        "set to": device.application_clock_hertz,
        "memory": device.max_memory_clock_hertz,
    }
    said = [f"{name} {_hertz(hz)}" for name, hz in clocks.items() if hz]
    said += [f"power limit {device.power_limit_watts:.0f} W{of_usual}"] if device.power_limit_watts else []
    lanes = f", now x{device.pcie_width}" if device.pcie_width else ""
    said += [f"PCIe {device.pcie}{lanes}"] if device.pcie else []
    return ", ".join(said)


def _hertz(value: float) -> str:
    return f"{value / 1e9:.2f} GHz"


def _switch(value: bool | None) -> str:
    return {None: _UNKNOWN, True: "on", False: "off"}[value]
