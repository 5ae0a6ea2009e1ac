"""The terminal's report, as it reads at two widths."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from benchsuite.report import Report, show
from benchsuite.store import Stored
from tests.fakes import stored
from tests.report import golden
from tests.report.hostile import hostile
from tests.report.samples import accelerated, mixed, small

RUNS = {"small": [small()], "mixed": [mixed()], "accelerated": [accelerated()], "two": [mixed(), accelerated()]}


def shown(runs: list[Stored], width: int = 80, colour: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=colour, color_system="truecolor" if colour else None)
    show(Report.of(runs), console)
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", RUNS)
def test_as_it_was(name: str, width: int) -> None:
    golden.check(f"{name}-{width}.txt", shown(RUNS[name], width))


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", RUNS)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    assert max(map(len, shown(RUNS[name], width).splitlines())) <= width


def test_ten_machines_fit_the_terminal_and_each_is_named() -> None:
    runs = [mixed(1 + i / 10, f"machine-{i}.jsonl") for i in range(10)]
    text = shown(runs, 120)
    assert max(map(len, text.splitlines())) <= 120
    assert all(f"machine-{i}.jsonl" in text for i in range(10))


def test_colours_change_no_character() -> None:
    coloured = shown([mixed()], colour=True)
    assert "\x1b[" in coloured
    assert Text.from_ansi(coloured).plain.split() == shown([mixed()]).split()


def test_stored_strings_are_shown_and_nothing_more() -> None:
    text = shown([hostile()], 200)
    assert "[bold]" in text
    assert not any(c in text for c in "\x1b\u202e\ud800")


def test_a_run_without_records_is_a_report() -> None:
    assert "laptop" in shown([stored([])])


def test_what_is_folded_is_left_out_and_said_elsewhere() -> None:
    text = shown([mixed()])
    assert "6 jobs without a result" not in text
    assert text.count("no NVIDIA device") == 1
