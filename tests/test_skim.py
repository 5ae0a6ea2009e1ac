"""Skimming says what reading fully says, or nothing."""

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchsuite import skim as skimming
from benchsuite.analysis.history import Columns, columns, values
from benchsuite.medians import read_medians
from benchsuite.records import PROTOCOL, SCHEMA, Measurement, Record, Run, Settings
from benchsuite.records.codec import to_data
from benchsuite.skim import skim
from tests.fakes import job, laptop
from tests.imports.documents import hyperfine, write

LATENCY = "time/latency"


def record(number: int, *samples: float, round: int = 0, **fields: Any) -> Record:
    measured = (Measurement.of("time/first", (1.0,)), Measurement.of(LATENCY, samples)) if samples else ()
    regular = {"definition": f"d{number}", "measurements": measured, "status": "ok", **fields}
    return Record(job("matmul", size=number), round, **regular)


REGULAR = [
    *(record(1, 0.3 + r, 0.1, 0.2, round=r) for r in range(4)),
    *(record(2, 0.5, 0.1 * (1 + r), round=r) for r in range(2)),
    record(2, round=2, status="failed", reason="no memory"),
    record(3, round=0, status="skipped", reason="not here"),
    record(4, 1.0),
    record(5),
]


def stored(path: Path, records: list[Record], seed: int = 0) -> Path:
    run = Run(SCHEMA, PROTOCOL, "0.1.0", 5.0, Settings(seed=seed), laptop())
    path.write_text("".join(json.dumps(to_data(line), separators=(",", ":")) + "\n" for line in (run, *records)))
    return path


def plain(found: Columns) -> tuple[Any, ...]:
    """Fit to be compared: NaN is NaN."""
    return found.kinds, found.logs, [repr(deviation) for deviation in found.deviations], found.rounds


@pytest.mark.parametrize("metric", [LATENCY, "time/first", "time/per_token"])
def test_regular_runs_are_read_as_fully(metric: str, tmp_path: Path) -> None:
    path = stored(tmp_path / "run.jsonl", REGULAR, seed=3)
    found, fully = skim(path, metric), read_medians(path, metric)
    assert found is not None
    assert found[0] == fully.run
    assert plain(found[1]) == plain(columns(values(fully)))
    assert len(found[1].kinds) == {LATENCY: 3, "time/first": 3, "time/per_token": 0}[metric]


IRREGULAR: dict[str, list[Record]] = {
    "a wrong round": [record(1, 0.1), record(1, 0.1, round=1, status="wrong", reason="off")],
    "a round twice": [record(1, 0.1), record(1, 0.1)],
    "two definitions": [record(1, 0.1), record(1, 0.1, round=1, definition="other")],
    "two units": [
        record(1, 0.1),
        record(1, round=1, measurements=(dataclasses.replace(Measurement.of(LATENCY, (1.0,)), unit="h"),)),
    ],
    "zero": [record(1, 0.0, 1.0)],
    "negative": [record(1, -1.0, 1.0)],
    "no number": [record(1, math.nan, 1.0)],
    "infinite": [record(1, math.inf, 1.0)],
    "no samples": [record(1, measurements=(Measurement.of(LATENCY, ()),))],
}


@pytest.mark.parametrize("name", IRREGULAR)
def test_irregular_records_are_left_to_full_reading(name: str, tmp_path: Path) -> None:
    assert skim(stored(tmp_path / "run.jsonl", [*REGULAR[4:], *IRREGULAR[name]]), LATENCY) is None


DAMAGE: dict[str, Callable[[str], str]] = {
    "empty": lambda text: "",
    "no end": lambda text: text.rstrip("\n"),
    "torn": lambda text: text[:-30],
    "not ASCII": lambda text: text.replace("matmul", "mätmul"),
    "no JSON": lambda text: text + "x\n",
    "a list": lambda text: text + "[]\n",
    "two on a line": lambda text: text.replace("}\n", "}", 2).replace("}{", "}\n{", 1),
    "two on a line and one empty": lambda text: "\n\n".join(
        text.replace("}\n", "}", 2).replace("}{", "}\n{", 1).split("\n", 2)
    ),
    "a line in two": lambda text: text.replace('{"job":', '{\n"job":', 1),
    "no time": lambda text: text.replace('"started":5.0', '"started":NaN', 1),
    "beyond time": lambda text: text.replace('"started":5.0', '"started":1e999', 1),
    "a large number": lambda text: text.replace("0.3,0.1", "1e999,0.1", 1),
    "a long number": lambda text: text.replace('"round":0', f'"round":{"9" * 10_000}', 1),
    "a surrogate": lambda text: text.replace("matmul", "\\ud800"),
    "too deep": lambda text: text + '{"a":' * 5000 + "1" + "}" * 5000 + "\n",
    "an empty line": lambda text: text + "\n",
    "another schema": lambda text: text.replace(f'"schema":"{SCHEMA}"', '"schema":"9.0"'),
    "a duet": lambda text: text.replace('{"schema"', '{"kind":"duet","schema"', 1),
    "a later field says duet": lambda text: text.replace('"started":5.0', '"started":5.0,"kind":"duet"', 1),
    "two spellings": lambda text: text.replace('"size":1}', '"size": 1}', 1),
    "half a header": lambda text: text.replace('"protocol"', '"protocols"', 1),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_files_are_left_to_full_reading(name: str, tmp_path: Path) -> None:
    path = stored(tmp_path / "run.jsonl", REGULAR)
    changed = DAMAGE[name](path.read_text())
    assert changed != path.read_text()
    path.write_text(changed, encoding="utf-8")
    assert skim(path, LATENCY) is None


def test_other_tools_and_large_files_are_not_skimmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert skim(write(tmp_path, hyperfine()), LATENCY) is None
    path = stored(tmp_path / "run.jsonl", REGULAR)
    assert skim(path, LATENCY) is not None
    monkeypatch.setattr(skimming, "_LARGEST", 100)
    assert skim(path, LATENCY) is None


def test_names_are_forgotten_before_they_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stored(tmp_path / "run.jsonl", REGULAR)
    first = skim(path, LATENCY)
    monkeypatch.setattr(skimming, "_MOST_NAMES", 2)
    monkeypatch.setattr(skimming, "_names", {})
    second = skim(path, LATENCY)
    assert first is not None
    assert second is not None
    assert plain(first[1]) == plain(second[1])
    assert len(skimming._names) <= 2
