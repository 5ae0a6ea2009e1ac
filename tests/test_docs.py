"""What the README shows is what there is."""

import dataclasses
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from benchsuite.analysis.gate import Policy
from benchsuite.catalog import backends, is_common, workloads
from benchsuite.cli import COMMANDS, cli
from benchsuite.cli.options import EFFORTS
from benchsuite.cli.policy import KEYS, Gate, read_gate
from benchsuite.measure.doubts import LIMITS
from benchsuite.measure.joining import TELEMETRY_LIMITS
from benchsuite.measure.shape import SHAPE_LIMITS
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


OPTIONS = {
    p.opts[0]
    for name in ("run", "compare", "duet", "gate")
    for p in command_of(name).params
    if isinstance(p, click.Option)
}


@pytest.mark.parametrize("option", sorted(OPTIONS - {"--help"}))
def test_every_option_is_documented(option: str) -> None:
    assert f"`{option}`" in README


def test_the_shown_policy_is_a_policy(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "pyproject.toml"
    path.write_text(block)
    gate = read_gate(path)
    assert gate.patterns
    assert dataclasses.replace(gate, patterns=(), backends=(), precisions=(), budget=None, policy=Policy()) == Gate()
    assert set(tomllib.loads(block)["tool"]["benchsuite"]["gate"]) == set(KEYS)


def test_the_shown_workflow_runs_commands_that_can_be_understood() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    jobs = yaml.safe_load(block)["jobs"]
    lines = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    shown = [line for line in lines if line.startswith("benchsuite ")]
    assert len(shown) == 3
    for line in shown:
        name, *arguments = shlex.split(line.replace("${{ github.base_ref }}", "main"))[1:]
        command_of(name).make_context(name, arguments)


@pytest.mark.parametrize(
    "name",
    [*COMMANDS, *workloads(), *(n for n, b in backends().items() if is_common(b)), *EFFORTS],
)
def test_every_name_is_documented(name: str) -> None:
    assert re.search(rf"`(benchsuite )?{re.escape(name)}\b", README)


@pytest.mark.parametrize("code", [*LIMITS, *SHAPE_LIMITS, *TELEMETRY_LIMITS, "not-steady", "too-few-rounds"])
def test_every_validity_code_is_described(code: str) -> None:
    assert f"`{code}`" in README
