"""Signals in each phase of `run`, with workers that answer at once: what is stored can be read and gone on with."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from benchsuite.cli import progress, report
from benchsuite.runner import execute
from benchsuite.store import Writer, read
from tests.cli.machine import Machine

SIZES, FILE = (16, 32), Path("run.jsonl")
BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
PHASES: dict[str, tuple[object, str, int]] = {
    "before the first record": (execute, "imports_of", 0),
    "in the first round": (execute, "record_of", 1),
    "between rounds": (progress.Lines, "round_done", 2),
}


@BOTH
@pytest.mark.parametrize("phase", PHASES)
def test_what_is_finished_is_kept_reported_and_gone_on_with(
    phase: str, number: int, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    target, name, kept = PHASES[phase]
    machine.signal_in(number, target, name, lambda *_: len(machine.world.requests) > kept or name != "record_of")
    assert machine.run() == 130
    assert len(read(FILE).records) == kept
    assert machine.reports == ([kept] if kept else [])
    said = capsys.readouterr().out
    assert "stopped by interruption" in said
    assert "Go on with: benchsuite run --resume run.jsonl" in said
    assert ("Not measured, since the run ended before their turn" in said) == (kept < len(SIZES))
    assert machine.run("run", "--resume", "run.jsonl") == 0
    assert "Not measured" not in capsys.readouterr().out
    assert measured() == [(size, number) for size in SIZES for number in range(4)]


@BOTH
def test_nothing_stored_is_said_and_no_obstacle(
    number: int, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.signal_in(number, Writer, "append")
    assert machine.run() == 130
    assert "Interrupted before anything was stored." in capsys.readouterr().out
    assert machine.run() == 0


@BOTH
def test_a_report_that_is_interrupted_can_be_had_again(
    number: int, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.signal_in(number, report, "present")
    assert machine.run() == 130
    assert "Write it with: benchsuite report run.jsonl" in capsys.readouterr().out
    assert len(read(FILE).records) == 4 * len(SIZES)


def measured() -> list[tuple[Any, int]]:
    """Sizes and rounds of all records."""
    return sorted((record.job.case["size"], record.round) for record in read(FILE).records)
