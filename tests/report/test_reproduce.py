"""The command that would repeat a run: the command line takes it, and it asks for the same."""

import dataclasses
import shlex
from pathlib import Path

import pytest

from benchsuite.cli import run as cli
from benchsuite.records import Run, Settings
from benchsuite.report.reproduce import command_line, reproduce
from benchsuite.report.sheet import sheets
from benchsuite.report.soundness import glance
from benchsuite.store import read
from tests import fakes

_ROOT = Path(__file__).parents[2]
LINES = {
    "alone": [],
    "smoke": ["--preset", "smoke"],
    "rounds": ["matmul", "--rounds", "7", "--preset", "full"],
    "width": ["'attention-*/seq=128|512'", "--target-width", "3%", "--precision", "bf16", "--precision", "fp32"],
    "budget": ["launch", "--budget", "90.5s", "--seed", "3"],
    "all": ["matmul", "--rounds", "2", "--target-width", "0.015", "--budget", "1.5h", "--backend", "'torch-*-cpu'"],
    "corpus": ["embedding", "--corpus", "'some text.txt'", "--threads", "1"],
    "model": ["launch", "--model", "'my models/bert,large'", "--model", "other"],
    "pattern of a model": ["model-forward/model=other"],
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a text and two models."""
    (tmp_path / "some text.txt").write_text("words")
    for name in ("my models/bert,large", "other"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "config.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the run that the command would begin."""
    begun: list[Run] = []
    monkeypatch.setattr(cli, "_measure", lambda path, header, *rest, **options: begun.append(header))
    monkeypatch.setattr(cli, "_end", lambda *rest, **options: None)
    cli.command.main(arguments, prog_name="run", standalone_mode=False)
    return begun[0].settings


@pytest.mark.parametrize("name", LINES)
def test_the_same_is_asked_for(name: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = asked(shlex.split(" ".join(LINES[name])), monkeypatch)
    program, command, *arguments = shlex.split(command_line(settings))
    assert (program, command) == ("benchsuite", "run")
    assert asked(arguments, monkeypatch) == settings


def test_models_are_named_as_they_were_given(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = asked(shlex.split(" ".join(LINES["model"])), monkeypatch)
    assert command_line(settings).count("--model") == 2
    assert "model-forward" not in command_line(settings)


@pytest.mark.parametrize("preset", ["quick", "full"])
def test_committed_runs_can_be_asked_for_again(preset: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (file,) = (_ROOT / "results/baselines").glob(f"*/{preset}.jsonl")
    settings = read(file).run.settings
    monkeypatch.chdir(tmp_path)
    found = asked(shlex.split(command_line(settings))[2:], monkeypatch)
    assert found == dataclasses.replace(
        settings, sample_seconds=found.sample_seconds, extra_seconds=found.extra_seconds
    )


def test_jobs_that_the_run_ended_before_are_named() -> None:
    job = fakes.job("matmul", size=1)
    whole = fakes.stored(fakes.rounds(job, None, {"time/latency": 0.01}))
    stored = dataclasses.replace(whole, run=dataclasses.replace(whole.run, jobs=(job.id, "launch@a/fp32/t2")))
    facts = dict(reproduce(sheets([stored])).facts)
    assert facts["not measured"] == "1 job, since the run ended before their turn: launch@a/fp32/t2"
    assert dict(glance(sheets([stored])).facts)["jobs"].endswith(
        "1 more not measured, since the run ended before their turn"
    )
    assert "not measured" not in dict(reproduce(sheets([whole])).facts)


def test_rounds_of_pytest_are_not_repeated_by_run() -> None:
    assert command_line(Settings(preset="pytest")).startswith("pytest --benchsuite-output")
