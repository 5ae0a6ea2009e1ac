"""Whatever is in a file, a reader gives data or names the line, and no command says of nothing that all is well."""

import json
import math
import os
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchsuite import archive, store
from benchsuite.analysis.history import columns, values
from benchsuite.cli.compare import command as compare
from benchsuite.cli.export import command as export
from benchsuite.cli.gate import command as gate
from benchsuite.cli.history import command as history
from benchsuite.errors import BenchsuiteError, RecordError
from benchsuite.records import Duet, Job, Measurement, Record, Side
from benchsuite.records.codec import to_data
from benchsuite.skim import skim
from tests import fakes, pairs
from tests.fuzz.targets import TARGETS, attempt
from tests.hostile import each_rekeyed, each_replaced, mutated
from tests.imports.documents import google_benchmark, hyperfine, pytest_benchmark

METRIC = "time/latency"


def record(job: Job, number: int) -> Record:
    return fakes.ok(job, None, {METRIC: 0.01, "time/first": 0.5}, number, definition="d")


def lines(*items: Any) -> bytes:
    return b"".join(json.dumps(to_data(item), separators=(",", ":")).encode() + b"\n" for item in items)


HEADER = fakes.stored([], fakes.server()).run
RUN = lines(HEADER, *(record(fakes.job(batch=b), r) for r in range(2) for b in (1, 8)))
DOCUMENTS = [json.dumps(document).encode() for document in (pytest_benchmark(), google_benchmark(), hyperfine())]
FILES = st.one_of(mutated(RUN), *map(mutated, DOCUMENTS))
MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


DUET = lines(
    Duet(
        *(getattr(HEADER, f) for f in ("schema", "protocol", "version", "started", "settings")),
        *2 * [Side("x", "y", fakes.laptop())],
    ),
    *pairs.pairs(1.2, 4),
    *pairs.pairs(1.0, 2, arm="control", seed=1),
    *pairs.pairs(1.2, 2, stage=2, seed=2),
)


def named(error: BenchsuiteError, path: Path) -> None:
    """The message says where, and shows nothing that a terminal would obey."""
    text = str(error)
    assert text.startswith((f"{path}, line ", f"cannot read {path}"))
    assert text.isprintable()
    assert len(text) < 1000


