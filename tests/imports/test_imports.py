"""Files of other tools: what is read of them, and what is refused."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from benchsuite.analysis.compare import compare
from benchsuite.errors import RecordError, UsageError
from benchsuite.imports import document, is_document, read_document
from benchsuite.records import Reading
from tests.archives import write_run
from tests.imports.documents import google_benchmark, hyperfine, pytest_benchmark, write

DOCUMENTS = {"pytest-benchmark": pytest_benchmark(), "google-benchmark": google_benchmark(), "hyperfine": hyperfine()}


def read(folder: Path, document: object, metric: str = "time/latency") -> Reading:
    return read_document(write(folder, document), metric)


def test_pytest_benchmark_is_a_median_of_one_process(tmp_path: Path) -> None:
    found = read(tmp_path, pytest_benchmark())
    (series,) = found.series.values()
    assert (series.job, series.medians, series.rounds) == ("test_it.py::test_sum", (1.2e-3,), 1)
    assert (series.unit, series.better, series.protocol, series.measured) == ("s", "lower", 1, 500)
    assert (found.run.started, found.run.version) == (1772359200.0, "pytest-benchmark 5.3.1")
    where = found.run.environment
    assert (where.host, where.cpu.model, where.cpu.usable_cpus, where.commit) == (
        "host",
        "Example CPU 2000",
        8,
        "0123456789abcdef",
    )
    assert read(tmp_path, pytest_benchmark(commit_info={"id": "unversioned"})).run.environment.commit is None


def test_google_benchmark_is_the_median_of_repetitions(tmp_path: Path) -> None:
    found = read(tmp_path, google_benchmark())
    assert found.series["BM_Copy/8"].medians == pytest.approx((2e-6,))
    assert (found.series["BM_Copy/8"].rounds, found.series["BM_Copy/8"].measured) == (1, 3)
    assert found.series["BM_Only"].medians == pytest.approx((5e-9,))
    bad = found.series["BM_Bad"]
    assert (bad.status, bad.reason, bad.medians) == ("failed", "no memory", ())
    assert (found.run.started, found.run.environment.host) == (1772359200.0, "host")
    assert "32768" in found.run.environment.cpu.model


def test_hyperfine_has_a_process_for_every_time(tmp_path: Path) -> None:
    path = write(tmp_path, hyperfine())
    os.utime(path, (5.0, 5.0))
    found = read_document(path, "time/latency")
    assert found.run.started == 5.0
    assert (found.series["sleep 0.1"].medians, found.series["sleep 0.1"].rounds) == ((0.1, 0.101, 0.105), 3)
    assert (found.series["false"].status, found.series["false"].medians) == ("failed", ())
    assert "status 1" in found.series["false"].reason


def test_hyperfine_without_single_times_is_one_round(tmp_path: Path) -> None:
    (series,) = read(tmp_path, {"results": [{"command": "a", "median": 0.2}]}).series.values()
    assert (series.medians, series.rounds) == ((0.2,), 1)


@pytest.mark.parametrize("tool", DOCUMENTS)
def test_of_other_metrics_there_is_nothing(tool: str, tmp_path: Path) -> None:
    found = read(tmp_path, DOCUMENTS[tool], "time/throughput")
    assert found.series
    assert all(s.medians == () and s.protocol == 0 for s in found.series.values())


@pytest.mark.parametrize("tool", DOCUMENTS)
def test_documents_are_told_from_stored_runs(tool: str, tmp_path: Path) -> None:
    assert is_document(write(tmp_path, DOCUMENTS[tool]))
    compact = tmp_path / "compact.json"
    compact.write_text(json.dumps(DOCUMENTS[tool]))
    assert is_document(compact)
    assert not is_document(write_run(tmp_path / "run.jsonl", {"matmul": 1.0}))
    (tmp_path / "empty.jsonl").write_text("")
    assert not is_document(tmp_path / "empty.jsonl")


WRONG: dict[str, tuple[Any, str]] = {
    "other": ({"answers": []}, "neither a stored run nor JSON of"),
    "no benchmarks": ({"machine_info": {}}, "missing required field `benchmarks`"),
    "no list": (pytest_benchmark(benchmarks={}), "Expected `array`"),
    "no number": (hyperfine(results=[{"command": "a", "times": ["x"]}]), "Expected `float`"),
    "no date": (pytest_benchmark(datetime="yesterday"), "'yesterday' is not a date"),
    "no unit": (google_benchmark(benchmarks=[{"name": "a", "real_time": 1.0, "time_unit": "h"}]), "'h' is no unit"),
    "twice": (hyperfine(results=[{"command": "a", "median": 1.0}] * 2), "'a' is there twice"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused(name: str, tmp_path: Path) -> None:
    content, message = WRONG[name]
    with pytest.raises(RecordError, match="line 1") as refused:
        read(tmp_path, content)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"results": [', "not what it seems"),
        ('{"results": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        ('{"machine_info": {}, "x": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}", "nested too deeply"),
        ('{"results": []} {"results": []}', "trailing"),
        ('{"results": [{"command": "a", "median": NaN}]}', "not what it seems"),
        ('{"results": [{"command": "\\ud800", "median": 1}]}', "not what it seems"),
    ],
)
def test_what_is_no_json_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(RecordError, match=message):
        read_document(path, "time/latency")


def test_odd_times_are_no_medians(tmp_path: Path) -> None:
    (series,) = read(tmp_path, hyperfine(results=[{"command": "a", "times": [0.0, -1.0, 2.0]}])).series.values()
    assert series.medians == (2.0,)


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "LARGEST", 100)
    with pytest.raises(RecordError, match="over the limit of 100 bytes"):
        read(tmp_path, hyperfine())


def test_what_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_document(tmp_path / "none.json", "time/latency")


@pytest.mark.parametrize("tool", ["pytest-benchmark", "google-benchmark"])
def test_one_process_a_side_gives_no_verdict(tool: str, tmp_path: Path) -> None:
    slower = json.loads(json.dumps(DOCUMENTS[tool]).replace("0.0012", "0.0024").replace(": 2.0", ": 4.0"))
    sides = [read(tmp_path, document) for document in (DOCUMENTS[tool], slower)]
    verdicts = compare([sides[0]], [sides[1]]).verdicts
    assert not {v.outcome for v in verdicts} & {"slower", "faster", "same"}
    assert any(v.outcome == "unclear" for v in verdicts)
