"""`merge`: which files it joins into which, what it says, and when it writes nothing."""

import dataclasses
import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchsuite.analysis.parts import Line
from benchsuite.archive import read as read_medians
from benchsuite.cli.merge import command
from benchsuite.errors import BenchsuiteError, UsageError
from benchsuite.records.codec import to_data
from benchsuite.store import read
from tests import fakes
from tests.archives import write_run

BASELINE = Path(__file__).parents[2] / "results/baselines/amd-epyc-zen5-2-cores/quick.jsonl"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def merge(*names: str | Path, output: str = "whole.jsonl") -> Result:
    return CliRunner().invoke(command, [*map(str, names), "--output", output])


def refused(*names: str | Path, output: str = "whole.jsonl") -> str:
    """What a refusal says; nothing was written."""
    before = sorted(Path().rglob("*"))
    done = merge(*names, output=output)
    assert isinstance(done.exception, BenchsuiteError), done.output
    assert sorted(Path().rglob("*")) == before
    return str(done.exception)


def write(name: str, times: dict[str, float], day: float = 0, **fields: Any) -> Path:
    return write_run(Path(name), times, day, **fields)


def test_shards_are_one_run_for_every_command() -> None:
    write("a.jsonl", {"matmul": 2.0, "softmax": 0.5})
    write("b.jsonl", {"rnn": 1.0}, day=0.01)
    done = merge("a.jsonl", "b.jsonl")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "Merged 2 files into whole.jsonl: 12 records of 3 jobs.\n"
    stored = read(Path("whole.jsonl"))
    assert {r.job.case.workload for r in stored.records} == {"matmul", "softmax", "rnn"}
    assert stored.run.started == read(Path("a.jsonl")).run.started
    assert len(read_medians(Path("whole.jsonl"), "time/latency").series) == 3


def test_a_real_run_that_was_split_comes_back_byte_for_byte() -> None:
    header, *lines = BASELINE.read_bytes().splitlines(keepends=True)
    draw = random.Random(0)
    parts: list[list[bytes]] = [[header] for _ in range(5)]
    for one in lines:
        for part in draw.sample(parts, draw.choice((1, 1, 2))):
            part.append(one)
    for number, part in enumerate(parts):
        Path(f"{number}.jsonl").write_bytes(b"".join(part))
    done = merge(*(f"{number}.jsonl" for number in draw.sample(range(5), 5)))
    assert done.exit_code == 0, done.output
    assert Path("whole.jsonl").read_bytes() == BASELINE.read_bytes()
    again = sum(map(len, parts)) - len(parts) - len(lines)
    assert f"; {again} that only repeat what others say are left out." in done.stdout


def test_of_a_folder_only_runs_are_taken_each_once() -> None:
    write("runs/deeper/b.jsonl", {"rnn": 1.0}, day=1)
    write("runs/a.jsonl", {"matmul": 1.0})
    Path("runs/verdict.json").write_text("{}")
    done = merge("runs", "runs/a.jsonl")
    assert done.stdout == "Merged 2 files into whole.jsonl: 8 records of 2 jobs.\n", done.output


def test_a_torn_line_is_left_out_and_said() -> None:
    torn = write("a.jsonl", {"matmul": 1.0})
    torn.write_bytes(torn.read_bytes()[:-20])
    done = merge("a.jsonl", write("b.jsonl", {"rnn": 1.0}))
    assert "note: a.jsonl: the last line (" in done.stderr
    assert "has no end and was left out" in done.stderr
    assert done.stdout == "Merged 2 files into whole.jsonl: 7 records of 2 jobs.\n"


def test_several_hosts_are_noted() -> None:
    write("a.jsonl", {"matmul": 1.0})
    write("b.jsonl", {"rnn": 1.0}, environment=dataclasses.replace(fakes.laptop(), host="desk"))
    done = merge("a.jsonl", "b.jsonl")
    assert done.stderr == "note: measured on laptop + desk: their jobs also differ by what the hosts do\n"


def test_what_is_there_is_not_written_over() -> None:
    write("a.jsonl", {"matmul": 1.0})
    Path("there.jsonl").write_text("x")
    assert refused("a.jsonl", output="there.jsonl") == "there.jsonl exists: choose another --output"
    Path("link.jsonl").symlink_to("a.jsonl")
    for name in ("a.jsonl", "./a.jsonl", "link.jsonl"):
        told = refused("a.jsonl", output=name)
        assert told == f"--output {Path(name)} is one of the files to merge: choose another"
    Path("empty.jsonl").touch()
    assert merge("a.jsonl", output="empty.jsonl").exit_code == 0


