"""`report`: which files it reads and writes, and what it says where it cannot."""

import json
import sys
from pathlib import Path

import pytest

from benchsuite.cli import report as cli
from benchsuite.report import FORMATS
from benchsuite.store import Writer
from tests.cli.commands import benchsuite
from tests.report.samples import mixed, small


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder of two stored runs, beside a verdict on them."""
    folder = tmp_path / "runs"
    for name, run in (("a.jsonl", small()), ("b.jsonl", mixed())):
        with Writer(folder / name) as writer:
            writer.append(run.run)
            for record in run.records:
                writer.append(record)
    (folder / "verdict.json").write_text("{}")
    return folder


def reported(*arguments: str | Path) -> None:
    cli.command.main(list(map(str, arguments)), prog_name="report", standalone_mode=False)


def test_the_usual_files_are_written_beside_the_run(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reported(runs / "a.jsonl")
    names = {path.name for path in (runs / "a").iterdir()}
    assert {"report.html", "report.md", "report.csv", "latency-kernels.png", "latency-kernels.svg"} <= names
    told = capsys.readouterr().out.splitlines()[-1]
    assert told.startswith(f"Written to {runs / 'a'}: report.html, report.md, report.csv, ")
    assert told.endswith("SVG pictures")


def test_formats_are_as_asked_for(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reported(runs / "a.jsonl", "--format", "csv", "--format", "markdown", "--output", tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.csv", "report.md"}


def test_a_folder_is_its_stored_runs(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reported(runs, "--format", "csv")
    lines = (runs / "report/report.csv").read_text(encoding="utf-8").splitlines()
    assert {line.split(",")[1] for line in lines[1:]} == {"a.jsonl", "b.jsonl"}


def test_a_file_that_is_named_twice_is_read_once(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reported(runs / "b.jsonl", runs / ".." / "runs" / "b.jsonl", runs, "--json")
    assert [Path(run["file"]).name for run in json.loads(capsys.readouterr().out)["runs"]] == ["b.jsonl", "a.jsonl"]


def test_json_writes_no_file(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(runs.iterdir())
    reported(runs / "a.jsonl", "--json")
    assert json.loads(capsys.readouterr().out)["jobs"]
    assert sorted(runs.iterdir()) == before


def test_a_torn_run_is_reported_and_said(runs: Path) -> None:
    data = (runs / "b.jsonl").read_bytes()
    (runs / "torn.jsonl").write_bytes(data[:-30])
    done = benchsuite("report", "torn.jsonl", "--format", "markdown", cwd=runs)
    assert done.returncode == 0, done.stderr
    assert "has no end and was left out" in done.stderr
    assert "has no end and was left out" in (runs / "torn/report.md").read_text(encoding="utf-8")


WRONG = {
    "report empty.jsonl": "empty.jsonl, line 1: no header line: the file is empty or is not a run",
    "report text.jsonl": "text.jsonl, line 1: not JSON",
    "report broken.jsonl": "broken.jsonl, line 3: Record",
    "report nothing": "nothing holds no *.jsonl file: name a folder of stored runs",
    "report missing.jsonl": "cannot read missing.jsonl",
    "report a.jsonl --format pdf": "'pdf' is not one of",
    "report a.jsonl --output a.jsonl": "cannot write the report to a.jsonl: File exists; choose another --output",
    "report a.jsonl --output a.jsonl/in": "cannot write the report to a.jsonl/in: Not a directory; choose another",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_usage_is_told_in_words(line: str, runs: Path) -> None:
    lines = (runs / "a.jsonl").read_bytes().splitlines(keepends=True)
    (runs / "empty.jsonl").write_bytes(b"")
    (runs / "text.jsonl").write_text("this is a text\nof two lines\n")
    (runs / "broken.jsonl").write_bytes(b"".join(lines[:2]) + b'{"job": 3}\n')
    (runs / "nothing").mkdir()
    done = benchsuite(*line.split(), cwd=runs)
    assert done.returncode == 2
    assert WRONG[line] in done.stderr
    assert "Traceback" not in done.stderr


def test_parquet_without_pyarrow_names_the_extra(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (runs / "sitecustomize.py").write_text("import sys; sys.modules['pyarrow'] = None\n")
    done = benchsuite("report", "a.jsonl", "--format", "parquet", cwd=runs, PYTHONPATH=str(runs))
    assert done.returncode == 2
    assert "--format parquet needs pyarrow: pip install 'benchsuite[parquet]'" in done.stderr


def test_every_format_is_in_the_help() -> None:
    done = benchsuite("report", "--help", cwd=Path(sys.prefix))
    assert all(name in done.stdout for name in FORMATS)
