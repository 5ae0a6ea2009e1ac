"""Whether stored runs may be compared at all: what has to be the same, and what had better be.

Two sides of a comparison may each be several runs. A field differs as soon as any two of them all have it differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchsuite.records import Accelerator, Cpu, Environment, Run

Level = Literal["comparable", "comparable with these differences", "not comparable"]
Scope = Literal["all jobs", "jobs on accelerators", "jobs on ONNX Runtime"]

# What no job that torch runs has a part in.
_ONNX_PACKAGES = ("onnx", "onnx-ir", "onnxruntime", "onnxruntime-gpu", "onnxscript")


@dataclass(frozen=True)
class Difference:
    """A field that is not the same everywhere. Where it `must` be, the jobs it touches cannot be compared."""

    field: str
    base: str
    candidate: str
    must: bool
    scope: Scope = "all jobs"

    def touches(self, backend: str) -> bool:
        """Whether jobs on `backend` are measured differently for it."""
        if self.scope == "jobs on ONNX Runtime":
            return backend.startswith("onnxruntime")
        return self.scope == "all jobs" or backend.rpartition("-")[2] != "cpu"

    def __str__(self) -> str:
        return f"{self.field}: {self.base} in the base, {self.candidate} in the candidate"


@dataclass(frozen=True)
class Judgement:
    """All differences, most serious first, and those that were declared to be what is compared."""

    differences: tuple[Difference, ...] = ()
    treatments: tuple[Difference, ...] = ()

    @property
    def level(self) -> Level:
        """Not comparable where a difference that must not be touches every job."""
        if any(d.must and d.scope == "all jobs" for d in self.differences):
            return "not comparable"
        return "comparable with these differences" if self.differences else "comparable"

    def widens(self, backend: str) -> bool:
        """Whether something that had better be the same is not, for jobs on `backend`."""
        return any(not d.must and d.touches(backend) for d in self.differences)

    def forbids(self, backend: str) -> str:
        """Why jobs on `backend` cannot be compared; empty where they can."""
        return "; ".join(str(d) for d in self.differences if d.must and d.touches(backend))


def judge(base: Sequence[Run], candidate: Sequence[Run], treatments: Sequence[str] = ()) -> Judgement:
    """Compare the headers of all runs of both sides. `treatments` are packages that are meant to differ."""
    sides = [[_fields(run) for run in runs] for runs in (base, candidate)]
    differences: list[Difference] = []
    declared: list[Difference] = []
    for name in dict.fromkeys(name for side in sides for fields in side for name in fields):
        found = _difference(name, *sides)
        if found is None:
            continue
        # What is compared differs between the sides, never within one.
        meant = name.removeprefix("packages.") in treatments and all(len(_values(name, side)) == 1 for side in sides)
        (declared if meant else differences).append(found)
    return Judgement(tuple(sorted(differences, key=lambda d: not d.must)), tuple(declared))


def packages(runs: Iterable[Run]) -> set[str]:
    """The names of all packages that any of the runs lists."""
    return {name for run in runs for name in run.environment.packages}


@dataclass(frozen=True)
class _Field:
    """A value; where `major` is given, it is that part of the value which must be the same, and the rest had better.

    What is `optional` is not always stored (for want of a permission, or by an older version), which is no difference.
    """

    value: object
    must: bool
    scope: Scope = "all jobs"
    major: str = ""
    optional: bool = False


_Fields = Mapping[str, _Field]


def _difference(name: str, base: Sequence[_Fields], candidate: Sequence[_Fields]) -> Difference | None:
    values = _values(name, base), _values(name, candidate)
    if len({*values[0], *values[1]}) == 1:
        return None
    there = [fields[name] for fields in (*base, *candidate) if name in fields]
    if there[0].optional and len(there) < len(base) + len(candidate):
        return None
    must = there[0].must or len({field.major for field in there}) > 1
    return Difference(name, " | ".join(values[0]), " | ".join(values[1]), must, there[0].scope)


def _values(name: str, side: Sequence[_Fields]) -> list[str]:
    """What the runs of a side have for it, each once, in words."""
    return list(dict.fromkeys(_words(fields[name].value if name in fields else None) for fields in side))


def _words(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{k}={v}" for k, v in sorted(value.items()))
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _fields(run: Run) -> dict[str, _Field]:
    environment, settings = run.environment, run.settings
    fields = {
        "schema": _Field(run.schema.split(".")[0], must=True),
        "protocol": _Field(run.protocol, must=True),
        "settings.seed": _Field(settings.seed, must=True),
        "settings.corpus": _Field(settings.corpus, must=True),
        "settings.sample_seconds": _Field(settings.sample_seconds, must=False),
    }
    fields |= dict(_system(environment)) | dict(_cpu(environment.cpu))
    fields["accelerators"] = _Field(len(environment.accelerators), must=True, scope="jobs on accelerators")
    for number, accelerator in enumerate(environment.accelerators):
        fields |= dict(_accelerator(f"accelerators.{number}", accelerator))
    for name, version in sorted(environment.packages.items()):
        scope: Scope = "jobs on ONNX Runtime" if name in _ONNX_PACKAGES else "all jobs"
        fields[f"packages.{name}"] = _Field(version, must=True, scope=scope)
    return fields


def _system(environment: Environment) -> Iterator[tuple[str, _Field]]:
    yield "system", _Field(environment.system, must=True)
    yield "kernel", _Field(environment.kernel, must=False, major=environment.kernel.split(".")[0])
    yield "python", _Field(environment.python, must=False, major=".".join(environment.python.split(".")[:2]))
    # Note: the host's name is never a reason to refuse, since every container has a new one; it widens the interval.
    for name in ("host", "huge_pages", "aslr"):
        yield name, _Field(getattr(environment, name), must=False)
    yield from _optional("", environment, ("memory_transfers",), "all jobs")


def _cpu(cpu: Cpu) -> Iterator[tuple[str, _Field]]:
    for name in ("model", "architecture", "physical_cores", "logical_cores", "usable_cpus", "quota_cores"):
        yield f"cpu.{name}", _Field(getattr(cpu, name), must=True)
    for name in ("features", "caches", "numa_nodes", "smt", "governor", "boost", "virtualization", "microcode"):
        yield f"cpu.{name}", _Field(getattr(cpu, name), must=False)
    yield from _optional("cpu.", cpu, ("nominal_hertz", "highest_hertz"), "all jobs")


def _accelerator(prefix: str, accelerator: Accelerator) -> Iterator[tuple[str, _Field]]:
    scope: Scope = "jobs on accelerators"
    for name in ("kind", "name", "memory_bytes", "ecc", "mig"):
        yield f"{prefix}.{name}", _Field(getattr(accelerator, name), must=True, scope=scope)
    driver = accelerator.driver
    yield f"{prefix}.driver", _Field(driver, must=False, scope=scope, major=driver.split(".")[0] if driver else "")
    for name in ("power_limit_watts", "max_sm_clock_hertz", "max_memory_clock_hertz", "pcie"):
        yield f"{prefix}.{name}", _Field(getattr(accelerator, name), must=False, scope=scope)
    yield from _optional(f"{prefix}.", accelerator, ("application_clock_hertz", "pcie_width"), scope)


def _optional(prefix: str, of: object, names: Sequence[str], scope: Scope) -> Iterator[tuple[str, _Field]]:
    """What had better be the same where both sides know it."""
    for name in names:
        if (value := getattr(of, name)) is not None:
            yield f"{prefix}{name}", _Field(value, must=False, scope=scope, optional=True)