def test_what_cannot_be_written_is_told() -> None:
    write("a.jsonl", {"matmul": 1.0})
    told = refused("a.jsonl", output="a.jsonl/whole.jsonl")
    assert told.startswith("cannot write a.jsonl/whole.jsonl: ")
    assert told.endswith("choose another --output")


def test_half_a_file_is_never_there(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.jsonl", {"matmul": 1.0})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refused("a.jsonl") == "cannot write whole.jsonl: No space left on device; choose another --output"


def test_a_duet_is_no_part() -> None:
    duet = to_data(fakes.stored([]).run) | {"kind": "duet"}
    Path("pairs.jsonl").write_text(json.dumps(duet) + "\n")
    assert refused(write("a.jsonl", {"matmul": 1.0}), "pairs.jsonl") == "pairs.jsonl, line 1: a duet, not a run"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "bad.jsonl, line 1: no header line: the file is empty or is not a run"),
        ("{}\n", "bad.jsonl, line 1: schema '?' cannot be read by this version, which reads 1.0"),
        ('{"schema":"9.0"}\n', "bad.jsonl, line 1: schema '9.0' cannot be read by this version, which reads 1.0"),
    ],
)
def test_what_is_no_run_is_no_part(content: str, says: str) -> None:
    Path("bad.jsonl").write_text(content)
    assert refused(write("a.jsonl", {"matmul": 1.0}), "bad.jsonl") == says


def test_a_bad_record_is_named() -> None:
    path = write("a.jsonl", {"matmul": 1.0})
    path.write_text(path.read_text() + '{"job": 5}\n')
    assert refused("a.jsonl") == "a.jsonl, line 6: Record.job should be dict, not '5'"


def test_there_has_to_be_something() -> None:
    Path("empty").mkdir()
    assert refused("empty") == "empty holds no *.jsonl file: name stored runs"
    assert refused("none.jsonl") == "cannot read none.jsonl: No such file or directory"


def test_other_machines_and_other_sessions_are_refused() -> None:
    write("a.jsonl", {"matmul": 1.0})
    write("b.jsonl", {"rnn": 1.0}, environment=fakes.server())
    write("c.jsonl", {"matmul": 1.1}, day=1)
    told = refused("a.jsonl", "b.jsonl")
    assert told.startswith("environment.kernel is 6.1.0 in a.jsonl and 6.8.0 in b.jsonl (also environment.cpu.model, ")
    assert told.endswith("benchsuite report shows such runs side by side, and compare takes several a side")
    assert "was measured in a.jsonl and, in another session, in c.jsonl" in refused("c.jsonl", "a.jsonl")


def test_more_than_a_run_may_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.jsonl", {"matmul": 1.0})
    write("b.jsonl", {"rnn": 1.0})
    shutil.copy("a.jsonl", "again.jsonl")
    monkeypatch.setattr("benchsuite.store.MOST_RECORDS", 7)
    assert merge("a.jsonl", "again.jsonl", output="copies.jsonl").exit_code == 0
    assert refused("a.jsonl", "b.jsonl") == (
        "together these files are over the limit of 7 records and 268435456 bytes a run: leave them apart; report and "
        "compare take several files"
    )


def test_lines_are_held_once_however_many_files_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    make = Line.of
    monkeypatch.setattr(Line, "of", lambda record, text: (seen.append(text), make(record, text))[1])
    write("a.jsonl", {"matmul": 1.0})
    shutil.copy("a.jsonl", "again.jsonl")
    assert merge("a.jsonl", "again.jsonl").exit_code == 0
    assert len(seen) == 8
    assert len({id(text) for text in seen}) == 4


def test_without_an_output_it_says_so() -> None:
    write("a.jsonl", {"matmul": 1.0})
    done = CliRunner().invoke(command, ["a.jsonl"])
    assert done.exit_code == 2
    assert "Missing option '--output'" in done.stderr


def test_the_web_is_only_read() -> None:
    done = merge(write("a.jsonl", {"matmul": 1.0}), output="https://me:secret@example.org/whole.jsonl")
    assert isinstance(done.exception, UsageError)
    assert str(done.exception) == (
        "cannot write https://example.org/whole.jsonl: the web is only read; name s3:// or another place that fsspec "
        "knows"
    )
