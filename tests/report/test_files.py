"""The files of a report: Markdown, CSV, JSON, and which pictures there are."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from benchsuite.report import as_data, write
from tests.fakes import job, rounds, stored
from tests.report import golden
from tests.report.hostile import hostile
from tests.report.samples import accelerated, mixed, small


def written(tmp_path: Path, *runs) -> dict[str, Path]:
    return {path.name: path for path in write(runs, tmp_path / "report")}


def test_markdown_and_csv_as_they_were(tmp_path: Path) -> None:
    files = written(tmp_path, mixed(), accelerated())
    golden.check("two.md", files["report.md"].read_text(encoding="utf-8"))
    golden.check("two.csv", files["report.csv"].read_text(encoding="utf-8"))


def test_pictures_without_data_are_left_out(tmp_path: Path) -> None:
    assert set(written(tmp_path, small())) == {
        "report.md",
        "report.csv",
        "latency.png",
        "throughput.png",
        "speedup.png",
    }
    assert set(written(tmp_path, stored([]))) == {"report.md", "report.csv"}
    assert "share.png" in written(tmp_path, mixed())


def test_pictures_are_named_in_the_markdown(tmp_path: Path) -> None:
    text = written(tmp_path, small())["report.md"].read_text(encoding="utf-8")
    assert "![latency](latency.png)" in text
    assert "share.png" not in text


def test_every_job_has_a_line_also_without_a_result(tmp_path: Path) -> None:
    lines = list(csv.DictReader(io.StringIO(written(tmp_path, mixed())["report.csv"].read_text(encoding="utf-8"))))
    assert {line["job"] for line in lines} == {r.job.id for r in mixed().records}
    wrong = next(line for line in lines if line["status"] == "wrong")
    assert not any(wrong[name] for name in wrong if name.endswith("_s"))
    assert "0.31" in wrong["reason"]


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
    from benchsuite.records import Measurement, Record, Work

    times = (Measurement.of("time/latency", samples),)
    odd = [Record(job(batch=1), r, "ok", work=Work(1, "rows", 1.0, 1.0), measurements=times) for r in range(5)]
    written(tmp_path, stored([*odd, *rounds(job("matmul"), Work(1, "p", 1.0), {"time/latency": 1.0})]))
