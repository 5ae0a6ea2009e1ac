import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from benchsuite.verify import reference as module
from benchsuite.verify.reference import Reference, reference_of
from benchsuite.workload import Forward, Program
from tests import programs


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path))
    return tmp_path / "references"


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Program]]:
    """The programs whose reference was computed rather than read."""
    seen: list[Program] = []
    compute = module._compute
    monkeypatch.setattr(module, "_compute", lambda program: (seen.append(program), compute(program))[1])
    return seen


def same(a: Reference, b: Reference) -> bool:
    sides = ((a.given, b.given), (a.varied, b.varied))
    return a.precision == b.precision and all(
        x.keys() == y.keys() and all(torch.equal(x[k], y[k]) for k in x) for x, y in sides
    )


KINDS = [programs.forward, programs.train, programs.generate]


@pytest.mark.parametrize("make", KINDS)
def test_a_reference_is_computed_once(make: Callable[[], Program], computed: list[Program]) -> None:
    first = reference_of(make(), "case")
    assert same(first, reference_of(make(), "case"))
    assert len(computed) == 1
    assert first.precision == "float64"


def test_it_is_the_program_in_double_precision() -> None:
    program = programs.forward()
    found = reference_of(program, "case")
    twin = programs.forward().module.double()
    assert found.given["output"].equal(twin(*(x.double() for x in program.inputs)))
    assert found.varied["output"].equal(twin(*(x.flatten().roll(1).view_as(x).double() for x in program.inputs)))
    assert all(p.dtype == torch.float32 for p in program.module.parameters())


def test_several_outputs_are_numbered() -> None:
    class Two(nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return x + 1, x + 2

    assert set(reference_of(Forward(Two(), (torch.zeros(2),)), "case").given) == {"output/0", "output/1"}


def test_training_leaves_the_program_as_it_was() -> None:
    program, untouched = programs.train(), programs.train()
    reference_of(program, "case")
    pairs = zip(program.module.parameters(), untouched.module.parameters(), strict=True)
    assert all(torch.equal(a, b) and a.grad is None for a, b in pairs)


def test_the_generator_is_left_as_it_was() -> None:
    program = programs.generate()
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    reference_of(program, "case")
    assert before.equal(torch.random.get_rng_state())


def other_weights(program: Forward) -> Forward:
    with torch.no_grad():
        program.module.first.bias[0] += 1
    return program


def other_buffer(program: Forward) -> Forward:
    program.module.scale += 1
    return program


def other_inputs(program: Forward) -> Forward:
    return dataclasses.replace(program, inputs=(program.inputs[0] + 1, program.inputs[1]))


@pytest.mark.parametrize("change", [other_weights, other_buffer, other_inputs])
def test_whatever_differs_is_computed_anew(change: Callable[[Forward], Forward], computed: list[Program]) -> None:
    reference_of(programs.forward(), "case")
    reference_of(change(programs.forward()), "case")
    assert len(computed) == 2


def test_cases_of_equal_weights_and_inputs_are_kept_apart(computed: list[Program]) -> None:
    """As of a network whose number of heads changes no shape."""
    reference_of(programs.forward(), "attention/heads=2")
    reference_of(programs.forward(), "attention/heads=4")
    assert len(computed) == 2


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def one_bit_off(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("damage", [truncated, one_bit_off, lambda content: b"", lambda content: b"\xff" * 999])
def test_a_damaged_entry_is_rebuilt(damage: Callable[[bytes], bytes], folder: Path, computed: list[Program]) -> None:
    first = reference_of(programs.forward(), "case")
    (path,) = folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert same(reference_of(programs.forward(), "case"), first)
    assert same(reference_of(programs.forward(), "case"), first)
    assert len(computed) == 2


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, computed: list[Program]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path / "file"))
    assert same(reference_of(programs.forward(), "case"), reference_of(programs.forward(), "case"))
    assert len(computed) == 2


def test_single_precision_serves_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.psutil, "virtual_memory", lambda: SimpleNamespace(available=1000))
    found = reference_of(programs.forward(), "case")
    assert found.precision == "float32"
    assert found.given["output"].dtype == torch.float32


def test_greedy_tokens_are_never_short_of_the_best_and_others_are() -> None:
    program = programs.generate()
    found = reference_of(program, "case").given
    short_BN, logits_BV = module.along(program, program.inputs, found["tokens"])
    assert short_BN.eq(0).all()
    assert torch.allclose(logits_BV, found["logits"])
    other_BN = found["tokens"].clone()
    other_BN[0, 2] += 1
    short_BN, logits_BV = module.along(program, program.inputs, other_BN)
    assert short_BN[0, 2] > 0
    assert short_BN[0, :2].eq(0).all()
    assert not torch.allclose(logits_BV[0], found["logits"][0])
    assert torch.allclose(logits_BV[1], found["logits"][1])
