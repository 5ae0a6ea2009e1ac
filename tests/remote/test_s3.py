"""Runs in a bucket of a real server: stored to, gone on with, read by every command, and what goes wrong there."""

import dataclasses
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from benchsuite import remote
from benchsuite.cli import cli, resume
from benchsuite.cli import run as run_command
from benchsuite.errors import UsageError
from benchsuite.records import Record
from benchsuite.store import read
from tests import fakes
from tests.archives import write_run
from tests.cli.commands import TINY, benchsuite
from tests.remote.bucket import Server, serving_s3

URL = "s3://bucket/runs/a.jsonl"
HERE = Path("results/runs/bucket/runs/a.jsonl")
MATMUL = ["matmul/size=16", "--backend", "torch-eager-cpu"]


@pytest.fixture(scope="module")
def s3() -> Iterator[Server]:
    with serving_s3() as server:
        yield server


@pytest.fixture
def store(s3: Server) -> Iterator[Any]:
    """The store, with an empty bucket."""
    import s3fs

    store = s3fs.S3FileSystem(use_listings_cache=False)
    store.mkdir("bucket")
    yield store
    store.rm("bucket", recursive=True)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Measuring:
    """Stands in for all that takes time: two rounds of every job, made up, and something that happens after one."""

    def __init__(self) -> None:
        self.saved: list[Record] = []
        self.then: Callable[[], None] = lambda: None

    def execute(self, plan: Any, context: Any) -> str:
        for job in plan.jobs:
            for number in sorted({0, 1} - plan.histories[job.id].rounds):
                record = dataclasses.replace(fakes.ok(job, None, {"time/latency": 0.01}, number), started=1e9 + number)
                context.save(record)
                self.saved.append(record)
                self.then()
        return "rounds"


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Measuring:
    found = Measuring()
    monkeypatch.setattr(run_command, "execute", found.execute)
    monkeypatch.setattr(run_command, "environment", fakes.laptop)
    monkeypatch.setattr(resume, "environment", fakes.laptop)
    monkeypatch.setattr("benchsuite.cli.report.present", lambda *_: None)
    return found


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def run(*arguments: str) -> Result:
    return invoke("run", *MATMUL, "--no-progress", *arguments)


def test_a_run_is_copied_and_stays_here(store: Any, measuring: Measuring) -> None:
    copies = []
    measuring.then = lambda: copies.append(store.cat_file("bucket/runs/a.jsonl").count(b"\n"))
    done = run("--output", URL)
    assert done.exit_code == 0, done.output
    assert f"Stored 2 records in {HERE} (stopped by rounds).\nCopied to {URL}.\n" in done.stdout
    assert copies == [2, 2]  # the second record is not a minute later
    assert store.cat_file("bucket/runs/a.jsonl") == HERE.read_bytes()
    assert len(read(HERE).records) == 2


def test_a_folder_gets_the_name_of_the_default(store: Any, measuring: Measuring) -> None:
    done = run("--output", "s3://bucket/nightly/")
    assert done.exit_code == 0, done.output
    (name,) = store.ls("bucket/nightly", detail=False)
    assert re.fullmatch(r"bucket/nightly/\d{8}-\d{6}-quick\.jsonl", name)
    assert Path("results/runs", name).is_file()


def test_what_exists_there_is_not_written_over(store: Any, measuring: Measuring) -> None:
    store.pipe_file("bucket/runs/a.jsonl", b"something\n")
    done = run("--output", URL)
    assert isinstance(done.exception, UsageError)
    assert str(done.exception) == f"{URL} exists: choose another --output, or go on with it by --resume {URL}"
    assert "is a folder: end it in /" in str(run("--output", "s3://bucket/runs").exception)
    assert not measuring.saved
    assert not Path("results").exists()


def test_a_run_is_gone_on_with_on_a_machine_that_never_saw_it(store: Any, measuring: Measuring) -> None:
    assert run("--output", URL).exit_code == 0
    first = HERE.read_bytes()
    shutil.rmtree("results")
    lines = first.splitlines(keepends=True)
    store.pipe_file("bucket/runs/a.jsonl", b"".join(lines[:-1]) + lines[-1][:40])
    measuring.saved.clear()
    done = invoke("run", "--resume", URL, "--no-progress")
    assert done.exit_code == 0, done.output
    assert [record.round for record in measuring.saved] == [1]
    assert HERE.read_bytes() == store.cat_file("bucket/runs/a.jsonl")
    assert [record.round for record in read(HERE).records] == [0, 1]


def test_a_server_that_goes_away_costs_the_copy_alone(s3: Server, store: Any, measuring: Measuring) -> None:
    measuring.then = s3.stop
    try:
        done = run("--output", URL)
    finally:
        s3.start()
    assert done.exit_code == 4, done.output
    assert f"note: cannot write {URL}: Could not connect to the endpoint" in done.stderr
    assert f"{HERE} is whole. Copy it there, or" in done.stderr
    assert done.stderr.count("note: ") == 1
    assert "Copied" not in done.stdout
    assert len(read(HERE).records) == 2
    measuring.saved.clear()
    done = invoke("run", "--resume", URL, "--no-progress")
    assert done.exit_code == 0, done.output
    assert not measuring.saved
    assert store.cat_file("bucket/runs/a.jsonl") == HERE.read_bytes()