@MANY
@given(data=FILES)
def test_medians_are_positive_numbers_or_the_line_is_named(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    try:
        found = archive.read(path, METRIC)
    except RecordError as error:
        named(error, path)
    else:
        medians = [m for series in found.series.values() for m in series.medians]
        assert all(0 < m < math.inf for m in medians)
        assert math.isfinite(found.run.started)
        assert found.run.environment.machine_class
        assert found.run.environment.fingerprint


@MANY
@given(data=mutated(RUN))
def test_a_run_is_read_whole_or_the_line_is_named(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    try:
        found = store.read(path)
    except RecordError as error:
        named(error, path)
    else:
        assert len(found.records) <= data.count(b"\n")
        assert math.isfinite(found.run.started)


@MANY
@given(data=mutated(RUN))
def test_what_is_skimmed_is_what_is_read(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    skimmed_as_read(path)


def skimmed_as_read(path: Path) -> None:
    found = skim(path, METRIC)
    if found is not None:
        fully = archive.read(path, METRIC)
        assert repr(found) == repr((fully.run, columns(values(fully))))


def test_each_value_of_a_run_may_be_anything(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    for data in each_replaced(RUN, 2):
        path.write_bytes(data)
        for read in (lambda: archive.read(path, METRIC), lambda: store.read(path)):
            try:
                found = read()
            except RecordError as error:
                named(error, path)
            else:
                assert math.isfinite(found.run.started)
                assert len(found.run.environment.machine_class + found.run.environment.fingerprint) == 24


@pytest.mark.parametrize("target", ["run", "medians", "duet"])
def test_each_key_may_be_anything(target: str) -> None:
    for data in each_rekeyed(DUET if target == "duet" else RUN, 2):
        attempt(TARGETS[target], data)


@MANY
@given(data=mutated(DUET))
def test_a_duet_is_judged_or_the_line_is_named(data: bytes) -> None:
    attempt(TARGETS["duet"], data)


@settings(MANY, max_examples=40)
@given(data=mutated(RUN))
def test_a_run_is_reported_or_the_line_is_named(data: bytes) -> None:
    attempt(TARGETS["report"], data)


@MANY
@given(data=mutated(b'[tool.benchsuite.gate]\npatterns = ["a"]\nminimum-effect = "3%"\nbudget = "10m"\n') | st.binary())
def test_a_policy_is_read_or_named(data: bytes) -> None:
    attempt(TARGETS["policy"], data)


def test_each_value_of_a_document_may_be_anything(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    for data in (data for document in DOCUMENTS for data in each_replaced(document, 1)):
        path.write_bytes(data)
        try:
            found = archive.read(path, METRIC)
        except RecordError as error:
            named(error, path)
        else:
            assert all(0 < m < math.inf for series in found.series.values() for m in series.medians)


def left(command: click.Command, *arguments: str | Path) -> tuple[int, str]:
    """Exit status, and what was printed or else complained of, as `main` would have it."""
    done = CliRunner().invoke(command, [str(a) for a in arguments])
    if done.exception is None or isinstance(done.exception, SystemExit):
        return done.exit_code, done.stdout
    assert isinstance(done.exception, BenchsuiteError), repr(done.exception)
    return 2, str(done.exception)


FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@FEW
@given(data=FILES)
def test_commands_end_in_words(data: bytes, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.jsonl", tmp_path / "good.jsonl"
    bad.write_bytes(data)
    good.write_bytes(RUN)
    status, text = left(history, bad, "--json")
    assert status in (0, 1, 2, 5), text
    if status in (0, 1):
        found = json.loads(text, parse_constant=pytest.fail)
        assert found["histories"]
    statuses = [left(compare, good, bad, "--json"), left(compare, bad, good, "--json")]
    statuses.append(left(export, bad, "--format", "pytest-benchmark"))
    for status, text in statuses:
        assert status in (0, 1, 2, 4, 5), text
        if status != 2:
            json.loads(text, parse_constant=pytest.fail)


@FEW
@given(data=FILES)
def test_a_folder_with_one_bad_file_is_followed_all_the_same(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(data)
    (tmp_path / "good.jsonl").write_bytes(RUN)
    status, text = left(history, tmp_path, "--json")
    assert status in (0, 1), text


NOTHING = {
    "empty": (b"", 2),
    "header alone": (lines(HEADER), 5),
    "only failed": (lines(HEADER, Record(fakes.job(), 0, "failed", "no memory")), 5),
    "only wrong": (lines(HEADER, Record(fakes.job(), 0, "wrong", "off")), 5),
    "no time": (lines(HEADER, Record(fakes.job(), 0, "ok", measurements=(Measurement.of(METRIC, (math.nan,)),))), 5),
    "other jobs": (lines(HEADER, record(fakes.job("matmul"), 0)), 5),
    "newer": (RUN.replace(b'"schema":"1.', b'"schema":"2.', 1), 2),
    "not UTF-8": (RUN.replace(b"embedding", b"\xff\xfe", 1), 2),
    "UTF-16": (RUN.decode().encode("utf-16"), 2),
    "compressed": (b"\x1f\x8b\x08\x00" + b"\x00" * 1000, 2),
    "zeros": (b"\x00" * 10_000, 2),
    "a round twice": (RUN + RUN.splitlines(keepends=True)[1], 2),
    "a long number": (RUN.replace(b'"round":0', b'"round":' + b"9" * 10_000, 1), 2),
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_measured_is_never_well(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data, status = NOTHING[name]
    bad, good = tmp_path / "bad.jsonl", tmp_path / "good.jsonl"
    bad.write_bytes(data)
    good.write_bytes(RUN.replace(b'"started":', b'"started":1', 1))
    for sides in ((good, bad), (bad, good)):
        assert left(compare, *sides)[0] == status
        assert left(gate, "--base", sides[0], "--candidate", sides[1])[0] == status
    if name != "other jobs":
        assert left(history, bad)[0] == status
        assert left(export, bad, "--format", "pytest-benchmark")[0] == 2


@pytest.mark.parametrize("name", ["pipe.jsonl", "folder.jsonl", "loop.jsonl", "/dev/zero", "/dev/null", "none.jsonl"])
def test_what_is_no_file_is_told_without_waiting(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.jsonl")
    Path("folder.jsonl").mkdir()
    Path("loop.jsonl").symlink_to("loop.jsonl")
    Path("good.jsonl").write_bytes(RUN)
    for command, *arguments in (
        (compare, "good.jsonl", name),
        (compare, name, "good.jsonl"),
        (export, name, "--format", "pytest-benchmark"),
        (history, name),
    ):
        status, _ = left(command, *arguments)
        assert status == (5 if (command, name) == (history, "folder.jsonl") else 2)
    with pytest.raises(BenchsuiteError, match="cannot read"):
        store.read(Path(name))


def test_a_run_of_one_endless_line_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with path.open("wb") as file:
        file.truncate(2**30)  # a sparse file: it takes no disk
    for read in (lambda: archive.read(path, METRIC), lambda: store.read(path)):
        tracemalloc.start()
        with pytest.raises(RecordError, match="line 1: over the limit"):
            read()
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
        tracemalloc.stop()


def rounds(numbers: range) -> bytes:
    """A run of one job with these rounds."""
    start = json.dumps(to_data(Record(fakes.job(), 7, "ok")), separators=(",", ":")).encode()
    return lines(HEADER) + b"".join(start.replace(b'"round":7', b'"round":%d' % n) + b"\n" for n in numbers)


def test_rounds_that_a_set_would_find_slowly_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    same = sys.hash_info.modulus  # its multiples have the same hash
    path.write_bytes(rounds(range(0, 5 * same, same)))
    with pytest.raises(RecordError, match="line 3: not a record of a run"):
        archive.read(path, METRIC)
    assert skim(path, METRIC) is None


def test_a_job_of_very_many_rounds_is_not_skimmed(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    for count, skimmed in ((1000, True), (1002, False)):
        path.write_bytes(rounds(range(count)))
        assert (skim(path, METRIC) is not None) == skimmed
        assert archive.read(path, METRIC).series[fakes.job().id].rounds == count


TWICE = {"status": b'"failed","status":"ok"', "round": b'9,"round":0', "definition": b'"x","definition":"d"'}


@pytest.mark.parametrize("field", TWICE)
def test_of_a_key_that_is_there_twice_every_reader_takes_the_last(field: str, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    one = record(fakes.job(), 0)
    value = json.dumps(to_data(one)[field]).encode()
    path.write_bytes(
        lines(HEADER, one).replace(b'"%s":%s' % (field.encode(), value), b'"%s":%s' % (field.encode(), TWICE[field]), 1)
    )
    assert path.read_bytes().count(b'"%s":' % field.encode()) == 2
    found = archive.read(path, METRIC).series[one.job.id]
    (stored,) = store.read(path).records
    assert (stored.status, stored.round, stored.definition) == ("ok", 0, "d")
    assert (found.status, found.rounds, found.definition) == ("ok", 1, "d")
    skimmed_as_read(path)


def test_very_many_keys_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    keys = b",".join(b'"%d":0' % n for n in range(300_000))
    good = lines(HEADER, record(fakes.job(), 0))
    path.write_bytes(good[:-2] + b"," + keys + b"}\n")
    assert len(store.read(path).records) == 1
    assert archive.read(path, METRIC).series[fakes.job().id].medians
