"""A zygote that goes wrong costs the job it worked on, and never the run."""

from __future__ import annotations

import itertools
import json
import os
import re
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from benchsuite.records import Job, Record, Request, Settings
from benchsuite.runner import zygote as module
from benchsuite.runner.execute import Context, execute
from benchsuite.runner.plan import Plan
from benchsuite.runner.stopping import RelativeWidth
from benchsuite.runner.zygote import Zygote, ZygoteDied
from benchsuite.store import Writer, read
from benchsuite.worker.descent import die_with, end
from tests import fakes
from tests.faults.conftest import misbehaving

PROBE = Request("job", misbehaving("behaves"))


class Silent:
    def started(self, job: Job, number: int, left: float | None) -> None: ...

    def finished(self, record: Record) -> None: ...

    def round_done(self, number: int, seconds: float, left: float | None) -> None: ...


def test_a_run_goes_on_after_its_zygote_was_killed(tmp_path: Path) -> None:
    jobs = [misbehaving(how) for how in ("kills_zygote", "behaves", "segfaults", "is_nan")]
    with Writer(tmp_path / "run.jsonl") as writer:
        writer.append(fakes.stored([]).run)
        plan = Plan(jobs, RelativeWidth(0.02, 1, 1), seed=0)
        execute(plan, Context(Settings(sample_seconds=0.01), 60.0, writer.append, Silent(), {}))
    records = {r.job.case.choice("how"): r for r in read(tmp_path / "run.jsonl").records}
    assert {how: r.status for how, r in records.items()} == {
        "kills_zygote": "failed",
        "behaves": "ok",
        "segfaults": "failed",
        "is_nan": "wrong",
    }
    assert records["kills_zygote"].reason.startswith("the zygote ended with SIGKILL")
    assert records["behaves"].measurement("time/latency") is not None


def import_zygote(how: str) -> Zygote:
    return Zygote(["json", "misbehaving_import", "no.such.module"], 0, {"MISBEHAVING_IMPORT": how})


def test_an_import_that_raises_is_left_to_the_job_that_needs_it() -> None:
    with import_zygote("raises") as zygote:
        assert zygote._process.poll() is None


def test_imports_that_print_much_do_no_harm() -> None:
    with import_zygote("prints") as zygote:
        assert zygote._process.poll() is None


def test_an_import_that_ends_the_interpreter_is_told_with_its_last_words() -> None:
    words = r"^the zygote ended with exit status 4: cheese at all$"
    with pytest.raises(ZygoteDied, match=words), import_zygote("exits"):
        pass


def test_an_import_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_START_SECONDS", 1.0)
    with pytest.raises(ZygoteDied, match=r"^the zygote gave no answer in 1 s$"), import_zygote("hangs"):
        pass


def test_a_zygote_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GRACE_SECONDS", 0.5)
    with Zygote([], 0, {}) as zygote:
        os.kill(zygote._process.pid, signal.SIGSTOP)
        with pytest.raises(ZygoteDied, match=r"gave no answer in 0\.5 s"):
            zygote.ask(PROBE, 60.0)


def test_a_zygote_that_was_killed_is_told() -> None:
    with Zygote([], 0, {}) as zygote:
        zygote._process.kill()
        zygote._process.wait()
        with pytest.raises(ZygoteDied, match="the zygote ended with SIGKILL"):
            zygote.ask(PROBE, 60.0)


def ends(process: int) -> bool:
    """Whether a process behind a file descriptor ends, in good time."""
    return bool(select.select([process], [], [], 30.0)[0])


@pytest.mark.parametrize("parent", ["closes", "is cut off"])
def test_nothing_is_left_when_the_parent_goes(parent: str) -> None:
    zygote = Zygote([], 0, {})
    zygote.start()
    zygote.ready()
    zygote.begin(Request("job", misbehaving("hangs", "build")))
    processes = [os.pidfd_open(pid) for pid in (zygote._worker, zygote._process.pid)]
    if parent == "closes":
        zygote.close()
    else:
        zygote._channel.close()
    assert all(map(ends, processes))
    for process in processes:
        os.close(process)
    zygote.close()


