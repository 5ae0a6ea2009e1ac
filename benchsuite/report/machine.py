"""What is said of the machine and the settings of a run."""

from __future__ import annotations

from datetime import UTC, datetime

from benchsuite import units
from benchsuite.records import Accelerator, Cpu, Environment, Run
from benchsuite.report.sheet import Sheet

_PACKAGES = ("torch", "onnxruntime", "onnxruntime-gpu", "transformers")


def facts(sheet: Sheet) -> list[tuple[str, str]]:
    """Name and text of each line of a run's heading, most important first."""
    run, environment = sheet.stored.run, sheet.stored.run.environment
    lines = [("machine", f"{environment.host} ({environment.fingerprint})"), ("CPU", _cpu(environment.cpu))]
    lines += [("accelerator", _accelerator(a)) for a in environment.accelerators] or [("accelerator", "none")]
    lines += [
        ("memory", units.size(environment.memory_bytes)),
        ("system", _system(environment)),
        ("measured", _run(run)),
    ]
    lines += [("file", str(sheet.stored.path))]
    if sheet.stored.torn:
        lines += [("torn", sheet.stored.torn)]
    return lines


def _cpu(cpu: Cpu) -> str:
    usable = f", {cpu.usable_cpus} usable" if cpu.usable_cpus != cpu.logical_cores else ""
    quota = f", quota {cpu.quota_cores:g} cores" if cpu.quota_cores else ""
    virtual = f", {cpu.virtualization}" if cpu.virtualization else ""
    return f"{cpu.model}, {cpu.physical_cores} cores, {cpu.logical_cores} threads{usable}{quota}{virtual}"


def _accelerator(a: Accelerator) -> str:
    driver = f", driver {a.driver}" if a.driver else ""
    power = f", {a.power_limit_watts:.0f} W" if a.power_limit_watts else ""
    mig = f", MIG {a.mig}" if a.mig else ""
    return f"{a.kind}: {a.name}, {units.size(a.memory_bytes)}{driver}{power}{mig}"


def _system(environment: Environment) -> str:
    packages = [f"{name} {environment.packages[name]}" for name in _PACKAGES if name in environment.packages]
    return ", ".join([f"{environment.system} {environment.kernel}", f"Python {environment.python}", *packages])


def _run(run: Run) -> str:
    settings = run.settings
    threads = f"{settings.threads} thread{'s' if settings.threads != 1 else ''}"
    rounds = f"{settings.min_rounds} to {settings.max_rounds} rounds"
    if settings.min_rounds == settings.max_rounds:
        rounds = f"{settings.min_rounds} round{'s' if settings.min_rounds != 1 else ''}"
    return f"{when(run)}, preset {settings.preset}, {threads}, {rounds}, benchsuite {run.version}"


def when(run: Run) -> str:
    """Start of a run, to the minute, in UTC."""
    try:
        return datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return "at an unknown time"