def test_an_interrupted_run_is_copied_and_says_where_to_go_on(store: Any, measuring: Measuring) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    measuring.then = interrupt
    done = run("--output", URL)
    assert done.exit_code == 130, done.output
    assert f"Go on with: benchsuite run --resume {URL}\n" in done.stdout
    assert store.cat_file("bucket/runs/a.jsonl").count(b"\n") == 2


def test_a_job_that_failed_matters_more_than_the_copy(
    s3: Server, store: Any, measuring: Measuring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes, "ok", lambda job, *_: Record(job, 0, "failed", "it broke"))
    measuring.then = s3.stop
    try:
        done = run("--output", URL)
    finally:
        s3.start()
    assert done.exit_code == 3, done.output


def test_a_bucket_that_is_not_there_is_said_at_once(store: Any, measuring: Measuring) -> None:
    done = run("--output", "s3://nowhere/a.jsonl")
    assert done.exit_code == 4
    assert "cannot write s3://nowhere/a.jsonl: there is no such bucket or folder; the run goes on" in done.stderr
    assert not store.exists("nowhere")


def test_who_is_refused_is_told_before_anything_is_measured(s3: Server, store: Any, measuring: Measuring) -> None:
    store.pipe_file("bucket/runs/a.jsonl", b"something\n")
    s3.know_users("0")
    try:
        errors = [
            str(invoke(*arguments).exception)
            for arguments in (
                ("run", *MATMUL, "--output", URL),
                ("run", "--resume", URL),
                ("report", URL),
                ("history", "s3://bucket/runs/"),
                ("merge", URL, "--output", "merged.jsonl"),
            )
        ]
    finally:
        s3.know_users("inf")
    for error in errors:
        assert re.match(r"cannot (read|write) s3://bucket/runs/(a\.jsonl)?: refused \(", error)
        assert "some-secret" not in error
    assert not measuring.saved
    assert not Path("results").exists()


@pytest.fixture
def nightly(store: Any, tmp_path: Path) -> str:
    """A folder of the bucket with a run a day, of which the last is slower."""
    for day in range(4):
        path = write_run(tmp_path / f"{day}.jsonl", {"matmul": 1.5 if day == 3 else 1.0}, day)
        store.put_file(str(path), f"bucket/nightly/{day}.jsonl")
    return "s3://bucket/nightly/"


def test_every_command_that_reads_runs_reads_them_there(nightly: str) -> None:
    reported = invoke("report", nightly, f"{nightly}0.jsonl", "--json")
    assert [data["file"] for data in json.loads(reported.stdout)["runs"]] == [
        f"{nightly}{day}.jsonl" for day in range(4)
    ]
    assert invoke("export", f"{nightly}0.jsonl", "--format", "pytest-benchmark").exit_code == 0
    followed = invoke("history", nightly)
    assert followed.exit_code == 0, followed.output
    assert "1 history in 4 runs." in followed.stdout
    compared = invoke("compare", f"{nightly}0.jsonl", f"{nightly}3.jsonl")
    gated = invoke("gate", "--base", f"{nightly}0.jsonl", "--candidate", f"{nightly}3.jsonl", "--output", "gate")
    assert (compared.exit_code, gated.exit_code) == (1, 1), gated.output


def test_what_was_put_there_since_is_seen(store: Any, nightly: str) -> None:
    before = remote.listed(nightly, (".jsonl",))
    store.pipe_file("bucket/nightly/new.jsonl", b"x")
    assert len(remote.listed(nightly, (".jsonl",))) == len(before) + 1
    assert remote.holds(f"{nightly}new.jsonl")


def test_a_report_on_a_run_there_comes_to_where_its_file_would_be(nightly: str) -> None:
    done = invoke("report", f"{nightly}0.jsonl", "--format", "csv")
    assert done.exit_code == 0, done.output
    (row,) = Path("results/runs/bucket/nightly/0/report.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert f",{nightly}0.jsonl," in row


def test_parts_are_merged_there(store: Any, tmp_path: Path) -> None:
    for name in ("matmul", "softmax"):
        store.put_file(str(write_run(tmp_path / "part.jsonl", {name: 1.0})), f"bucket/parts/{name}.jsonl")
    merge = ("merge", "s3://bucket/parts/", "--output", "s3://bucket/whole.jsonl")
    done = invoke(*merge)
    assert done.exit_code == 0, done.output
    assert done.stdout == "Merged 2 files into s3://bucket/whole.jsonl: 8 records of 2 jobs.\n"
    assert store.cat_file("bucket/whole.jsonl").count(b"\n") == 9
    assert str(invoke(*merge).exception) == "s3://bucket/whole.jsonl exists: choose another --output"


def test_from_start_to_end_with_real_processes(store: Any, tmp_path: Path) -> None:
    done = benchsuite("run", *TINY, "--rounds", "1", "--no-progress", "--output", URL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert store.cat_file("bucket/runs/a.jsonl") == HERE.read_bytes()
    assert (HERE.parent / "a" / "report.html").is_file()
