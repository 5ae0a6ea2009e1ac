"""`benchsuite doctor`: what this machine is, what can run on it, and how noisy it is right now."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import click

from benchsuite import units
from benchsuite.catalog import backends
from benchsuite.cli.options import Duration
from benchsuite.probe import environment
from benchsuite.probe.accelerators import undriven
from benchsuite.probe.advice import Advice, advice
from benchsuite.probe.noise import Noise, noise, sentence
from benchsuite.records import Environment, Request
from benchsuite.records.codec import to_data
from benchsuite.runner.zygote import Zygote

_TIMEOUT = 120.0


@click.command(
    epilog="""\b
Examples:
  benchsuite doctor
  benchsuite doctor --brief          nothing is started: no devices asked, no noise probe
  benchsuite doctor --json"""
)
@click.option("--brief", is_flag=True, help="only what can be read without starting anything")
@click.option("--seconds", type=Duration(), default="5s", show_default=True, help="length of the noise probe")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(seconds: float, *, brief: bool, as_json: bool) -> None:
    """Say what this machine is, which backends find their device, how noisy it is, and what to change."""
    here = environment()
    seen = None if brief else noise(seconds)
    devices = {name: b.missing() or "" for name, b in backends().items()} if brief else _devices()
    found = advice(here, seen, undriven())
    if as_json:
        print(json.dumps(_data(here, devices, seen, found), indent=1))
    else:
        _print(here, devices, seen, found)


def _devices() -> dict[str, str]:
    """Every backend with why it cannot run, asked in a worker."""
    usable = [b for b in backends().values() if b.missing() is None]
    imports = list(dict.fromkeys(module for b in usable for module in b.imports))
    with Zygote(imports, 0, {}) as zygote:
        outcome = zygote.ask(Request("probe"), _TIMEOUT)
    if outcome.fault:
        return {name: b.missing() or f"could not be asked: {outcome.fault}" for name, b in backends().items()}
    return {str(name): str(reason) for name, reason in outcome.answer.items()}


def _data(here: Environment, devices: dict[str, str], seen: Noise | None, found: tuple[Advice, ...]) -> dict[str, Any]:
    return {
        "environment": to_data(here),
        "fingerprint": here.fingerprint,
        "backends": {name: {"usable": not reason, "reason": reason or None} for name, reason in devices.items()},
        "noise": None if seen is None else {**dataclasses.asdict(seen), "sentence": sentence(seen)},
        "advice": [dataclasses.asdict(item) for item in found],
    }


def _print(here: Environment, devices: dict[str, str], seen: Noise | None, found: tuple[Advice, ...]) -> None:
    for name, value in _facts(here):
        print(f"{name + ':':14}{value}")
    print("\nBackends")
    for name, reason in devices.items():
        print(f"  {name:20}{'usable' if not reason else f'no: {reason}'}")
    if seen is not None:
        print(f"\nNoise\n  {sentence(seen)}")
    print("\nAdvice" if found else "\nNothing to advise.")
    for item in found:
        print(f"  {item.what}: {item.why}; {item.how}")


def _facts(here: Environment) -> list[tuple[str, str]]:
    cpu = here.cpu
    quota = f", quota {cpu.quota_cores:g} cores" if cpu.quota_cores is not None else ""
    caches = ", ".join(f"{name} {units.size(size)}" for name, size in cpu.caches.items())
    guest = f"{cpu.virtualization} guest" if cpu.virtualization not in (None, "none") else cpu.virtualization
    facts = [
        ("Machine", f"{here.system} {here.kernel}, Python {here.python}, fingerprint {here.fingerprint}"),
        ("CPU", f"{cpu.model} ({cpu.architecture})"),
        ("Cores", f"{cpu.physical_cores} physical, {cpu.logical_cores} logical, {cpu.usable_cpus} usable{quota}"),
        ("Features", " ".join(cpu.features)),
        ("Caches", caches),
        (
            "Memory",
            units.size(here.memory_bytes) + (f", swap {units.size(here.swap_bytes)}" if here.swap_bytes else ""),
        ),
        ("Governor", cpu.governor or "not readable"),
        ("Boost", {None: "not readable", True: "on", False: "off"}[cpu.boost]),
        ("Virtual", {None: "not readable", "none": "bare metal"}.get(guest, str(guest))),
    ]
    facts += [
        ("Accelerator", f"{device.name}, {units.size(device.memory_bytes)}, driver {device.driver}")
        for device in here.accelerators
    ]
    facts.append(("Packages", ", ".join(f"{name} {version}" for name, version in here.packages.items())))
    return [(name, value) for name, value in facts if value]
