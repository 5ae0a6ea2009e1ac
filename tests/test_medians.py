import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchsuite import medians, store
from benchsuite.analysis import summarize
from benchsuite.errors import BenchsuiteError, RecordError, UsageError
from benchsuite.medians import medians_of, read_medians
from benchsuite.records import Job, Measurement, Reading, Record, Work
from benchsuite.records.codec import to_data
from tests import fakes

METRIC = "time/latency"
HEADER = json.dumps(to_data(fakes.stored([]).run)).encode() + b"\n"
JOB = fakes.job(batch=8)


def lines(*records: Record) -> bytes:
    return b"".join(json.dumps(to_data(record)).encode() + b"\n" for record in records)


def read(data: bytes, metric: str = METRIC) -> Reading:
    return medians_of(io.BytesIO(data), "run.jsonl", metric)


def measured(*samples: float, round: int = 0, job: Job = JOB, **fields: Any) -> Record:
    return Record(job, round, "ok", measurements=(Measurement.of(METRIC, samples),), **fields)


GOOD = HEADER + lines(*fakes.rounds(JOB, Work(8, "rows"), {METRIC: 0.01, "time/first": 0.5}, count=3))


def test_the_medians_of_the_metric_asked_for() -> None:
    data = HEADER + lines(measured(1.0, 3.0, 2.0), measured(5.0, 4.0, round=1))
    (series,) = read(data).series.values()
    assert (series.job, series.workload, series.backend, series.precision) == (JOB.id, "embedding", JOB.backend, "fp32")
    assert series.medians == (2.0, 4.5)
    assert (series.rounds, series.lost, series.measured, series.unusable) == (2, 0, 5, 0)
    assert (series.unit, series.better, series.protocol, series.iterations) == ("s", "lower", 1, 1)


def test_another_metric_is_not_there() -> None:
    (series,) = read(GOOD, "time/prefill").series.values()
    assert series.medians == ()
    assert (series.status, series.unit, series.measured) == ("ok", "", 0)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [("ok", "ok"), ("ok failed", "ok"), ("ok wrong", "wrong"), ("skipped failed", "failed"), ("skipped", "skipped")],
)
def test_the_status_is_that_of_a_report(statuses: str, status: str) -> None:
    records = [
        measured(1.0, round=i) if word == "ok" else Record(JOB, i, word, f"{word} for a reason")  # type: ignore[arg-type]
        for i, word in enumerate(statuses.split())
    ]
    (series,) = read(HEADER + lines(*records)).series.values()
    (summary,) = summarize(records)
    assert series.status == summary.status == status
    assert series.lost == sum(word != "ok" for word in statuses.split())
    assert bool(series.medians) == (status == "ok")
    if series.lost:
        assert "for a reason" in series.reason


@pytest.mark.parametrize(
    ("samples", "expected", "unusable"),
    [
        ((math.nan, 2.0, 3.0), (2.5,), 1),
        ((math.inf, -math.inf), (), 2),
        ((0.0, 0.0, 1.0), (), 2),
        ((0.0, 1.0, 1.0), (1.0,), 1),
        ((-1.0, 1.0, 1.0), (1.0,), 1),
        ((-1.0,), (), 1),
        ((), (), 0),
    ],
)
def test_odd_samples_count_as_in_a_report(samples: Any, expected: Any, unusable: int) -> None:
    record = measured(*samples)
    (series,) = read(HEADER + lines(record)).series.values()
    assert (series.medians, series.unusable) == (expected, unusable)
    estimates = summarize([record])[0].estimates
    found = [estimates[METRIC].value] if METRIC in estimates else []
    assert found == pytest.approx(list(expected))


def test_a_median_beyond_all_numbers_is_none() -> None:
    (series,) = read(HEADER + lines(measured(1e308, 1e308))).series.values()
    assert series.medians == ()


def test_a_peak_of_zero_bytes_is_a_median() -> None:
    record = Record(JOB, 0, "ok", measurements=(Measurement.of("memory/device_peak", (0.0,)),))
    (series,) = read(HEADER + lines(record), "memory/device_peak").series.values()
    assert (series.medians, series.unusable, series.unit) == ((0.0,), 0, "B")


