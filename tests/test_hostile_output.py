"""Every command on files whose every string is hostile: no output is obeyed, and nothing is written elsewhere."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import re
import shlex
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from benchsuite import cli
from benchsuite.cli.progress import Lines
from benchsuite.errors import BenchsuiteError
from benchsuite.records import Accelerator, Duet, Record, Settings, Side, Validity, Verdict, Work
from benchsuite.records.codec import to_data
from benchsuite.report import FORMATS
from benchsuite.report.escape import cell, markdown
from benchsuite.report.reproduce import command_line
from benchsuite.runner.execute import record_of
from benchsuite.runner.stopping import RelativeWidth
from benchsuite.runner.zygote import outcome_of
from tests import fakes, pairs

# Each does something somewhere: a terminal, HTML, XML, Markdown, a spreadsheet, a log of GitHub's, mathtext, a path.
TRICKS = (
    "=1+1\x1b]0;owned\x07\x1b[31m\u009b31m\u202e\u2066\u200b\ufeff\x00\x08\r\n::error::owned\n"
    "<script>owned()</script></title><img src=x onerror=owned()>]]>&lt;![x](javascript:owned())"
    "|`*_$\\frac{$%0A../../owned/{{7*7}}{%raw%}[bold]\u2028\ufffe"
)
NAME = "a\x1b[31m\u202e\n::error::owned\n<img src=x>.jsonl"
# What may be said only in known words, or is what jobs are looked up by.
KEPT = {"schema", "status", "metric", "better", "unit", "kind", "arm", "led", "outcome", "preset"}


def hostile(data: Any, key: str = "") -> Any:
    """The same with hostile strings for all that are free to be any, and hostile keys beside the others."""
    if isinstance(data, dict):
        found = {k: hostile(v, k) for k, v in data.items()}
        return (
            {**found, TRICKS: next(iter(found.values()))} if key in ("axes", "notes", "packages", "counters") else found
        )
    if isinstance(data, list):
        return [hostile(item, key) for item in data]
    return TRICKS if isinstance(data, str) and key not in KEPT else data


def written(path: Path, *items: Any) -> Path:
    path.write_text("".join(json.dumps(hostile(to_data(item))) + "\n" for item in items))
    return path


def with_half_a_character(path: Path) -> Path:
    """As only Python's JSON reads it."""
    path.write_text(path.read_text().replace("owned", r"\ud800"))
    return path


def run(path: Path, started: float, factor: float) -> Path:
    """A run of one job, with all that can be stored of one."""
    device = Accelerator("cuda", "x", 2**34, driver="x", mig="x", pcie="x")
    where = dataclasses.replace(fakes.laptop(), commit="x", huge_pages="x", accelerators=(device,))
    header = dataclasses.replace(fakes.stored([], where).run, started=started)
    further: dict[str, Any] = {
        "validity": (Validity("x", 1, 2, "x"),),
        "notes": {"x": "x"},
        "log": "x",
        "definition": "x",
    }
    times = {"time/latency": 0.01 * factor, "time/throughput": 0.01, "time/first": 1.0, "memory/host_peak": 1e9}
    records = fakes.rounds(fakes.job(x="x"), Work(8, "x", 1e9, 1e6), times, **further)
    return written(path, header, *records, Record(fakes.job(x=2), 0, "failed", "x"))


def duet(path: Path) -> Path:
    sides = (Side("x", "x", fakes.laptop()), Side("y", "x", fakes.server()))
    apart = Verdict("x", "time/latency", "removed", reason="x")
    run = fakes.stored([]).run
    header = Duet(run.schema, run.protocol, run.version, run.started, run.settings, *sides, (apart,))
    return written(path, header, *pairs.pairs(1.2, 8), *pairs.pairs(1.2, 8, stage=2, seed=3))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to work in, on what would be GitHub's; outside of it nothing is written."""
    inside = tmp_path / "one" / "two"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(inside / "summary.md"))
    yield inside
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["two"]


def done(name: str, *arguments: str | Path) -> str:
    """What a command prints, its errors as `main` prints them; all of it harmless."""
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    if isinstance(result.exception, BenchsuiteError):
        text = result.output + complaint(result.exception)
    else:
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        text = result.output
    harmless(text)
    return text


def complaint(error: BenchsuiteError) -> str:
    def fail(**_: Any) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patch, CliRunner().isolation() as (_, errors, _):
        patch.setattr(cli.cli, "main", fail)
        with pytest.raises(SystemExit):
            cli.main()
        return errors.getvalue().decode()


def harmless(text: str) -> None:
    """Nothing that a terminal obeys; no command of GitHub's but our own, and those where commands are stopped."""
    assert all(line.isprintable() for line in text.split("\n")), ascii(text)
    read = re.sub(r"(?m)^::stop-commands::([0-9a-f]{32})\n(.|\n)*?^::\1::\n", "", text)
    for line in read.split("\n"):
        if line.lstrip().startswith("::"):
            assert re.fullmatch(r"::(error|notice|warning) title=benchsuite%3A [a-z]+::.*", line)


