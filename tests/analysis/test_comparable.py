"""What has to be the same for two stored runs to be compared, and which jobs it touches."""

import dataclasses
from typing import Any

import pytest

from benchsuite.analysis.comparable import Judgement, judge, packages
from benchsuite.records import Environment, Run
from tests import fakes


def run(environment: Environment | None = None, **fields: Any) -> Run:
    known = fakes.stored([], environment).run
    settings = {name: fields.pop(name) for name in ("seed", "corpus", "sample_seconds") if name in fields}
    return dataclasses.replace(known, settings=dataclasses.replace(known.settings, **settings), **fields)


def here(**fields: Any) -> Environment:
    return dataclasses.replace(fakes.laptop(), **fields)


def with_cpu(**fields: Any) -> Environment:
    return here(cpu=dataclasses.replace(fakes.laptop().cpu, **fields))


def with_device(**fields: Any) -> Environment:
    server = fakes.server()
    return dataclasses.replace(server, accelerators=(dataclasses.replace(server.accelerators[0], **fields),))


def judged(base: Run, candidate: Run, *treatments: str) -> Judgement:
    return judge([base], [candidate], treatments)


def test_a_run_may_be_compared_with_itself() -> None:
    for environment in (fakes.laptop(), fakes.server()):
        found = judged(run(environment), run(environment, started=5.0, version="9"))
        assert (found.level, found.differences) == ("comparable", ())
        assert not found.forbids("torch-eager-cpu")
        assert not found.widens("torch-eager-cpu")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (with_cpu(model="Other CPU"), "cpu.model"),
        (with_cpu(architecture="aarch64"), "cpu.architecture"),
        (with_cpu(physical_cores=3), "cpu.physical_cores"),
        (with_cpu(usable_cpus=2), "cpu.usable_cpus"),
        (with_cpu(quota_cores=1.5), "cpu.quota_cores"),
        (here(system="Darwin"), "system"),
        (here(kernel="7.0.1"), "kernel"),
        (here(python="3.12.1"), "python"),
        (here(packages={"torch": "2.12.0"}), "packages.torch"),
        (here(packages={"torch": "2.11.0", "numpy": "2.0"}), "packages.numpy"),
        (here(packages={}), "packages.torch"),
    ],
)
def test_what_must_be_the_same_refuses_every_job(changed: Environment, field: str) -> None:
    found = judged(run(), run(changed))
    assert found.level == "not comparable"
    (difference,) = found.differences
    assert (difference.field, difference.must, difference.scope) == (field, True, "all jobs")
    assert field in found.forbids("torch-eager-cpu")
    assert difference.base in str(difference)
    assert difference.candidate in str(difference)


@pytest.mark.parametrize(
    "fields", [{"schema": "2.0"}, {"protocol": 2}, {"seed": 1}, {"corpus": "mine.txt"}], ids=lambda f: next(iter(f))
)
def test_so_do_the_header_and_the_inputs(fields: dict[str, Any]) -> None:
    found = judged(run(), run(**fields))
    assert found.level == "not comparable"
    assert [d.field.removeprefix("settings.") for d in found.differences] == list(fields)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (with_cpu(microcode="0x2"), "cpu.microcode"),
        (with_cpu(governor="powersave"), "cpu.governor"),
        (with_cpu(boost=False), "cpu.boost"),
        (with_cpu(smt=True), "cpu.smt"),
        (with_cpu(virtualization="kvm"), "cpu.virtualization"),
        (with_cpu(features=("avx2",)), "cpu.features"),
        (with_cpu(caches={"L3": 2**20}), "cpu.caches"),
        (here(kernel="6.1.9"), "kernel"),
        (here(python="3.11.1"), "python"),
        (here(huge_pages="always"), "huge_pages"),
        (here(aslr=False), "aslr"),
        (here(host="elsewhere"), "host"),
    ],
)
def test_what_had_better_be_the_same_is_told_and_widens(changed: Environment, field: str) -> None:
    found = judged(run(), run(changed))
    assert found.level == "comparable with these differences"
    assert [(d.field, d.must) for d in found.differences] == [(field, False)]
    assert found.widens("torch-eager-cpu")
    assert not found.forbids("torch-eager-cpu")


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        (here(memory_transfers=4.8e9), here(memory_transfers=5.6e9), "memory_transfers"),
        (with_cpu(nominal_hertz=2e9), with_cpu(nominal_hertz=2.1e9), "cpu.nominal_hertz"),
        (with_cpu(highest_hertz=3e9), with_cpu(highest_hertz=4e9), "cpu.highest_hertz"),
        (with_device(application_clock_hertz=1e9), with_device(application_clock_hertz=2e9), "application_clock_hertz"),
        (with_device(pcie_width=8), with_device(pcie_width=16), "pcie_width"),
    ],
)
def test_what_is_not_always_known_only_differs_where_it_is(one: Environment, other: Environment, field: str) -> None:
    (difference,) = judged(run(one), run(other)).differences
    assert not difference.must
    assert difference.field.endswith(field)
    unknown = fakes.server() if one.accelerators else here()
    assert judged(run(unknown), run(other)).level == judged(run(one), run(unknown)).level == "comparable"


