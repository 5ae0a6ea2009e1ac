"""Reports of histories: as they read, what is in them, and what the pictures hold."""

import io
import json
import math
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from rich.console import Console

from benchsuite.analysis.history import Gathering, Kind, Moment, Value, columns
from benchsuite.analysis.trend import Trend, trends
from benchsuite.report import history_plot
from benchsuite.report.history import Sighting, as_data, document, show, write
from benchsuite.report.history_table import listed
from tests.archives import BEGAN, DAY
from tests.report import golden
from tests.report.hostile import TRICKS

SERIES = {
    "matmul/size=2048@torch-eager-cpu/fp32/t2": lambda day: 0.12 * (1.2 if day > 46 else 1.0),
    "softmax/rows=1024@onnxruntime-cpu/fp32/t2": lambda day: 0.003 * (0.8 if day > 20 else 1.0),
    "transformer-layer/batch=8,seq=256,norm=post@torch-compile-cpu/fp32/t2": lambda day: (
        0.08 * (1.1 if day > 30 else 1)
    ),
    "layer-norm@torch-eager-cpu/fp32/t2": lambda day: 2e-4,
    "gpt2-forward/batch=1@torch-eager-cpu/fp32/t2": lambda day: 0.3 if day > 44 else math.nan,
    "rnn@torch-eager-cpu/fp32/t2": lambda day: 0.01 if day < 30 else math.nan,
    "embedding@torch-eager-cpu/fp32/t2": lambda day: 0.002 * (0.9 if day > 46 else 1.0),
    "feed-forward@torch-eager-cpu/fp32/t2": lambda day: 0.002 * (2 if day == 48 else 1.0),
    "disk-read@torch-eager-cpu/fp32/t2": lambda day: 0.05 * (1 + 0.0009 * day),
}


def sighting(days: int = 49, anchors: tuple[int, ...] = (0,)) -> Sighting:
    gathering = Gathering()
    for day in range(days):
        found = []
        for job, seconds in SERIES.items():
            if not math.isnan(level := seconds(day)):
                log = math.log(level) + 0.004 * math.sin(7.0 * day + len(job))
                found.append(Value(Kind(job, "time/latency", 1, "d", "s", "lower"), log, 0.003, 4))
        gathering.add(Moment(f"{day}.jsonl", BEGAN + day * DAY, "m", f"{day:03d}abcdef{day:03d}"), columns(found))
    left_out = [("bad.jsonl", "bad.jsonl, line 1: no header line")]
    return Sighting("time/latency", gathering.moments, trends(gathering.histories(), 0.03, anchors), left_out)


def hostile() -> Sighting:
    gathering = Gathering()
    for day in range(30):
        kind = Kind(TRICKS, TRICKS, 1, TRICKS, TRICKS, TRICKS)
        gathering.add(Moment(TRICKS, float(day), TRICKS, TRICKS), columns([Value(kind, float(day > 15), 0.1, 4)]))
    return Sighting(TRICKS, gathering.moments, trends(gathering.histories(), 0.03), [(TRICKS, TRICKS)])


def shown(seen: Sighting, width: int) -> str:
    stream = io.StringIO()
    show(seen, Console(file=stream, width=width))
    return stream.getvalue()


def drawn(trend: Trend) -> Figure:
    figure = history_plot.draw(trend)
    figure.draw_without_rendering()
    return figure


@pytest.mark.parametrize("width", [80, 120])
def test_as_it_was(width: int) -> None:
    text = shown(sighting(), width)
    assert max(map(len, text.splitlines())) <= width
    golden.check(f"history-{width}.txt", text)


def test_markdown_as_it_was() -> None:
    golden.check("history.md", document(sighting(), ["01-a.png"]))


def test_alarms_come_first_and_the_steady_are_not_listed() -> None:
    names = [t.history.kind.job.partition("@")[0].partition("/")[0] for t in listed(sighting().trends)]
    assert names == [
        "matmul",
        "transformer-layer",
        "disk-read",
        "embedding",
        "feed-forward",
        "softmax",
    ]


def test_json_holds_every_history() -> None:
    data = json.loads(json.dumps(as_data(sighting()), allow_nan=False))
    by_job = {h["job"].partition("@")[0].partition("/")[0]: h for h in data["histories"]}
    assert len(by_job) == len(SERIES)
    assert by_job["rnn"]["state"] == "ended"
    (step,) = by_job["transformer-layer"]["steps"]
    assert (step["before"]["commit"], step["after"]["file"]) == ("030abcdef030", "31.jsonl")
    assert by_job["disk-read"]["anchor"]["state"] == "slower"
    assert by_job["disk-read"]["alarming"]
    assert data["left_out"] == [{"file": "bad.jsonl", "reason": "bad.jsonl, line 1: no header line"}]


def test_nothing_is_a_report_too() -> None:
    empty = Sighting("time/latency", [], [])
    assert "nothing measured" in shown(empty, 80)
    assert document(empty)
    assert as_data(empty)["histories"] == []


def test_hostile_strings_stay_within_their_cell(tmp_path: Path) -> None:
    seen = hostile()
    assert not any(c in shown(seen, 80) for c in "\x1b\u202e\ud800")
    files = {path.name: path for path in write(seen, tmp_path / "out", 3)}
    text = files["history.md"].read_text(encoding="utf-8")
    assert "<img" not in text
    assert all(c.isprintable() for c in text.replace("\n", ""))
    json.loads(files["history.json"].read_text(encoding="utf-8"))
    assert [p.parent for p in files.values()] == [tmp_path / "out"] * 3


def test_as_many_pictures_as_asked_for_and_each_is_named(tmp_path: Path) -> None:
    written = write(sighting(), tmp_path / "out", 2)
    names = [path.name for path in written]
    assert names == [
        "history.md",
        "history.json",
        "01-matmul_size=2048_torch-eager-cpu_fp32_t2.png",
        "02-transformer-layer_batch=8,seq=256,norm=post_torch-compile-cpu_fp32_t2.png",
    ]
    text = written[0].read_text(encoding="utf-8")
    assert all(f"({name})" in text for name in names[2:])


def test_a_picture_has_runs_levels_steps_and_the_band() -> None:
    trend = next(t for t in sighting().trends if t.history.kind.job.startswith("transformer-layer"))
    (ax,) = drawn(trend).axes
    kinds = {kind: [line for line in ax.lines if line.get_gid() == kind] for kind in ("run", "level", "step")}
    assert len(kinds["run"][0].get_xdata()) == 49
    assert [min(line.get_ydata()) for line in kinds["level"]] == pytest.approx([0.08, 0.088], rel=0.01)
    assert [min(line.get_xdata()) for line in kinds["step"]] == [30.5]
    (band,) = [c for c in ax.collections if c.get_gid() == "band"]
    low, high = band.get_datalim(ax.transData).intervaly
    assert low < 0.088 < high < 0.088 * 1.1
    assert ax.texts[0].get_text().strip() == "1.10×"


def test_an_unclear_history_is_drawn_without_a_band() -> None:
    trend = next(t for t in sighting().trends if t.history.kind.job.startswith("gpt2-forward"))
    (ax,) = drawn(trend).axes
    assert not [c for c in ax.collections if c.get_gid() == "band"]
