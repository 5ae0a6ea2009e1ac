"""What the code must never do, whoever is persuaded that it is fine just here."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_floors import FILES, ROOT

# By ruff's names: exec, archives, pickle, marshal, mktemp, eval, unescaped markup, YAML, shells, templates.
NEVER = "S102,S103,S202,S301,S302,S306,S307,S308,S506,S602,S604,S605,S609,S612,S701,S702"
SINS = {
    "S102": "exec('1')",
    "S301": "import pickle; pickle.loads(b'')",
    "S302": "import marshal; marshal.loads(b'')",
    "S306": "import tempfile; tempfile.mktemp()",
    "S307": "eval('1')",
    "S506": "import yaml; yaml.load('1')",
    "S602": "import subprocess; subprocess.run('ls', shell=True)",
    "S604": "from anything import run; run('ls', shell=True)",
    "S605": "import os; os.system('ls')",
    "S701": "import jinja2; jinja2.Environment()",
}
FOREIGN = {"pickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "yaml", "zipfile", "gzip", "bz2", "lzma"}
RUFF = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--output-format=concise", "--ignore-noqa"]


def ruff(*arguments: str | Path, given: str | None = None) -> str:
    command = [*RUFF, "--select", NEVER, *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False).stdout


def test_no_line_is_excused_from_what_must_never_be() -> None:
    assert ruff(ROOT / "benchsuite", ROOT / "workloads").strip() == "All checks passed!"


@pytest.mark.parametrize("rule", SINS)
def test_each_rule_would_complain(rule: str) -> None:
    assert f" {rule} " in ruff("-", given=f"{SINS[rule]}\n")


def test_the_project_itself_asks_for_them() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in rules["select"]
    assert {rule for rule in rules["ignore"] if re.match(r"S\d", rule)} == {"S101", "S311"}
    assert not any("S" in each for place, each in rules["per-file-ignores"].items() if not place.startswith("tests/"))


def test_whoever_is_excused_says_why() -> None:
    lines = [line for path in FILES for line in path.read_text().splitlines() if re.search(r"noqa: S\d", line)]
    assert lines
    assert not [line for line in lines if not re.search(r"noqa: S\d+ \(.{4,}\)", line)]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def test_nothing_is_unpickled_or_unpacked() -> None:
    found = {(path.name, name) for path in FILES for name in imports(path) if name.partition(".")[0] in FOREIGN}
    assert found == set()


def calls(name: str) -> Iterator[ast.Call]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
                yield node


def test_torch_loads_nothing() -> None:
    """Its own files are pickles, of which even `weights_only` needs none here."""
    assert not [ast.unparse(call) for call in calls("load") if ast.unparse(call.func).startswith("torch")]


def test_models_are_loaded_from_here_as_safetensors_without_code() -> None:
    found = [{word.arg: ast.unparse(word.value) for word in call.keywords} for call in calls("from_pretrained")]
    assert len(found) == 2
    assert all(words["local_files_only"] == "True" for words in found)
    assert [words.get("trust_remote_code", words.get("use_safetensors")) for words in found] in (
        ["False", "True"],
        ["True", "False"],
    )


def test_what_a_repository_archives_is_unpacked_as_data() -> None:
    assert [ast.unparse(word.value) for call in calls("extractall") for word in call.keywords] == ["'data'"]
