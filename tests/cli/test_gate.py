"""A pull request, end to end: a package with its own workload in a git repository, gated with real processes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.commands import benchsuite

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "toy"
version = "1.0"

[project.entry-points."benchsuite.workloads"]
toy-products = "toy.bench:workload"

[tool.setuptools]
packages = ["toy"]

[tool.benchsuite.gate]
patterns = ["toy-*"]
backends = ["torch-eager-cpu"]
minimum-effect = "5%"
"""
BENCH = """
import torch
from benchsuite import Case, Forward, Work, Workload
from toy.products import Products

def build(case: Case) -> Forward:
    return Forward(Products(), (torch.randn(case["size"], case["size"]) / case["size"] ** 0.5,))

workload = Workload(
    name="toy-products", summary="products of a matrix", kind="kernel", program=Forward, axes={"size": 96}, presets={},
    build=build, work=lambda case: Work(1, "products"),
)
"""
PRODUCTS = """
import torch

class Products(torch.nn.Module):
    def forward(self, x):
        for _ in range({times}):
            y = x @ x
        return y
"""
# What builds the package is installed here, so that nothing is fetched.
OFFLINE = {"PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def package(folder: Path, products: str) -> None:
    (folder / "toy").mkdir(exist_ok=True)
    for name, text in {"__init__": "", "bench": BENCH, "products": products}.items():
        (folder / "toy" / f"{name}.py").write_text(text)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One commit on main, whose products are twenty."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    package(tmp_path, PRODUCTS.format(times=20))
    git(tmp_path, "init", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "twenty products")
    return tmp_path


def gate(repository: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return benchsuite(
        "gate", "--base", "main", "--threads", "1", "--sampling", "0.2s", "--output", "out", *arguments,
        cwd=repository, BENCHSUITE_CACHE=str(repository / "cache"), **OFFLINE, **extra,
    )  # fmt: skip


def verdict(repository: Path) -> dict:  # type: ignore[type-arg]
    return json.loads((repository / "out/verdict.json").read_text())  # type: ignore[no-any-return]


def test_ten_percent_more_work_is_caught(repository: Path) -> None:
    package(repository, PRODUCTS.format(times=22))
    done = gate(repository, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(repository / "summary.md"))
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdict(repository)
    (only,) = found["verdicts"]
    assert (only["outcome"], found["exit_status"]) == ("slower", 1)
    assert 1.05 < only["ratio"] < 1.2
    assert "::error title=benchsuite%3A slower::toy-products/size=96" in done.stdout
    summary = (repository / "summary.md").read_text()
    assert "toy-products" in summary
    assert "![" not in summary  # which has no pictures beside it
    assert ElementTree.parse(repository / "out/junit.xml").getroot().get("failures") == "1"
    again = benchsuite("gate", "--replay", "out/pairs.jsonl", "--output", "again", cwd=repository)
    assert again.returncode == 1, again.stderr
    assert json.loads((repository / "again/verdict.json").read_text())["verdicts"] == found["verdicts"]


def test_another_comment_is_not(repository: Path) -> None:
    package(repository, "# Products of matrices.\n" + PRODUCTS.format(times=20))
    done = gate(repository, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(repository))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"cannot write the job's summary to {repository}: Is a directory" in done.stderr
    assert [v["outcome"] for v in verdict(repository)["verdicts"]] == ["same"]


def test_what_fails_on_the_candidate_alone_is_no_pass(repository: Path) -> None:
    package(repository, PRODUCTS.format(times=20).replace("y = x @ x", "y = x @ cheese"))
    done = gate(repository)
    assert done.returncode == 5, done.stdout + done.stderr
    (only,) = verdict(repository)["verdicts"]
    assert only["outcome"] == "failed"
    assert "cheese" in only["reason"]


def test_what_the_candidate_lacks_is_no_pass(repository: Path) -> None:
    (repository / "pyproject.toml").write_text(PROJECT.replace("toy-products =", "other-products ="))
    done = gate(repository, "toy-products")
    assert done.returncode == 5, done.stdout + done.stderr
    assert [v["outcome"] for v in verdict(repository)["verdicts"]] == ["removed"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["toy-products"], "--base is missing"),
        (["--base", "here"], "no workload is named"),
        (["matmul", "--base", "no-such-ref"], "'no-such-ref' is no side"),
        (["matmull", "--base", "here"], "did you mean matmul"),
        (["matmul", "--base", "here", "--backend", "torch-eager-cuda"], "neither side has a job to measure"),
        (["matmul", "matmull", "--base", "here"], "neither side knows 'matmull'"),
        (["--replay", "absent.jsonl"], "cannot read absent.jsonl"),
        (["matmul", "--base", "here", "--policy", "absent.toml"], "--policy 'absent.toml' is no file"),
        (
            ["matmul", "--base", "here", "--minimum-effect", "0.5%"],
            "the tolerance 0.01 is more than the minimum effect",
        ),
        (["matmul", "--base", "here", "--candidate", "there", "--aa", "2"], "--candidate 'there' has no part"),
    ],
)
def test_wrong_usage_is_told_and_leaves_a_verdict(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = benchsuite("gate", *arguments, "--output", "out", cwd=tmp_path)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
    assert message in json.loads((tmp_path / "out/verdict.json").read_text())["error"]