def test_a_torn_last_line_is_left_out_and_reported() -> None:
    found = read(GOOD[:-20])
    assert found.series[JOB.id].rounds == 2
    assert found.torn is not None
    assert "has no end" in found.torn
    assert read(GOOD).torn is None


def with_line(line: bytes) -> bytes:
    """The good run with another third line."""
    every = GOOD.split(b"\n")
    every[2] = line
    return b"\n".join(every)


def changed(**fields: Any) -> bytes:
    return json.dumps({**json.loads(GOOD.split(b"\n")[2]), **fields}).encode()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{'job': 1}", "malformed"),
        (b"", "truncated"),
        (b"\x00", "malformed"),
        (b"[1]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `job`"),
        (b"NaN", "malformed"),
        (b'{"job":' * 100_000, "nested too deeply"),
        (b'{"what":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (changed(log="\u00e9").replace(b"\\u00e9", b"\xff\xfe"), "codec can't decode"),
        (changed(job=None), "Expected `object`, got `null`"),
        (changed(round="1"), "Expected `int`, got `str`"),
        (changed(round=0), "round 0 of embedding/batch=8@torch-eager-cpu/fp32/t2 is there twice"),
        (changed(status="fine"), "Invalid enum value"),
        (changed(measurements=[{"metric": METRIC}]), "missing required field"),
        (changed(measurements={}), "Expected `array`"),
    ],
)
def test_a_bad_line_is_named(line: bytes, reason: str) -> None:
    with pytest.raises(RecordError) as caught:
        read(with_line(line))
    assert str(caught.value).startswith("run.jsonl, line 3: ")
    assert reason in str(caught.value)


def of_latency(**fields: Any) -> bytes:
    return changed(measurements=[{**to_data(Measurement.of(METRIC, (1.0,))), **fields}])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (of_latency(samples=["fast"]), "Invalid enum value"),
        (of_latency(samples=5), "Expected `array`"),
        (of_latency(samples=[1.0, None]), "got `null`"),
        (of_latency(iterations=0), "`int` >= 1"),
        (of_latency(iterations=10**30), "iterations"),
        (of_latency(better="sideways"), "Invalid enum value"),
        (of_latency(unit="min"), "measured time/latency in different ways"),
        (of_latency().replace(b"1.0]", b"1e999]"), "out of range"),
    ],
)
def test_a_bad_measurement_is_named(line: bytes, reason: str) -> None:
    with pytest.raises(RecordError, match=r"run\.jsonl, line 3: ") as caught:
        read(with_line(line))
    assert reason in str(caught.value)


def test_a_message_repeats_no_control_character() -> None:
    with pytest.raises(RecordError) as caught:
        read(with_line(changed(status="\x1b[31mred")))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"", "no header line"),
        (HEADER[:-1], "no header line"),
        (b"\n", "not the header of a run"),
        (b"not a run\n", "not the header of a run"),
        (b"[1]\n", "not a JSON object"),
        (b"[" * 100_000 + b"\n", "not the header of a run"),
        (b"{}\n", "schema '?' cannot be read"),
        (HEADER.replace(b'"1.0"', b'"2.0"'), "schema '2.0' cannot be read by this version, which reads 1."),
        (HEADER.replace(b'"1.0"', b'"1.0","kind":"duet"'), "a duet, not a run"),
        (HEADER.replace(b'"environment"', b'"surroundings"'), "Run lacks 'environment'"),
    ],
)
def test_what_is_no_header_is_named(header: bytes, reason: str) -> None:
    with pytest.raises(RecordError, match=r"run\.jsonl, line 1: ") as caught:
        read(header)
    assert reason in str(caught.value)


