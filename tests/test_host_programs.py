"""Host tasks, copies to and from a device, and products with a check of their own are held to what others are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from benchsuite.backend import Phase, Session
from benchsuite.backends.torch_eager import cpu
from benchsuite.backends.torch_transfer import HostTransferSession
from benchsuite.errors import Unsupported
from benchsuite.verify import reference_of
from benchsuite.workload import Forward, HostSteps, HostTask, HostTransfer, Program
from tests import cheats
from tests.test_cheats import checked
from workloads.nets.product import Product, product_error


@pytest.fixture(autouse=True)
def gradients_as_before() -> Iterator[None]:
    with torch.enable_grad():
        yield


def host_task() -> HostTask:
    """Sorts, by two steps; whatever is expected is found by counting."""

    def prepare(inputs: tuple[Tensor, ...], threads: int) -> HostSteps:
        kept: dict[str, Tensor] = {}

        def read() -> None:
            kept["read"] = inputs[0].clone()

        def add_up() -> None:
            kept["sums"] = kept["read"].cumsum(0)

        phases = (Phase(read, metric="time/cold_load"), Phase(add_up, metric="time/cold_first"))
        return HostSteps(phases, lambda: {"sums": kept["sums"]}, {"threads": str(threads)})

    def expected(x_N: Tensor) -> dict[str, Tensor]:
        return {"sums": torch.tensor([sum(x_N[: i + 1].tolist()) for i in range(len(x_N))])}

    return HostTask((torch.tensor([4, 1, 3, 9, 2]),), prepare, expected)


def to_device() -> HostTransfer:
    return HostTransfer((torch.arange(24.0).view(4, 6),), to_device=True, pinned=False)


def from_device() -> HostTransfer:
    return dataclasses.replace(to_device(), to_device=False)


def product() -> Forward:
    torch.manual_seed(0)
    return Forward(Product(), (torch.randn(48, 40), torch.randn(40, 56)), product_error)


ALL = [host_task, to_device, from_device, product]


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("wrap", [lambda session: session, cheats.Honest])
def test_an_honest_session_passes(wrap: Callable[[Session], Session], make: Callable[[], Program]) -> None:
    passed, failed = checked(wrap(cpu.prepare(make(), "fp32", 1)), make)
    assert failed == set()
    assert any(name.startswith("after, as left") for name in passed)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize(
    "cheat",
    [
        cheats.RemembersFirstOutput,
        cheats.RemembersByIdentity,
        cheats.IdleWhileTimed,
        cheats.PutsOffWork,
        cheats.MutatesInputs,
        cheats.DropsLastRow,
        cheats.IsEmpty,
    ],
)
def test_a_cheat_is_caught(cheat: type[cheats.Honest], make: Callable[[], Program]) -> None:
    assert checked(cheat(cpu.prepare(make(), "fp32", 1)), make)[1]


@pytest.mark.parametrize(
    ("cheat", "caught_by"),
    {
        cheats.RoundsToHalf: "before: output",
        cheats.HasOneNaN: "before: output",
        cheats.HasOneInfinity: "before: output",
        cheats.HasWrongShape: "before: output",
        cheats.ReusesOutputMemory: "before: output kept apart",
        cheats.ReturnsEarly: "before, varied: output",
    }.items(),
    ids=lambda x: getattr(x, "__name__", None),
)
def test_a_product_with_a_check_of_its_own_is_checked_as_others_are(cheat: type[cheats.Honest], caught_by: str) -> None:
    assert caught_by in checked(cheat(cpu.prepare(product(), "fp32", 1)), product)[1]


def test_a_host_task_says_what_it_ran_on() -> None:
    program = host_task()
    session = cpu.prepare(program, "fp32", 3)
    assert session.notes == {"threads": "3"}
    assert [phase.metric for phase in session.phases] == ["time/cold_load", "time/cold_first"]
    assert session.inputs[0].data_ptr() != program.inputs[0].data_ptr()
    reference = reference_of(program, "")
    assert reference.given["sums"].tolist() == [4, 5, 8, 17, 19]
    assert reference.varied["sums"].tolist() == [2, 6, 7, 10, 19]


@pytest.mark.parametrize("to_device", [True, False])
def test_the_side_of_the_host_is_pinned(to_device: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = []
    monkeypatch.setattr(Tensor, "pin_memory", lambda x: pinned.append(x.clone()) or x)
    session = HostTransferSession(HostTransfer((torch.ones(3),), to_device=to_device, pinned=True), "cpu")
    session.phases[0].run()
    assert [x.tolist() for x in pinned] == [[1.0] * 3 if to_device else [0.0] * 3]
    assert session.output()["output"].tolist() == [1.0] * 3
    assert session.notes == {"host memory": "pinned"}


def test_memory_that_cannot_be_pinned_is_a_reason_to_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(x: Tensor) -> Tensor:
        raise RuntimeError("no accelerator")

    monkeypatch.setattr(Tensor, "pin_memory", refuse)
    with pytest.raises(Unsupported, match="no accelerator"):
        HostTransferSession(HostTransfer((torch.ones(3),), to_device=True, pinned=True), "cpu")


def test_both_sides_of_a_copy_are_where_they_should_be() -> None:
    """On the device of torch that holds no values: which tensor lies where is all that it knows."""
    into, out = (
        HostTransferSession(HostTransfer((torch.ones(3),), to_device=to_device, pinned=False), "meta")
        for to_device in (True, False)
    )
    assert (into.inputs[0].device.type, into._destination.device.type) == ("cpu", "meta")
    assert (out.inputs[0].device.type, out._destination.device.type) == ("meta", "cpu")
