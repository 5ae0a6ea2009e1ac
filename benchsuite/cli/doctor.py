"""`benchsuite doctor`: what this machine is, what can run on it, how noisy it is right now, and what to change."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import click

from benchsuite import units
from benchsuite.catalog import absence, backends, broken
from benchsuite.cli.facts import facts, state
from benchsuite.cli.options import Duration
from benchsuite.cli.terminal import say
from benchsuite.measure.counters import Counters
from benchsuite.measure.energy import HOST, idle_watts, meters
from benchsuite.measure.telemetry import Reading, accelerator
from benchsuite.measure.untold import untold
from benchsuite.nvml import open_nvml
from benchsuite.probe import environment
from benchsuite.probe.accelerators import undriven
from benchsuite.probe.advice import Advice, advice
from benchsuite.probe.noise import Noise, noise, sentence
from benchsuite.records import Environment, Request
from benchsuite.records.codec import to_data
from benchsuite.runner.start import why_spawned, workers

_TIMEOUT = 120.0


@dataclass(frozen=True)
class Findings:
    """All that is said. What a brief look leaves out is None or empty.

    `devices` are the backends, each with why it cannot run; `power` holds watts at rest, or why energy is not known;
    `untold` are the codes that nothing here can tell of, with what would; `spawned` is why workers do not fork.
    """

    here: Environment
    devices: Mapping[str, str]
    builds: Mapping[str, str] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    power: Mapping[str, float | str] = field(default_factory=dict)
    noise: Noise | None = None
    advice: tuple[Advice, ...] = ()
    untold: Mapping[str, str] = field(default_factory=dict)
    spawned: str | None = None


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
    found = _look(None if brief else seconds)
    if as_json:
        print(json.dumps(_data(found), indent=1))
    else:
        _print(found)


def _look(seconds: float | None) -> Findings:
    """Everything that can be found out, or without `seconds` what takes no time."""
    here = environment()
    readings = _readings()
    seen = None if seconds is None else noise(seconds)
    power = _power(here, measure=seconds is not None)
    devices, builds = (_missing(), {}) if seconds is None else _asked()
    refusal = power.get(HOST)
    return Findings(
        here,
        devices,
        builds,
        readings,
        power,
        seen,
        advice(
            here,
            seen,
            undriven(),
            max((r.foreign for r in readings), default=0),
            refusal if isinstance(refusal, str) else None,
        ),
        untold(Counters.read().values),
        why_spawned(),
    )


def _readings() -> tuple[Reading, ...]:
    """Each accelerator as it is now."""
    nvml = open_nvml()
    if nvml is None:
        return ()
    with nvml:
        return tuple(accelerator(nvml, handle)() for handle in nvml.devices())


def _power(here: Environment, *, measure: bool) -> dict[str, float | str]:
    """By metric the watts that are drawn now, or why energy cannot be read; unmeasured ones are 0."""
    known = meters(open_nvml(), bool(here.accelerators))
    watts = idle_watts(known.meters) if measure and known.meters else {}
    readable = {meter.metric: watts.get(meter.metric, 0.0) for meter in known.meters}
    return {**readable, **(known.reasons or {})}


def _missing() -> dict[str, str]:
    return {name: absence(backend) or "" for name, backend in backends().items()}


def _asked() -> tuple[dict[str, str], dict[str, str]]:
    """Every backend with why it cannot run, and the libraries' builds, asked in a worker."""
    usable = [b for b in backends().values() if absence(b) is None]
    imports = list(dict.fromkeys(module for b in usable for module in b.imports))
    with workers(imports, 0, {}) as zygote:
        outcome = zygote.ask(Request("probe"), _TIMEOUT)
    if outcome.fault:
        return {name: reason or f"could not be asked: {outcome.fault}" for name, reason in _missing().items()}, {}
    devices, builds = (
        {str(name): str(text) for name, text in outcome.answer[part].items()} for part in ("devices", "builds")
    )
    return devices, builds


def _data(found: Findings) -> dict[str, Any]:
    seen = found.noise
    return {
        "environment": to_data(found.here),
        "fingerprint": found.here.fingerprint,
        "backends": {name: {"usable": not reason, "reason": reason or None} for name, reason in found.devices.items()},
        "broken": broken(),
        "builds": dict(found.builds),
        "accelerators_now": [dataclasses.asdict(reading) for reading in found.readings],
        "energy": {metric: _power_data(said) for metric, said in found.power.items()},
        "noise": None if seen is None else {**dataclasses.asdict(seen), "sentence": sentence(seen)},
        "advice": [dataclasses.asdict(item) for item in found.advice],
        "untold": dict(found.untold),
        "workers": {"forked": found.spawned is None, "reason": found.spawned},
    }


def _power_data(said: float | str) -> dict[str, Any]:
    if isinstance(said, str):
        return {"readable": False, "watts": None, "reason": said}
    return {"readable": True, "watts": said or None, "reason": None}


def _print(found: Findings) -> None:
    for name, value in facts(found.here):
        say(f"{name + ':' if name else '':15}{value}")
    for reading in found.readings:
        say(f"{'Now:':15}{state(reading)}")
    for metric, said in found.power.items():
        say(f"{metric + ':':15}{said if isinstance(said, str) else _watts(said)}")
    say(f"{'Workers:':15}{_started(found.spawned)}")
    _section("Backends", {name: f"no: {reason}" if reason else "usable" for name, reason in found.devices.items()})
    if broken():
        _section("Broken plug-ins", broken())
    if found.builds:
        _section("Builds", found.builds)
    if found.noise is not None:
        print()
        say("Noise")
        say(f"  {sentence(found.noise)}")
        say(f"  one sample varies by {units.percent(found.noise.variation)} (standard deviation)")
    if found.untold:
        _section("Codes that nothing here can tell, for want of", found.untold)
    print()
    say("Advice" if found.advice else "Nothing to advise.")
    for item in found.advice:
        say(f"  {item.what}: {item.why}; {item.how}")


def _started(spawned: str | None) -> str:
    if spawned is None:
        return "forked from a fresh interpreter a round"
    return f"each a fresh interpreter, since {spawned}: no duet, no gate"


def _section(title: str, lines: Mapping[str, str]) -> None:
    print()
    say(title)
    for name, text in lines.items():
        say(f"  {name:20}{text}")


def _watts(value: float) -> str:
    return f"readable, {value:.1f} W now" if value else "readable"
