"""What is said of the machine and the settings of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from benchsuite import units
from benchsuite.records import Accelerator, Cpu, Environment, Run
from benchsuite.report.sheet import Sheet
from benchsuite.report.table import Column, Table, of_counts

_PACKAGES = ("torch", "onnxruntime", "onnxruntime-gpu", "transformers")


def facts(sheet: Sheet) -> list[tuple[str, str]]:
    """Name and text of each line of a run's heading, most important first; what is not known is left out."""
    run, environment = sheet.stored.run, sheet.stored.run.environment
    cpu = environment.cpu
    lines = [
        ("machine", f"{environment.host} ({environment.fingerprint})"),
        ("CPU", _cpu(cpu)),
        ("caches", _caches(cpu.caches)),
        ("instructions", ", ".join(cpu.features)),
        ("clock", _clock(cpu)),
        *([("accelerator", _accelerator(a)) for a in environment.accelerators] or [("accelerator", "none")]),
        ("memory", units.size(environment.memory_bytes)),
        ("system", _system(environment)),
        ("measured", _run(run)),
        ("file", str(sheet.stored.path)),
        ("torn", sheet.stored.torn or ""),
    ]
    return [(name, text) for name, text in lines if text]


def machine_table(sheets: Sequence[Sheet]) -> Table:
    """The same in short, one row a run."""
    runs = [sheet.stored.run for sheet in sheets]
    places = [run.environment for run in runs]
    columns = (
        Column("run", tuple(sheet.label for sheet in sheets), right=False),
        Column("machine", tuple(e.host for e in places), right=False),
        Column("CPU", tuple(e.cpu.model for e in places), right=False),
        of_counts("cores", [e.cpu.physical_cores for e in places], 1),
        Column("accelerator", tuple(_names(e.accelerators) for e in places), right=False),
        Column("memory", tuple(units.size(e.memory_bytes) for e in places), spare=3, values=_bytes(places)),
        Column("torch", tuple(e.packages.get("torch", "") for e in places), right=False, spare=4),
        Column("onnxruntime", tuple(map(_onnxruntime, places)), right=False, spare=5),
        Column("measured", tuple(map(when, runs)), right=False, spare=2),
        Column("preset", tuple(run.settings.preset for run in runs), right=False, spare=6),
        of_counts("threads", [run.settings.threads for run in runs], 6),
        Column("fingerprint", tuple(e.fingerprint for e in places), right=False, spare=7),
        Column("file", tuple(sheet.stored.path.name for sheet in sheets), right=False, spare=7),
    )
    return Table("", "", tuple(c for c in columns if any(c.cells)))


def _bytes(places: Sequence[Environment]) -> tuple[float, ...]:
    return tuple(float(e.memory_bytes) for e in places)


def _names(accelerators: Sequence[Accelerator]) -> str:
    counts = {a.name: sum(b.name == a.name for b in accelerators) for a in accelerators}
    return ", ".join(f"{count} × {name}" if count > 1 else name for name, count in counts.items()) or "none"


def _onnxruntime(environment: Environment) -> str:
    return environment.packages.get("onnxruntime-gpu") or environment.packages.get("onnxruntime", "")


def _cpu(cpu: Cpu) -> str:
    usable = f", {cpu.usable_cpus} usable" if cpu.usable_cpus != cpu.logical_cores else ""
    quota = f", quota {cpu.quota_cores:g} cores" if cpu.quota_cores else ""
    virtual = f", {cpu.virtualization}" if cpu.is_virtual else ""
    return f"{cpu.model}, {cpu.physical_cores} cores, {cpu.logical_cores} threads{usable}{quota}{virtual}"


def _caches(caches: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {units.size(size)}" for name, size in caches.items())


def _clock(cpu: Cpu) -> str:
    boost = "" if cpu.boost is None else f"boost {'on' if cpu.boost else 'off'}"
    return ", ".join(filter(None, [f"governor {cpu.governor}" if cpu.governor else "", boost]))


def _accelerator(a: Accelerator) -> str:
    driver = f", driver {a.driver}" if a.driver else ""
    power = f", {a.power_limit_watts:.0f} W" if a.power_limit_watts else ""
    mig = f", MIG {a.mig}" if a.mig else ""
    pcie = f", PCIe {a.pcie}" if a.pcie else ""
    return f"{a.kind}: {a.name}, {units.size(a.memory_bytes)}{driver}{power}{mig}{pcie}"


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