def test_a_newer_minor_schema_and_its_fields_are_read() -> None:
    header = HEADER.replace(b'"1.0"', b'"1.7","more":[1]')
    assert read(header + with_line(changed(colour="red")).split(b"\n", 1)[1]).series == read(GOOD).series


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("LONGEST_LINE", 100, "line 1: over the limit of 100 bytes a line"),
        ("MOST_RECORDS", 2, "line 4: over the limit of 2 records"),
        ("MOST_BYTES", len(HEADER) + 10, "line 2: over the limit"),
        ("MOST_NAMES", 10, "line 2: not a record of a run: the jobs take more than 10 bytes"),
    ],
)
def test_what_no_run_needs_is_refused(monkeypatch: pytest.MonkeyPatch, limit: str, value: int, reason: str) -> None:
    monkeypatch.setattr(medians, limit, value)
    with pytest.raises(RecordError) as caught:
        read(GOOD)
    assert reason in str(caught.value)


def test_no_more_than_a_line_is_read_at_once() -> None:
    class Endless(io.RawIOBase):
        """Gives as much as it is asked for, and never a line's end."""

        def readline(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= medians.LONGEST_LINE + 1
            return b"x" * size

    with pytest.raises(RecordError, match="over the limit"):
        medians_of(Endless(), "endless", METRIC)  # type: ignore[arg-type]


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*: No such file"):
        read_medians(tmp_path / "none.jsonl", METRIC)
    with pytest.raises(UsageError, match="cannot read"):
        read_medians(tmp_path, METRIC)


JOBS = [fakes.job(batch=b, backend=name) for b in (1, 8) for name in ("torch-eager-cpu", "onnxruntime-cpu")]
SAMPLES = st.lists(st.floats(1e-9, 1e3) | st.sampled_from([0.0, -1.0, math.nan, math.inf]), max_size=6)


@st.composite
def runs(draw: st.DrawFn) -> list[Record]:
    """The records of a run, each job and round at most once."""
    keys = draw(st.lists(st.tuples(st.sampled_from(JOBS), st.integers(0, 5)), unique_by=lambda k: (k[0].id, k[1])))
    records = []
    for job, number in keys:
        status = draw(st.sampled_from(["ok", "ok", "ok", "wrong", "failed", "skipped"]))
        samples = {m: tuple(draw(SAMPLES)) for m in draw(st.sets(st.sampled_from([METRIC, "time/first"])))}
        taken = tuple(Measurement.of(m, values, draw(st.integers(1, 9))) for m, values in samples.items())
        records.append(Record(job, number, status, draw(st.text()), definition=draw(st.text()), measurements=taken))
    return records


@settings(max_examples=60)
@given(runs())
def test_both_readers_agree(tmp_path_factory: pytest.TempPathFactory, records: list[Record]) -> None:
    path = tmp_path_factory.mktemp("run") / "run.jsonl"
    path.write_bytes(HEADER + lines(*records))
    stored = store.read(path)
    found = read_medians(path, METRIC)
    assert found.run == stored.run
    summaries = {summary.job.id: summary for summary in summarize(stored.records)}
    assert list(found.series) == list(summaries)
    for job, series in found.series.items():
        assert series.status == summaries[job].status
        estimate = summaries[job].estimates.get(METRIC)
        assert len(series.medians) == (estimate.rounds if estimate else 0)
        if estimate:
            assert math.exp(sum(map(math.log, series.medians)) / len(series.medians)) == pytest.approx(estimate.value)


@settings(max_examples=200)
@given(st.integers(0, len(GOOD)))
def test_a_run_cut_anywhere_is_read_or_refused(end: int) -> None:
    try:
        found = read(GOOD[:end])
    except RecordError as error:
        assert end < len(HEADER), error  # noqa: PT017 (it may as well be read)
    else:
        assert (found.torn is None) == GOOD[:end].endswith(b"\n")


@settings(max_examples=300)
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=4), st.integers(0, 4))
def test_a_run_with_bytes_changed_is_read_or_refused(at: int, put: bytes, cut: int) -> None:
    try:
        found = read(GOOD[:at] + put + GOOD[at + cut :])
    except BenchsuiteError as error:
        assert str(error).startswith("run.jsonl, line ")  # noqa: PT017
    else:
        assert all(math.isfinite(m) and m > 0 for series in found.series.values() for m in series.medians)
