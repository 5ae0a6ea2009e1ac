"""The sizes that keep the house readable; which floor imports which is checked by `lint-imports`."""

import ast
import statistics
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = sorted(path for folder in ("benchsuite", "workloads") for path in (ROOT / folder).rglob("*.py"))


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def functions() -> dict[str, int]:
    return {
        f"{path.relative_to(ROOT)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }


def test_files_are_small() -> None:
    assert not {path.name: lines(path) for path in FILES if lines(path) > 300}
    assert statistics.median(lines(path) for path in FILES if lines(path) > 10) <= 100


def test_functions_are_small() -> None:
    sizes = functions()
    assert not {name: size for name, size in sizes.items() if size > 50}
    assert statistics.median(sizes.values()) <= 10


def test_the_top_level_holds_only_what_belongs_there() -> None:
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    built = {"build", "dist", "benchsuite.egg-info", "__pycache__"}
    assert visible - built <= {
        "CHANGELOG.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "benchsuite",
        "constraints.txt",
        "pyproject.toml",
        "results",
        "tests",
        "workloads",
    }
