"""Paths of blanks, quotes, other alphabets and bytes that are no text, where the locale knows nothing but ASCII."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchsuite.store import read
from tests.cli.commands import environment

ODD = os.fsdecode("a 'b' \"c\" é€ ".encode() + b"\xff")
FILE = f"run {ODD}.jsonl"
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONWARNDEFAULTENCODING": "1"}


def odd(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    places = {"BENCHSUITE_CACHE": str(folder / "cache"), "TMPDIR": str(folder / "temporary")}
    environ = environment(**ASCII, **places)
    command = [sys.executable, "-m", "benchsuite", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, check=False, timeout=240)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on two backends, all of whose folders and files have odd names."""
    folder = tmp_path_factory.mktemp("odd") / ODD
    (folder / "temporary").mkdir(parents=True)
    jobs = ("softmax", "--backend", "torch-eager-cpu", "--backend", "onnxruntime-cpu", "--preset", "smoke")
    done = odd(folder, "run", *jobs, "--threads", "1", "--output", FILE)
    assert done.returncode == 0, done.stderr
    return folder


def test_jobs_are_measured_exported_and_cached(folder: Path) -> None:
    assert [(record.status, record.reason) for record in read(folder / FILE).records] == [("ok", "")] * 2
    assert list((folder / "cache/onnx").glob("*.onnx"))
    assert list((folder / "cache/references").iterdir())
    assert {path.name for path in (folder / FILE).with_suffix("").iterdir()} == {
        "report.html",
        "report.md",
        "report.csv",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", FILE, "--format", "html", "--format", "markdown", "--format", "csv", "--output", f"report {ODD}"),
        ("compare", FILE, FILE),
        ("history", "."),
        ("list", "softmax"),
        ("doctor", "--brief"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_prints_what_the_terminal_can_show(folder: Path, arguments: tuple[str, ...]) -> None:
    done = odd(folder, *arguments)
    assert done.returncode == 0, done.stderr
    said = (done.stdout + done.stderr).decode("ascii")
    # What reads or writes text without saying in which encoding would be warned of.
    assert f"{os.sep}benchsuite{os.sep}" not in said.replace(str(folder), "")


def test_what_is_written_is_utf_8(folder: Path) -> None:
    for path in (folder / FILE).with_suffix("").iterdir():
        path.read_text(encoding="utf-8")
