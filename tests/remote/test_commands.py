"""Commands that take a stored run by its URL."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fsspec.implementations.memory import MemoryFileSystem

from benchsuite.cli.compare import command as compare
from benchsuite.errors import UsageError
from tests.archives import write_days, write_run
from tests.remote.server import serving


def test_compare_takes_urls_of_files_and_of_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    write_days(tmp_path / "before", {"matmul": [1.0, 1.001, 1.0]})
    after = write_run(tmp_path / "after.jsonl", {"matmul": 1.5}, day=9)
    (tmp_path / "empty").mkdir()
    with serving(tmp_path) as server:
        for base, candidate in (
            (f"{server.url}/before/", str(after)),
            (str(tmp_path / "before"), f"{server.url}/after.jsonl"),
        ):
            done = CliRunner().invoke(compare, [base, candidate, "--json"])
            assert done.exit_code == 1, done.output
            assert json.loads(done.stdout)["comparisons"]
        for url in (f"{server.url}/empty/", f"{server.url}/none.jsonl", f"{server.url}/none/"):
            done = CliRunner().invoke(compare, [url, str(after)])
            assert isinstance(done.exception, UsageError)
            assert url in str(done.exception)


def test_compare_reads_stores(tmp_path: Path) -> None:
    store = MemoryFileSystem()
    store.put(str(write_run(tmp_path / "a.jsonl", {"matmul": 1.0})), "/base/a.jsonl")
    after = write_run(tmp_path / "after.jsonl", {"matmul": 1.5}, day=9)
    done = CliRunner().invoke(compare, ["memory://base", str(after), "--json"])
    store.rm("/", recursive=True)
    assert done.exit_code == 1, done.output
    assert "memory://base/a.jsonl" in done.stdout
