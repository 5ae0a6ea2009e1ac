import errno
import io
import json
import os
from pathlib import Path

import pytest

from benchsuite.errors import RecordError, UsageError
from benchsuite.records import Record, Work
from benchsuite.records.codec import from_data, to_data
from benchsuite.store import Writer, read
from tests import fakes

RUN = fakes.stored([]).run
RECORDS = tuple(
    from_data(Record, to_data(record))  # to the digits that are kept
    for record in fakes.rounds(fakes.job(batch=8), Work(8, "rows"), {"time/latency": 0.01}, count=3)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A stored run of three records."""
    path = tmp_path / "run.jsonl"
    write(path, RUN, *RECORDS)
    return path


def write(path: Path, *items: object) -> None:
    with Writer(path) as writer:
        for item in items:
            writer.append(item)  # type: ignore[arg-type]


def replace_line(path: Path, number: int, line: bytes) -> None:
    lines = path.read_bytes().split(b"\n")
    lines[number - 1] = line
    path.write_bytes(b"\n".join(lines))


def test_what_was_written_is_read(path: Path) -> None:
    stored = read(path)
    assert (stored.run, stored.records, stored.torn) == (RUN, RECORDS, None)
    assert stored.path == path


def test_one_line_each_in_plain_json(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) == 4
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "run.jsonl"
    write(path, RUN)
    assert read(path).records == ()


def test_each_line_is_on_disk_before_the_next(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (sizes.append(path.stat().st_size), fsync(handle)))
    before = path.stat().st_size
    write(path, *RECORDS)
    assert len(sizes) == 3
    assert sizes == sorted({*sizes} - {before})
    assert sizes[-1] == path.stat().st_size


def test_appending_goes_on(path: Path) -> None:
    write(path, RECORDS[0])
    assert read(path).records == (*RECORDS, RECORDS[0])


def test_a_torn_last_line_is_left_out_and_reported(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    stored = read(path)
    assert stored.records == RECORDS[:2]
    assert stored.torn is not None
    assert "has no end" in stored.torn


def test_going_on_cuts_a_torn_line(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    with Writer(path) as writer:
        writer.cut_torn_line()
        writer.append(RECORDS[2])
    assert read(path).records == RECORDS
    assert read(path).torn is None


def test_a_whole_file_has_nothing_to_cut(path: Path) -> None:
    whole = path.read_bytes()
    with Writer(path) as writer:
        writer.cut_torn_line()
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{'job': 1}", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b"\x00\x00", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1, 2]", "not a JSON object"),
        (b'{"job": 1}', "Record.job should be dict"),
        (b"{}", "Record lacks 'job'"),
    ],
)
def test_a_bad_line_is_named(path: Path, line: bytes, reason: str) -> None:
    replace_line(path, 3, line)
    with pytest.raises(RecordError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert reason in str(caught.value)


def test_an_endless_line_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchsuite.store._LONGEST_LINE", 100)
    with pytest.raises(RecordError, match="line 1: over the limit of 100 bytes"):
        read(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"not a run", b"not a run\n", b"{}\n", b'{"schema": null}\n'])
def test_a_file_without_a_header_is_no_run(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(RecordError, match="line 1: "):
        read(path)


def test_a_record_in_the_place_of_the_header_is_no_run(path: Path) -> None:
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])
    with pytest.raises(RecordError, match="line 1: schema '\\?' cannot be read"):
        read(path)


@pytest.mark.parametrize(("schema", "readable"), [("2.0", False), ("1.7", True), ("0.9", False), ("x", False)])
def test_another_schema_is_read_within_its_major_version(path: Path, schema: str, readable: bool) -> None:
    header = {**json.loads(path.read_bytes().split(b"\n")[0]), "schema": schema, "more": [1]}
    replace_line(path, 1, json.dumps(header).encode())
    if readable:
        assert read(path).records == RECORDS
    else:
        with pytest.raises(RecordError, match=f"line 1: schema '{schema}' cannot be read by this version"):
            read(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*: No such file"):
        read(tmp_path / "none.jsonl")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read(tmp_path)
    with pytest.raises(UsageError, match="choose another --output"):
        Writer(tmp_path)


def test_a_path_that_cannot_be_is_wrong_usage(path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot write .*; choose another --output"):
        Writer(path / "run.jsonl")


def test_a_second_writer_is_refused(path: Path) -> None:
    with Writer(path) as writer:
        with pytest.raises(UsageError, match="is being written by another run"):
            Writer(path)
        writer.append(RECORDS[0])
    write(path, RECORDS[1])
    assert len(read(path).records) == 5


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_at_last_keeps_whole_lines(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Writer(path) as writer, monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(UsageError, match="No space left on device; what was finished before is kept"):
            writer.append(RECORDS[0])
    assert read(path).records == RECORDS
    assert read(path).torn is None


class NearlyFull(io.FileIO):
    """Takes a few bytes, then has no space."""

    taken = False

    def write(self, data: object) -> int:
        if self.taken:
            full()
        self.taken = True
        return super().write(bytes(data)[:30])  # type: ignore[call-overload]


def test_a_disk_that_fills_within_a_line_keeps_whole_lines(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    with Writer(path) as writer:
        writer.cut_torn_line()
        whole = path.read_bytes()
        writer._file = NearlyFull(os.dup(writer._file.fileno()), "ab")
        with pytest.raises(UsageError, match="No space left"):
            writer.append(RECORDS[0])
    assert path.read_bytes() == whole


def test_a_number_that_is_none_is_stored_all_the_same(path: Path) -> None:
    record = Record(fakes.job(), 0, "wrong", "broken", counters={"load": float("nan"), "wait": float("inf")})
    write(path, record)
    counters = read(path).records[-1].counters
    assert str(counters) == "{'load': nan, 'wait': inf}"
