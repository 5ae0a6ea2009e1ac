"""Workers that are interpreters of their own, with real processes that import nothing heavy."""

from __future__ import annotations

import os
import platform
import select
import tempfile
from pathlib import Path

import pytest

from benchsuite.errors import UsageError
from benchsuite.records import Request, Settings, Survey
from benchsuite.records.codec import from_data
from benchsuite.runner import spawn, start
from benchsuite.runner.spawn import Spawner
from benchsuite.runner.zygote import Outcome, Zygote

PLUGIN = Path(__file__).parents[1] / "faults/plugin"
SURVEY = Request("survey", settings=Settings(("matmul/size=16",), ("torch-eager-cpu",)))
NOTHING = Request("survey", settings=Settings())
LONG = 60.0


def ask(module: str, timeout: float = LONG, request: Request = NOTHING, **environ: str) -> Outcome:
    """What becomes of a request to a worker that imports `module` first."""
    with Spawner([module], 0, {"PYTHONPATH": str(PLUGIN), **environ}) as workers:
        return workers.ask(request, timeout)


def test_a_spawned_worker_answers_as_a_forked_one_does() -> None:
    with Zygote([], 0, {}) as zygote:
        forked = zygote.ask(SURVEY, LONG)
    spawned = ask("json", request=SURVEY)
    assert spawned == forked
    assert [found.job.case.id for found in from_data(Survey, spawned.answer).jobs] == ["matmul/size=16"]


def test_what_is_printed_is_no_part_of_the_answer() -> None:
    outcome = ask("this")
    assert outcome.fault == ""
    assert "Explicit is better than implicit." in outcome.log


def test_an_interpreter_that_does_not_start_says_why() -> None:
    outcome = ask("json", PYTHONHASHSEED="no number")
    assert outcome.fault == "the worker ended with exit status 1"
    assert "PYTHONHASHSEED" in outcome.log


def test_one_that_ends_early_is_told_with_its_last_words() -> None:
    outcome = ask("misbehaving_import", MISBEHAVING_IMPORT="exits")
    assert (outcome.fault, outcome.log) == ("the worker ended with exit status 4", "no\ncheese at all\n")


def test_a_module_that_cannot_be_imported_is_passed_over() -> None:
    assert ask("misbehaving_import", MISBEHAVING_IMPORT="raises").fault == ""


def test_no_interpreter_at_all_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spawn.sys, "executable", str(tmp_path / "python"))
    assert ask("json").fault.startswith("no worker could be started: ")


def ends(pid: int) -> bool:
    """Whether a process is gone, or goes in good time."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 30.0)[0])
    finally:
        os.close(process)


def test_a_hang_is_killed_with_what_it_started(tmp_path: Path) -> None:
    """The module starts a process, and then waits for it."""
    (tmp_path / "starting.py").write_text(
        "import pathlib, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'], start_new_session=True)\n"
        f"pathlib.Path({str(tmp_path / 'child')!r}).write_text(str(child.pid))\n"
        "child.wait()\n",
        encoding="utf-8",
    )
    outcome = ask("starting", 2.0, PYTHONPATH=str(tmp_path))
    assert (outcome.fault, outcome.late) == ("hung: killed after 2 s", True)
    assert ends(int((tmp_path / "child").read_text(encoding="utf-8")))


def test_a_worker_ends_with_its_parent() -> None:
    environ = {**os.environ, "PYTHONPATH": str(PLUGIN), "MISBEHAVING_IMPORT": "hangs"}
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as log:
        worker = spawn._start(environ, answer, log)
        worker.stdin.write(b'{"imports": ["misbehaving_import"], "request": {"task": "probe"}}\n')
        worker.stdin.close()
        assert worker.wait(LONG) == 1


@pytest.mark.parametrize(
    ("system", "asked", "lacking", "why"),
    [
        ("Linux", "", None, None),
        ("Linux", "spawn", None, "BENCHSUITE_START asks for it"),
        ("Linux", "", "fork", "this Python has no os.fork"),
        ("Linux", "", "pidfd_open", "this Python has no os.pidfd_open"),
        ("Darwin", "", None, "Darwin has no fork that is safe once torch is imported"),
        ("Windows", "", "fork", "Windows has no fork that is safe once torch is imported"),
    ],
)
def test_workers_fork_on_linux_alone(
    monkeypatch: pytest.MonkeyPatch, system: str, asked: str, lacking: str | None, why: str | None
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setenv("BENCHSUITE_START", asked)
    if lacking is not None:
        monkeypatch.delattr(os, lacking)
    assert start.why_spawned() == why
    if why is None:
        start.must_fork()
        return
    assert isinstance(start.workers([], 0, {}), Spawner)
    with pytest.raises(UsageError, match="measure each side by `benchsuite run`"):
        start.must_fork()


def test_a_way_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHSUITE_START", "forkserver")
    with pytest.raises(UsageError, match="BENCHSUITE_START='forkserver' is no way to start workers"):
        start.workers([], 0, {})


def test_without_a_folder_for_temporary_files_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/no/such/folder"])
    monkeypatch.setattr(tempfile, "tempdir", None)
    with pytest.raises(UsageError, match="set TMPDIR to a folder that can be written"):
        start.workers([], 0, {})
