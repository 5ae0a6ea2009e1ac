"""Plug-ins are found by entry point; one that is broken is named, and takes nothing else with it."""

import dataclasses
import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from benchsuite import catalog, plugins
from benchsuite.backends.fake import FakeBackend, FakeClock
from benchsuite.cli.doctor import command as doctor
from benchsuite.cli.list import command as list_jobs
from benchsuite.errors import UsageError
from benchsuite.records import Case, Work
from benchsuite.workload import Forward, Program, Workload
from tests.report.hostile import TRICKS

ESCAPE = "\x1b[31m\u202e\u009b31m"


def build(case: Case) -> Program:
    raise AssertionError


def described(name: str, summary: str) -> Workload:
    return Workload(name, summary, "kernel", Forward, {"size": 8}, {"quick": {}}, build, lambda _: Work(1, "rows"))


class Odd(FakeBackend):
    """Fails to answer."""

    def missing(self) -> str | None:
        raise RuntimeError(TRICKS)


class Unsayable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def unsayable() -> None:
    raise Unsayable


wide = described("wide", "products of wide matrices")
shouting = described("shouting", TRICKS)
stranger = dataclasses.replace(wide, name="another")
fake = FakeBackend(FakeClock(), name="fake-cpu")
odd = Odd(FakeClock(), name="odd-gpu", device="cuda")


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """What a stranger has installed in place of everything else."""
    found: list[EntryPoint] = []
    monkeypatch.setattr(plugins, "entry_points", lambda group: [e for e in found if e.group == group])
    plugins.installed.cache_clear()
    yield found
    plugins.installed.cache_clear()


def workload(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, f"{__name__}:{value}", plugins.WORKLOADS)


def backend(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, f"{__name__}:{value}", plugins.BACKENDS)


def test_plug_ins_are_found_by_entry_point(entries: list[EntryPoint]) -> None:
    entries += [workload("wide", "wide"), backend("fake-cpu", "fake")]
    assert catalog.workloads() == {"wide": wide}
    assert catalog.backends() == {"fake-cpu": fake}
    assert catalog.broken() == {}


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (EntryPoint("bad", "no.such.module:workload", plugins.WORKLOADS), "ModuleNotFoundError: No module named 'no'"),
        (EntryPoint("bad", "no.such.module:cpu", plugins.BACKENDS), "ModuleNotFoundError"),
        (EntryPoint("bad", "not an object reference", plugins.WORKLOADS), "cannot be loaded"),
        (EntryPoint("bad", "this:is:none", plugins.WORKLOADS), "cannot be loaded"),
        (workload("bad", "no_such_name"), "AttributeError"),
        (workload("bad", "ESCAPE"), "it is a str, not a Workload"),
        (workload("bad", "fake"), "it is a FakeBackend, not a Workload"),
        (workload("bad", "stranger"), "it calls itself 'another'"),
        (workload("a/b", "stranger"), "'a/b' is no name"),
        (workload(ESCAPE, "stranger"), "is no name"),
        (workload("x" * 5000, "stranger"), "is no name"),
        (backend("bad", "wide"), "it is no backend, it lacks device, missing, refuses, check, prepare"),
    ],
)
def test_a_broken_plug_in_is_named_and_the_others_are_there(
    entries: list[EntryPoint], entry: EntryPoint, reason: str
) -> None:
    entries += [entry, workload("wide", "wide"), backend("fake-cpu", "fake")]
    assert list(catalog.workloads()) == ["wide"]
    assert list(catalog.backends()) == ["fake-cpu"]
    ((name, why),) = catalog.broken().items()
    assert name == entry.name or entry.name == ESCAPE
    assert reason in why
    assert f"{name} {why}".isprintable()
    assert len(why) < 600
    shown = printed(list_jobs)
    assert f"plug-in {name} {why}" in shown
    assert "wide: products of wide matrices" in shown
    assert json.loads(printed(list_jobs, "--json"))["broken"] == {name: why}


def test_what_a_broken_plug_in_would_give_is_not_left_out_in_silence(entries: list[EntryPoint]) -> None:
    entries += [
        workload("bad", "no_such_name"),
        backend("odd-cpu", "none"),
        workload("wide", "wide"),
        backend("fake-cpu", "fake"),
    ]
    for pattern in ("bad", "b*", "*"):
        with pytest.raises(UsageError, match=r"plug-in bad .*cannot be loaded"):
            catalog.select([pattern], [], ["fp32"], "quick", 1)
    with pytest.raises(UsageError, match="plug-in odd-cpu"):
        catalog.select(["wide"], ["odd-*"], ["fp32"], "quick", 1)
    assert len(catalog.select(["wide"], ["fake-*"], ["fp32"], "quick", 1)) == 1


def test_a_backend_that_fails_to_answer_is_not_here(entries: list[EntryPoint]) -> None:
    entries += [workload("shouting", "shouting"), backend("odd-gpu", "odd")]
    shown = printed(list_jobs)
    assert "it cannot say whether its device is here: RuntimeError: " in shown
    assert "0 of 1 jobs can run here." in shown
    assert "odd-gpu" in printed(doctor, "--brief")


def test_an_error_that_cannot_be_said_is_named(entries: list[EntryPoint], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EntryPoint, "load", lambda _: unsayable())
    entries.append(workload("bad", "wide"))
    assert catalog.broken()["bad"].endswith("cannot be loaded: Unsayable")


@pytest.mark.parametrize(
    "content",
    [
        b"[benchsuite.workloads]\nno equals sign\n",
        b"[benchsuite.workloads]\nbad = \xff\xfe\n",
        b"\x00\x00",
        b"before any section\n",
        b"[benchsuite.workloads\nbad = x:y\n",
        b"[benchsuite.workloads]\nbad = " + b"x" * 100_000 + b"\n",
    ],
)
def test_a_package_whose_list_cannot_be_read_hides_no_other(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / f"broken{ESCAPE}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_bytes(b"Metadata-Version: 2.1\nName: \xff\x1b[31m\nVersion: 1\n")
    (folder / "entry_points.txt").write_bytes(content)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    plugins.installed.cache_clear()
    try:
        assert "matmul" in catalog.workloads()
        assert "torch-eager-cpu" in catalog.backends()
        assert all(f"{name} {why}".isprintable() for name, why in catalog.broken().items())
    finally:
        plugins.installed.cache_clear()


def printed(command: click.Command, *arguments: str) -> str:
    """What a command prints, none of which a terminal obeys."""
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert all(line.isprintable() for line in done.output.split("\n"))
    return done.output
