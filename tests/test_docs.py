"""What the README shows is what there is."""

import re
import shlex
from pathlib import Path

import click
import pytest

from benchsuite.catalog import backends, is_common, workloads
from benchsuite.cli import COMMANDS, cli
from benchsuite.cli.options import EFFORTS
from tests.cli.commands import benchsuite

README = (Path(__file__).parent.parent / "README.md").read_text()
SHOWN = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
SHOWN_COMMANDS = [line for line in SHOWN if line.startswith("benchsuite ")]


def command_of(name: str) -> click.Command:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    return command


@pytest.mark.parametrize("line", SHOWN_COMMANDS)
def test_a_shown_command_can_be_understood(line: str) -> None:
    name, *arguments = shlex.split(line)[1:]
    command_of(name).make_context(name, arguments)


def test_the_shown_list_runs(tmp_path: Path) -> None:
    for line in SHOWN_COMMANDS:
        if line.startswith("benchsuite list"):
            done = benchsuite(*shlex.split(line)[1:], cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            assert "jobs can run here" in done.stdout


def test_the_two_commands_are_targets() -> None:
    makefile = (Path(__file__).parent.parent / "Makefile").read_text()
    targets = [line.split()[1] for line in SHOWN if line.startswith("make ")]
    assert targets == ["run", "test"]
    assert all(f"\n{target}: " in makefile for target in targets)


@pytest.mark.parametrize("option", [p.opts[0] for p in command_of("run").params if isinstance(p, click.Option)])
def test_every_option_of_run_is_documented(option: str) -> None:
    assert option == "--help" or f"`{option}`" in README


@pytest.mark.parametrize(
    "name",
    [*COMMANDS, *workloads(), *(n for n, b in backends().items() if is_common(b)), *EFFORTS],
)
def test_every_name_is_documented(name: str) -> None:
    assert re.search(rf"`(benchsuite )?{re.escape(name)}\b", README)
