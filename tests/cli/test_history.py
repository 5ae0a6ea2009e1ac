"""`history` as a user runs it: what it prints and writes, and its exit status."""

import json
import os
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchsuite.cli.history import command
from tests.archives import write_days, write_run
from tests.imports.documents import hyperfine, write
from tests.remote.server import serving

RUNS = 12


def history(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments])


def steady(count: int, seed: int = 0) -> list[float]:
    draw = random.Random(seed)
    return [1 + draw.gauss(0, 0.002) for _ in range(count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_days(tmp_path / "runs", {"matmul": steady(RUNS), "softmax": steady(RUNS, seed=1)})
    return tmp_path / "runs"


def test_without_a_change_the_status_is_0(folder: Path) -> None:
    done = history(folder)
    assert done.exit_code == 0, done.output
    assert "2 same: 2 histories in 12 runs." in done.stdout
    assert history(folder, "--strict").exit_code == 0


def test_a_confirmed_change_is_status_1(folder: Path) -> None:
    for day in (RUNS, RUNS + 1):
        write_run(folder / f"{day:03d}.jsonl", {"matmul": 1.2, "softmax": 1.0}, day)
    done = history(folder)
    assert done.exit_code == 1
    assert "slower" in done.stdout
    assert "matmul@torch-eager-cpu/fp32/t2" in done.stdout
    assert "softmax" not in done.stdout


def test_one_run_alone_is_only_strictly_a_status(folder: Path) -> None:
    write_run(folder / "new.jsonl", {"matmul": 1.2, "softmax": 1.0}, RUNS)
    assert history(folder).exit_code == 0
    assert history(folder, "--strict").exit_code == 3


def test_a_smaller_effect_can_be_asked_for(folder: Path) -> None:
    for day in (RUNS, RUNS + 1):
        write_run(folder / f"{day:03d}.jsonl", {"matmul": 1.02, "softmax": 1.0}, day)
    assert history(folder).exit_code == 0
    assert history(folder, "--minimum-effect", "1%").exit_code == 1


def test_too_few_runs_are_status_3_when_strict(tmp_path: Path) -> None:
    write_days(tmp_path, {"matmul": steady(4)})
    assert history(tmp_path).exit_code == 0
    assert history(tmp_path, "--strict").exit_code == 3


def test_nothing_measured_is_status_5(tmp_path: Path) -> None:
    assert history(tmp_path).exit_code == 5
    path = write_run(tmp_path / "run.jsonl", {"matmul": 1.0})
    done = history(path, "--metric", "time/per_token")
    assert done.exit_code == 5
    assert "nothing measured" in done.stdout


@pytest.mark.parametrize("anchor", ["000.jsonl", "000", "000c0ff"])
def test_an_anchor_is_a_file_its_name_or_a_commit(anchor: str, tmp_path: Path) -> None:
    creeping = [x + 0.045 * i / 39 for i, x in enumerate(steady(40))]
    write_days(tmp_path, {"matmul": creeping})
    assert history(tmp_path).exit_code == 0
    done = history(tmp_path, "--anchor", anchor)
    assert done.exit_code == 1, done.output
    assert "against the anchor" in " ".join(done.stdout.split())


def test_an_anchor_may_lie_elsewhere(folder: Path, tmp_path: Path) -> None:
    elsewhere = write_run(tmp_path / "release.jsonl", {"matmul": 0.9, "softmax": 1.0}, -5)
    assert history(folder, "--anchor", elsewhere).exit_code == 1
    stranger = write_run(tmp_path / "stranger.jsonl", {"rnn": 0.9}, -5)
    done = history(folder, "--anchor", stranger)
    assert done.exit_code == 0
    assert "note: no job is both in the anchor" in done.stderr


def test_an_unknown_anchor_is_refused(folder: Path) -> None:
    done = history(folder, "--anchor", "v9")
    assert "no run is of the anchor 'v9'" in str(done.exception)


def test_in_a_folder_other_files_are_left_out_with_a_note(folder: Path) -> None:
    for number in range(7):
        (folder / f"x{number}.json").write_text("{}")
    done = history(folder)
    assert done.exit_code == 0
    assert done.stderr.count("note: left out") == 5
    assert "note: 2 more files were left out" in done.stderr
    assert "neither a stored run" in str(history(folder / "x0.json").exception)


def test_json_is_all_that_is_printed(folder: Path) -> None:
    data = json.loads(history(folder, "--json").stdout)
    assert data["runs"] == RUNS
    assert {h["state"] for h in data["histories"]} == {"same"}


def test_files_are_written_where_asked(folder: Path, tmp_path: Path) -> None:
    for day in (RUNS, RUNS + 1):
        write_run(folder / f"{day:03d}.jsonl", {"matmul": 1.2, "softmax": 1.2}, day)
    done = history(folder, "--output", tmp_path / "out", "--pictures", "1")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(names) == 3
    assert all(name in done.stdout for name in names)
    (tmp_path / "file").write_text("")
    assert "choose another --output" in str(history(folder, "--output", tmp_path / "file").exception)


def test_other_tools_have_histories_too(tmp_path: Path) -> None:
    for day, seconds in enumerate([*steady(12), 1.3, 1.3]):
        path = write(tmp_path, hyperfine(results=[{"command": "make", "median": seconds}]), f"{day:02d}.json")
        os.utime(path, (day * 100.0, day * 100.0))
    done = history(tmp_path)
    assert done.exit_code == 1
    assert "make" in done.stdout


def test_a_copy_of_a_run_counts_once_and_may_be_the_anchor(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "v1.jsonl"
    copy.write_bytes((folder / "000.jsonl").read_bytes())
    done = history(folder, copy, "--anchor", "v1", "--json")
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert data["runs"] == RUNS
    assert all(h["anchor"]["state"] == "same" for h in data["histories"])


def test_wrong_usage_is_told_in_words(folder: Path) -> None:
    assert "Examples:" in history("--help").stdout
    assert history().exit_code == 2
    assert "did you mean time/latency" in str(history(folder, "--metric", "time/latncy").exception)
    assert "write 0.02 or 2%" in history(folder, "--minimum-effect", "3").stderr
    assert "cannot read" in str(history(folder / "missing.jsonl").exception)


def test_a_url_is_followed_as_a_folder_is(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    here = json.loads(history(folder, "--json").stdout)
    with serving(tmp_path) as server:
        there = json.loads(history(f"{server.url}/runs/", "--json").stdout)
        anchored = json.loads(history(folder, "--anchor", f"{server.url}/runs/000.jsonl", "--json").stdout)
        asked = len([path for method, path, _ in server.asked if method == "GET"])
        again = json.loads(history(f"{server.url}/runs/", "--json").stdout)
        assert (
            len([path for method, path, _ in server.asked if method == "GET"]) == asked + 2
        )  # the page of links, to see what it is and to read it
        (folder / "x.json").write_text("{}")
        assert "note: left out: http" in history(f"{server.url}/runs/").stderr
        assert "runs/x.json, line 1: neither" in str(history(f"{server.url}/runs/x.json").exception)
        assert "HTTP 404" in str(history(f"{server.url}/runs/none.jsonl").exception)
        assert "HTTP 404" in str(history(f"{server.url}/none/").exception)
        (tmp_path / "empty").mkdir()
        assert history(f"{server.url}/empty/").exit_code == 5
    assert all(h["anchor"]["state"] == "same" for h in anchored["histories"])
    assert there == again
    for found in (here, there):
        for one in found["histories"]:
            one["first"]["file"] = one["last"]["file"] = Path(one["last"]["file"]).name
    assert there == here


def test_a_file_url_is_a_path(folder: Path) -> None:
    assert json.loads(history(folder.as_uri(), "--json").stdout)["runs"] == RUNS


def test_of_a_url_nothing_secret_is_told(folder: Path) -> None:
    with serving(folder) as server:
        url = server.url.replace("//", "//me:secret@") + "/none.jsonl?sig=secret"
        for arguments in ((url,), (folder, "--anchor", url), (folder, "--anchor", "v9")):
            assert "secret" not in str(history(*arguments).exception)