@pytest.mark.parametrize("environment", [here(memory_bytes=1), here(swap_bytes=1), here(commit="abc")])
def test_what_jitters_between_boots_says_nothing(environment: Environment) -> None:
    assert judged(run(), run(environment)).level == "comparable"


@pytest.mark.parametrize(
    ("changed", "field", "must"),
    [
        (with_device(name="Other"), "accelerators.0.name", True),
        (with_device(mig="1g.10gb"), "accelerators.0.mig", True),
        (with_device(ecc=True), "accelerators.0.ecc", True),
        (with_device(driver="580.1"), "accelerators.0.driver", True),
        (with_device(driver="570.2"), "accelerators.0.driver", False),
        (with_device(driver=None), "accelerators.0.driver", True),
        (with_device(power_limit_watts=300.0), "accelerators.0.power_limit_watts", False),
        (with_device(pcie="gen4 x8"), "accelerators.0.pcie", False),
    ],
)
def test_a_device_touches_only_its_jobs(changed: Environment, field: str, must: bool) -> None:
    found = judged(run(fakes.server()), run(changed))
    assert found.level == "comparable with these differences"
    assert [(d.field, d.must) for d in found.differences] == [(field, must)]
    assert bool(found.forbids("torch-eager-cuda")) == must
    assert found.widens("onnxruntime-cuda") == (not must)
    assert not found.forbids("torch-eager-cpu")
    assert not found.widens("torch-eager-cpu")


def test_a_device_less_is_a_difference() -> None:
    bare = dataclasses.replace(fakes.server(), accelerators=())
    found = judged(run(fakes.server()), run(bare))
    assert "accelerators: 1 in the base, 0 in the candidate" in found.forbids("torch-eager-cuda")
    assert not found.forbids("torch-eager-cpu")


def test_onnx_runtime_touches_only_its_jobs() -> None:
    changed = dataclasses.replace(fakes.server(), packages={**fakes.server().packages, "onnxruntime-gpu": "1.23.0"})
    found = judged(run(fakes.server()), run(changed))
    assert found.level == "comparable with these differences"
    assert found.forbids("onnxruntime-cpu")
    assert not found.forbids("torch-compile-cpu")


def test_what_is_compared_may_differ() -> None:
    newer = here(packages={"torch": "2.12.0"})
    found = judged(run(), run(newer), "torch")
    assert (found.level, found.differences) == ("comparable", ())
    assert [str(d) for d in found.treatments] == ["packages.torch: 2.11.0 in the base, 2.12.0 in the candidate"]
    assert judged(run(), run(newer), "numpy").level == "not comparable"


def test_what_is_compared_may_not_differ_within_a_side() -> None:
    newer = run(here(packages={"torch": "2.12.0"}))
    found = judge([run()], [run(), newer], ["torch"])
    assert found.level == "not comparable"
    assert found.differences[0].candidate == "2.11.0 | 2.12.0"


def test_every_run_of_a_side_counts() -> None:
    assert judge([run(), run(with_cpu(model="Other CPU"))], [run()]).level == "not comparable"
    assert judge([run(), run()], [run(), run()]).level == "comparable"


def test_the_serious_differences_come_first() -> None:
    changed = dataclasses.replace(with_cpu(microcode="0x2", model="Other CPU"), host="elsewhere")
    found = judged(run(), run(changed))
    assert [d.must for d in found.differences] == [True, False, False]


def test_the_packages_of_all_runs() -> None:
    assert packages([run(), run(fakes.server())]) == {"torch", "onnxruntime-gpu"}