class Tags(HTMLParser):
    """What a browser would make elements of."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def each_file_is_harmless(folder: Path) -> None:
    for path in folder.rglob("*"):
        assert path.name.isprintable()
        if path.suffix in (".md", ".csv", ".html", ".xml", ".svg", ".json"):
            _CHECKS[path.suffix](path.read_text(encoding="utf-8"))


def check_markdown(text: str) -> None:
    harmless(text)
    shown = re.sub(r"\\.", "", text)
    assert not re.search(r"<\w|`|\]\((?!ratios|\d\d-|[a-z-]+\.(png|svg)\))", shown)
    rows = [line for line in shown.split("\n") if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def check_csv(text: str) -> None:
    harmless(text)
    lines = list(csv.reader(io.StringIO(text)))
    assert len({len(line) for line in lines}) == 1
    strings = [cell for line in lines for cell in line if not re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?", cell)]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in strings)


def check_page(text: str) -> None:
    tags = Tags()
    tags.feed(text)
    assert not {tag for tag, _ in tags.seen} & {"img", "iframe", "object", "embed", "base", "bold"}
    assert not any(name.startswith("on") for _, attributes in tags.seen for name in attributes)
    assert "Content-Security-Policy" in text
    assert all(line.replace("\t", "").isprintable() for line in text.split("\n"))


def check_json(text: str) -> None:
    assert text.isascii()
    json.loads(text, parse_constant=pytest.fail)


_CHECKS = {
    ".md": check_markdown,
    ".csv": check_csv,
    ".html": check_page,
    ".xml": lambda text: ElementTree.fromstring(text) and None,
    ".svg": lambda text: ElementTree.fromstring(text) and None,
    ".json": check_json,
}


def test_report(folder: Path) -> None:
    path = with_half_a_character(run(folder / NAME, 1.7e9, 1.0))
    formats = [word for form in FORMATS if form != "png" for word in ("--format", form)]
    assert "Written to" in done("report", path, "--output", folder / "out", *formats)
    assert len(list((folder / "out").iterdir())) > 6
    each_file_is_harmless(folder / "out")
    check_json(done("report", path, "--json"))


def test_compare(folder: Path) -> None:
    sides = run(folder / NAME, 1.7e9, 1.0), run(folder / f"b{NAME}", 1.8e9, 1.5)
    done("compare", *sides, "--output", folder / "out", "--group-by", "workload")
    check_json(done("compare", *sides, "--json"))
    each_file_is_harmless(folder / "out")


def test_history(folder: Path) -> None:
    runs = folder / "runs"
    runs.mkdir()
    for day in range(20):
        run(runs / f"{day:02d}{NAME}", 1.7e9 + 86400 * day, 1.0 if day < 10 else 1.5)
    (runs / f"bad{NAME}").write_bytes(b"{}\n")
    os.mkfifo(runs / f"pipe{NAME}")
    (runs / f"loop{NAME}").symlink_to(f"loop{NAME}")
    (runs / "down").symlink_to(runs)
    done("history", runs, "--output", folder / "out")
    shown = done("history", runs, "--json")
    assert shown.count("note: left out: ") == 3
    check_json(shown[shown.index("{\n") :])
    assert any(path.suffix == ".png" for path in (folder / "out").iterdir())
    each_file_is_harmless(folder / "out")


def test_merge(folder: Path) -> None:
    parts = run(folder / NAME, 1.7e9, 1.0), run(folder / f"b{NAME}", 1.7e9, 1.0)
    done("merge", *parts, "--output", folder / "merged.jsonl")
    done("merge", folder, "--output", folder / f"c{NAME}")
    done("merge", parts[0], duet(folder / f"d{NAME}"), "--output", folder / "more.jsonl")


def test_export(folder: Path) -> None:
    path = run(folder / NAME, 1.7e9, 1.0)
    check_json(done("export", path, "--format", "pytest-benchmark"))


def test_gate(folder: Path) -> None:
    shown = done("gate", "--replay", duet(folder / NAME), "--output", folder / "out")
    assert shown.count("::error title=") == 2
    sides = run(folder / NAME, 1.7e9, 1.0), run(folder / f"b{NAME}", 1.8e9, 1.5)
    done("gate", "--base", sides[0], "--candidate", sides[1], "--output", folder / "stored")
    for written in (folder / "out", folder / "stored"):
        each_file_is_harmless(written)
    check_markdown((folder / "summary.md").read_text())
    duet_path = with_half_a_character(duet(folder / NAME))
    done("gate", "--replay", duet_path, "--output", folder / "half")
    each_file_is_harmless(folder / "half")


@pytest.mark.parametrize("command", ["report", "compare", "history", "export", "gate", "merge"])
@pytest.mark.parametrize("content", [b"", b"{}\n", b'{"schema":"1.0"}\n', None])
def test_what_cannot_be_read_is_named_harmlessly(folder: Path, command: str, content: bytes | None) -> None:
    path, good = folder / NAME, run(folder / "good.jsonl", 1.7e9, 1.0)
    if content is not None:
        path.write_bytes(content)
    further = {
        "compare": [good],
        "export": ["--format", "pytest-benchmark"],
        "gate": ["--replay"],
        "merge": ["--output", "x.jsonl"],
    }.get(command, [])
    assert "error: " in done(command, *further, path)


def test_a_hostile_key_is_named_harmlessly(folder: Path) -> None:
    lines = run(folder / NAME, 1.7e9, 1.0).read_text().splitlines()
    record = json.loads(lines[1])
    record["counters"] = {TRICKS * 50: "no number"}
    (folder / NAME).write_text("\n".join([lines[0], json.dumps(record), ""]))
    text = done("report", folder / NAME)
    assert "line 2: Record.counters." in text
    assert len(text) < 800


def test_a_policy(folder: Path) -> None:
    for text in (
        '[tool.benchsuite.gate]\n"\\u001b[31m" = 1\n',
        '[tool.benchsuite.gate]\nmetric = "\\u202e\\u001b"\n',
        "\x1b = 1",
    ):
        (folder / "pyproject.toml").write_text(text)
        assert "pyproject.toml" in done("gate", "x", "--base", "here")


def test_lines_of_a_run() -> None:
    record = Record(fakes.job(TRICKS), 0, "failed", TRICKS, validity=(Validity(TRICKS, 1, 2, TRICKS),))
    stream = io.StringIO()
    with Lines(Console(file=stream), 1, RelativeWidth(0.02, 1, 1), live=False) as lines:
        lines.finished(record)
    harmless(stream.getvalue())
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t=", "\r=", " =", "\u202e=", "\x00=", "＝", "＠"])
def test_no_cell_is_a_formula(mark: str) -> None:
    assert cell(f"{mark}1+1").startswith("'")


def test_markdown_shows_what_is_there() -> None:
    assert markdown("a|b\n# c <b> ![x](y) `z`") == r"a\|b # c &lt;b&gt; !\[x\](y) \`z\`"


def test_a_link_in_the_folder_leads_nowhere(folder: Path) -> None:
    path, elsewhere = run(folder / "run.jsonl", 1.7e9, 1.0), folder / "precious.txt"
    elsewhere.write_text("precious")
    (folder / "out").mkdir()
    for name in ("report.md", "report.csv", "verdict.md", "verdict.json", "ratios.png", "history.md", "junit.xml"):
        (folder / "out" / name).symlink_to(elsewhere)
    done("report", path, "--output", folder / "out", "--format", "markdown", "--format", "csv")
    other = run(folder / "other.jsonl", 1.8e9, 1.5)
    done("compare", path, other, "--output", folder / "out")
    done("history", path, other, "--output", folder / "out")
    done("gate", "--base", path, "--candidate", other, "--output", folder / "out")
    assert elsewhere.read_text() == "precious"
    (folder / "run").symlink_to(folder / "out")
    assert "run is a link" in done("report", path, "--format", "csv")


def test_a_link_to_itself_is_no_run(folder: Path) -> None:
    (folder / "loop.jsonl").symlink_to("loop.jsonl")
    assert "error: cannot read" in done("report", folder)


@pytest.mark.parametrize("name", ["pipe", "/dev/zero", "folder", "long"])
def test_a_policy_or_a_corpus_that_has_no_end_is_named(folder: Path, name: str) -> None:
    os.mkfifo("pipe")
    Path("folder").mkdir()
    Path("long").write_text("# \n" * 400_000)
    assert name in done("gate", "x", "--base", "here", "--policy", name)
    if name != "long":
        assert "cannot read" in done("run", "matmul/size=16", "--backend", "torch-eager-cpu", "--corpus", name)


def test_the_command_that_is_shown_gives_no_option_of_a_file() -> None:
    settings = Settings(patterns=("--output=/etc/x", "matmul", "$(owned); `owned`"), backends=("-x",))
    words = shlex.split(command_line(settings))
    assert words[-2:] == ["--", "--output=/etc/x"]
    assert words[2:6] == ["matmul", "$(owned); `owned`", "--backend", "-x"]


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 10_000, "\x00", "[NaN", '"\\ud800"', "nothing"])
def test_what_a_worker_answers_is_no_more_than_a_reason(text: str) -> None:
    outcome = outcome_of({"ended": 0, "answer": text, "log": ""}, "")
    assert record_of(outcome, fakes.job("matmul"), 0).status == "failed"
