"""The files of a report: Markdown, CSV, Parquet, JSON, and which pictures there are."""

import csv
import dataclasses
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchsuite.errors import UsageError
from benchsuite.records import Measurement, Record, Work
from benchsuite.report import FORMATS, Report, write
from benchsuite.report.data import as_data
from benchsuite.store import Stored
from tests.fakes import job, rounds, stored
from tests.report import golden
from tests.report.hostile import TRICKS, hostile
from tests.report.samples import accelerated, mixed, small


def written(tmp_path: Path, *runs: Stored, formats: Sequence[str] = ("markdown", "csv")) -> dict[str, Path]:
    return {path.name: path for path in write(Report.of(runs), tmp_path / "report", formats)}


def lines_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_markdown_and_csv_as_they_were(tmp_path: Path) -> None:
    files = written(tmp_path, mixed(), accelerated())
    golden.check("two.md", files["report.md"].read_text(encoding="utf-8"))
    golden.check("two.csv", files["report.csv"].read_text(encoding="utf-8"))


@pytest.mark.parametrize("form", FORMATS)
def test_only_what_is_asked_for_is_written(form: str, tmp_path: Path) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    suffix = {"markdown": ".md"}.get(form, f".{form}")
    files = written(tmp_path, small(), formats=[form])
    assert files
    assert {path.suffix for path in files.values()} == {suffix}
    assert set(files) == {path.name for path in (tmp_path / "report").iterdir()}


def test_pictures_without_data_are_left_out(tmp_path: Path) -> None:
    assert written(tmp_path, stored([]), formats=["png"]) == {}
    assert {name.split("-")[0] for name in written(tmp_path, small(), formats=["png"])} >= {"latency", "throughput"}


def test_pictures_of_several_processes_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchsuite.report._WORTH_PROCESSES", 2)
    one, two = (write(Report.of([small()]), tmp_path / str(count), ["svg"], count) for count in (1, 2))
    assert [path.name for path in one] == [path.name for path in two]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_pictures_are_shown_in_the_markdown_where_they_were_drawn(tmp_path: Path) -> None:
    both = written(tmp_path, small(), formats=["markdown", "png"])
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", both["report.md"].read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(name for name in both if name.endswith(".png"))
    assert "![" not in written(tmp_path, small())["report.md"].read_text(encoding="utf-8")


def test_every_job_has_a_line_also_without_a_result(tmp_path: Path) -> None:
    lines = lines_of(written(tmp_path, mixed())["report.csv"])
    assert {line["job"] for line in lines} == {r.job.id for r in mixed().records}
    wrong = next(line for line in lines if line["status"] == "wrong")
    assert not any(wrong[name] for name in wrong if name.endswith("_s"))
    assert "0.31" in wrong["reason"]


def test_energy_has_a_column_where_it_was_measured(tmp_path: Path) -> None:
    times = {"time/latency": 1.0, "energy/device": 12.0}
    files = written(tmp_path, stored(_with_energy(times)))
    assert float(lines_of(files["report.csv"])[0]["energy_device_J"]) == pytest.approx(12.0, rel=0.02)
    text = files["report.md"].read_text(encoding="utf-8")
    assert "device energy/item" in text
    assert re.search(r"\| 3\.\d+ J \|", text)


def _with_energy(values: dict[str, float]) -> list[Record]:
    """Four items an iteration."""
    timed = rounds(job(batch=4), Work(4, "rows", 1.0), {k: v for k, v in values.items() if k.startswith("time/")})
    joules = [(name, value) for name, value in values.items() if name.startswith("energy/")]
    return [
        dataclasses.replace(
            record,
            measurements=(
                *record.measurements,
                *(Measurement(name, "J", "lower", 1, (x * (1 + record.round / 1000),)) for name, x in joules),
            ),
        )
        for record in timed
    ]


def test_parquet_holds_the_csv_with_types(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pandas as pd

    files = written(tmp_path, mixed(), accelerated(), hostile(), formats=["parquet", "csv"])
    table = pd.read_parquet(files["report.parquet"])
    lines = lines_of(files["report.csv"])
    assert list(table.columns) == list(lines[0])
    assert list(table["job"])[:5] == [line["job"] for line in lines[:5]]
    assert table["latency_s"].dtype == "float64"
    assert str(table["threads"].dtype) == "Int64"
    assert table["latency_s"][0] == pytest.approx(float(lines[0]["latency_s"]))


def test_parquet_has_the_same_types_whatever_is_missing(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    skipped = stored([Record(job(), 0, "skipped", "no such device")])
    schemas = [
        pq.read_schema(written(tmp_path / str(i), run, formats=["parquet"])["report.parquet"])
        for i, run in enumerate((accelerated(), skipped))
    ]
    assert [(field.name, field.type) for field in schemas[0]] == [(field.name, field.type) for field in schemas[1]]


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'benchsuite\[parquet\]'"):
        written(tmp_path, small(), formats=["html", "parquet"])
    assert not (tmp_path / "report").exists()


def test_hostile_strings_stay_within_their_cell(tmp_path: Path) -> None:
    files = written(tmp_path, hostile())
    lines = list(csv.reader(io.StringIO(files["report.csv"].read_text(encoding="utf-8"))))
    assert len({len(line) for line in lines}) == 1
    assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line)
    text = files["report.md"].read_text(encoding="utf-8")
    assert "<img" not in text
    for line in (line for line in text.splitlines() if line.startswith("|")):
        assert re.search(r"(?<!\\)[`\[]", line) is None
    assert all(c.isprintable() for c in text.replace("\n", ""))


def test_hostile_settings_stay_within_their_line(tmp_path: Path) -> None:
    run = hostile()
    settings = dataclasses.replace(run.run.settings, patterns=(TRICKS,), corpus=TRICKS, preset=TRICKS)
    bad = dataclasses.replace(run, run=dataclasses.replace(run.run, settings=settings, version=TRICKS))
    text = written(tmp_path, bad)["report.md"].read_text(encoding="utf-8")
    assert "<img" not in text
    assert all(c.isprintable() for c in text.replace("\n", ""))


def test_json_is_plain_data() -> None:
    data = json.loads(json.dumps(as_data([mixed(), accelerated(), hostile()]), allow_nan=False))
    assert [run["run"] for run in data["runs"]] == ["A", "B", "C"]
    assert len(data["runs"][1]["ceilings"]) == 12
    wrong = next(j for j in data["jobs"] if j["status"] == "wrong")
    assert wrong["latency_s"] is None
    contended = next(j for j in data["jobs"] if "contended" in j["codes"])
    assert contended["doubts"][0]["advice"] == "close other programs"


@pytest.mark.parametrize("samples", [(0.0,), (float("nan"),), (-1.0, 2.0), (1e-320,), (1e300,)])
def test_odd_times_do_not_break_a_report(tmp_path: Path, samples: tuple[float, ...]) -> None:
    times = (Measurement.of("time/latency", samples),)
    odd = [Record(job(batch=1), r, "ok", work=Work(1, "rows", 1.0, 1.0), measurements=times) for r in range(5)]
    good = rounds(job("matmul"), Work(1, "p", 1.0), {"time/latency": 1.0})
    written(tmp_path, stored([*odd, *good]), formats=["html", "markdown", "csv", "png"])