def fork(act: Callable[[], object]) -> int:
    """A process that does this, in an interpreter that has no threads."""
    if pid := os.fork():
        return pid
    try:
        act()
    finally:
        os._exit(0)


def test_a_worker_that_leads_no_group_yet_is_ended_all_the_same() -> None:
    pid = fork(signal.pause)
    assert end(pid) == -signal.SIGKILL
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)


def test_a_worker_whose_zygote_was_gone_before_leaves() -> None:
    """Linux tells of the death of a parent, not that it is dead."""
    pid = fork(lambda: die_with(os.getppid() + 1))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


def test_what_has_come_is_taken_however_late_it_is_read() -> None:
    """As after this process was stopped for longer than the timeout."""
    with Zygote([], 0, {}) as zygote:
        zygote.begin(Request("job", misbehaving("exits", "build")))
        assert select.select([zygote._channel], [], [], 60.0)[0]
        outcome = zygote.end(0.0)
    assert (outcome.late, outcome.fault) == (False, "the worker ended with exit status 1")


@pytest.mark.parametrize(
    ("said", "told"), [(b"{garbage\n", "message cannot be read: b'{garbage'"), (b"[" * 4096, "message has no end")]
)
def test_a_zygote_that_says_nonsense_is_given_up(said: bytes, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST_MESSAGE", 4000)
    with Zygote([], 0, {}) as zygote:
        ours, theirs = module.socket.socketpair()
        zygote._channel.close()
        zygote._channel = ours
        theirs.sendall(said)
        with theirs, pytest.raises(ZygoteDied, match=re.escape(told)):
            zygote._receive(30.0)


def test_an_interpreter_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(ZygoteDied, match=r"no interpreter could be started: .*No such file"):
        Zygote([], 0, {}, str(tmp_path / "python"))


def test_what_a_worker_started_goes_when_the_parent_closes_in_its_midst(tmp_path: Path) -> None:
    """Also what left for a session of its own."""
    children = tmp_path / "children"
    os.mkfifo(children)
    with Zygote([], 0, {"MISBEHAVING_CHILDREN": str(children)}) as zygote:
        zygote.begin(Request("job", misbehaving("leaves_daemon_and_hangs", "build")))
        process = os.pidfd_open(int(children.read_text()))
    with os.fdopen(process, "rb", buffering=0):
        assert ends(process)


def test_a_clock_that_is_set_back_changes_no_duration_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = itertools.count()
    monkeypatch.setattr(time, "time", lambda: 1.7e9 - 3600.0 * next(hours))
    records: list[Record] = []
    plan = Plan([misbehaving("raises", "build")], RelativeWidth(0.02, 1, 1), seed=0)
    execute(plan, Context(Settings(), 60.0, records.append, Silent(), {}))
    assert records[0].reason == "build: RuntimeError: out of"
    assert 0.0 < records[0].counters["worker/wall_seconds"] < 3600.0


def test_each_round_has_its_own_layout() -> None:
    first, same, other = (module.environment(seed, {"EXTRA": "1"}) for seed in (1, 1, 2))
    assert first == same
    assert first["PYTHONHASHSEED"] != other["PYTHONHASHSEED"]
    assert len(first["BENCHSUITE_PADDING"]) != len(other["BENCHSUITE_PADDING"])
    assert first["EXTRA"] == "1"


def test_a_message_comes_in_any_pieces() -> None:
    with Zygote([], 0, {}) as zygote:
        ours, theirs = module.socket.socketpair()
        zygote._channel.close()
        zygote._channel = ours
        line = json.dumps({"log": "x" * 100_000}).encode()
        theirs.sendall(line[:7])
        with pytest.raises(TimeoutError):
            zygote._receive(0.0)
        theirs.sendall(line[7:] + b"\n[1]\n")
        assert zygote._receive(30.0) == json.loads(line)
        assert zygote._receive(30.0) == [1]
        theirs.close()
