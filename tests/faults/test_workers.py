"""A worker that goes wrong costs its own job: one record with its reason, and the next job is well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchsuite.records import Job, Record, Request
from benchsuite.runner.execute import record_of as record_from
from benchsuite.runner.zygote import Zygote
from tests.faults.conftest import misbehaving

LONG = 60.0


@pytest.fixture(scope="module")
def children(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where workers write which processes they left behind."""
    return tmp_path_factory.mktemp("children") / "pids"


@pytest.fixture(scope="module")
def zygote(children: Path) -> Iterator[Zygote]:
    environ = {"MISBEHAVING_CHILDREN": str(children), "OMP_NUM_THREADS": "1"}
    with Zygote(["torch", "benchsuite.backends.torch_generation"], 0, environ) as zygote:
        yield zygote


def record_of(zygote: Zygote, job: Job, timeout: float = LONG, memory_bytes: int | None = None) -> Record:
    request = Request("job", job, sample_seconds=0.01, memory_bytes=memory_bytes)
    return record_from(zygote.ask(request, timeout), job, 0)


@pytest.fixture(autouse=True)
def next_is_well(zygote: Zygote) -> Iterator[None]:
    """After each of these tests the same zygote serves a job that is well."""
    yield
    record = record_of(zygote, misbehaving("behaves"))
    assert (record.status, record.reason) == ("ok", "")
    assert all(check.passed for check in record.checks)
    assert not psutil.Process(zygote._process.pid).children()


@pytest.mark.parametrize(
    ("how", "when", "reason", "last_words"),
    [
        ("raises", "build", "build: RuntimeError: out of", []),
        ("raises", "call", "reference: RuntimeError: out of", ["RuntimeError: out of\ncheese"]),
        ("raises_unprintable", "call", "the worker ended with exit status 1", ["Unprintable"]),
        ("exits", "build", "the worker ended with exit status 1", []),
        ("exits", "call", "the worker ended with exit status 1", ["SystemExit: 3"]),
        ("exits_silently", "call", "the worker's answer is not a record: ''", []),
        ("segfaults", "call", "the worker ended with SIGSEGV", ["last words", 'misbehaving.py", line']),
        ("meets_a_bus_error", "call", "the worker ended with SIGBUS", ["last words", 'misbehaving.py", line']),
        ("kills_itself", "build", "the worker ended with SIGKILL (out of memory?)", []),
        ("signals_itself_oddly", "build", "the worker ended with signal 37", []),
        ("garbles_answer", "call", "the worker's answer is not a record: '{garbage", []),
        ("answers_for_itself", "call", "the worker's answer is not a record: Record.job should be dict", []),
        ("closes_everything", "build", "the worker ended with exit status 1", []),
        ("answers_without_end", "call", "the worker's answer is longer than any record", []),
        ("prints_hundreds_of_megabytes", "call", "the worker ended with SIGSEGV", ["last words", "Segmentation fault"]),
    ],
)
def test_a_fault_is_a_failed_record_with_its_reason_and_last_words(
    zygote: Zygote, how: str, when: str, reason: str, last_words: list[str]
) -> None:
    record = record_of(zygote, misbehaving(how, when))
    assert record.status == "failed"
    assert record.reason.startswith(reason)
    assert record.job == misbehaving(how, when)
    assert record.definition
    assert [words for words in last_words if words not in record.log] == []


@pytest.mark.parametrize("how", ["raises", "loses_device"])
@pytest.mark.parametrize(
    ("when", "stage"),
    [("prepare", "prepare"), ("first", "first"), ("verify", "verify before"), ("measure", "measure")],
)
def test_an_exception_at_any_stage_is_a_failed_record(zygote: Zygote, how: str, when: str, stage: str) -> None:
    record = record_of(zygote, misbehaving(how, when, "misbehaving-cpu"))
    error = {
        "raises": "RuntimeError: out of",
        "loses_device": "AcceleratorError: CUDA error: unspecified launch failure",
    }
    assert (record.status, record.reason) == ("failed", f"{stage}: {error[how]}")
    assert "Traceback" in record.log


def test_what_cannot_run_is_skipped(zygote: Zygote) -> None:
    record = record_of(zygote, misbehaving("unsupported", "build"))
    assert (record.status, record.reason) == ("skipped", "there is no cheese here")


def test_nan_is_wrong(zygote: Zygote) -> None:
    record = record_of(zygote, misbehaving("is_nan"))
    assert record.status == "wrong"
    assert record.reason == "before timing, output: error nan is over 1e-05 against float64"
    assert record.measurement("time/latency") is None


def test_a_hang_is_killed_and_told(zygote: Zygote) -> None:
    record = record_of(zygote, misbehaving("hangs"), timeout=2.0)
    assert (record.status, record.reason) == ("failed", "hung: killed after 2 s")
    assert record.log == "waiting\n"


def test_memory_beyond_the_limit_is_refused(zygote: Zygote) -> None:
    record = record_of(zygote, misbehaving("allocates", "build"), memory_bytes=4 * 2**30)
    assert record.status == "failed"
    assert "can't allocate memory" in record.reason


def test_a_limit_that_leaves_room_is_no_hindrance(zygote: Zygote) -> None:
    assert record_of(zygote, misbehaving("behaves"), memory_bytes=8 * 2**30).status == "ok"


def test_printing_megabytes_does_no_harm(zygote: Zygote) -> None:
    record = record_of(zygote, misbehaving("prints_much", "build"))
    assert record.status == "ok"
    assert record.log == ""


def test_printing_and_answering_without_end_take_no_memory_of_the_zygote(zygote: Zygote) -> None:
    for how in ("prints_hundreds_of_megabytes", "answers_without_end"):
        record_of(zygote, misbehaving(how))
    high, now = (zygote_memory(zygote, field) for field in ("VmHWM", "VmRSS"))
    assert high - now < 80 * 2**20


def zygote_memory(zygote: Zygote, field: str) -> int:
    lines = Path(f"/proc/{zygote._process.pid}/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(field))


def test_threads_without_end_are_ended_by_the_memory_limit(zygote: Zygote) -> None:
    """Every thread has a stack, which counts."""
    record = record_of(zygote, misbehaving("starts_threads_without_end", "build"), memory_bytes=4 * 2**30)
    assert (record.status, record.reason) == ("failed", "build: RuntimeError: can't start new thread")


def test_threads_that_hang_go_with_their_worker(zygote: Zygote) -> None:
    record = record_of(zygote, misbehaving("hangs_with_threads", "build"), timeout=1.0)
    assert (record.status, record.reason) == ("failed", "hung: killed after 1 s")


def test_processes_that_fork_without_end_go_with_their_worker(zygote: Zygote) -> None:
    """However they leave for sessions of their own: the zygote has no child afterwards, and so no descendant."""
    record = record_of(zygote, misbehaving("forks_without_end", "build"))
    assert (record.status, record.reason) == ("failed", "build: RuntimeError: out of")


def test_a_clock_that_is_set_back_changes_no_duration(zygote: Zygote) -> None:
    record = record_of(zygote, misbehaving("steps_clock_back", "build"))
    assert record.status == "ok"
    assert all(sample > 0 for measurement in record.measurements for sample in measurement.samples)
    durations = {
        name: value for name, value in record.counters.items() if name.endswith("_seconds") or "stage/" in name
    }
    assert durations
    assert min(durations.values()) >= 0


@pytest.mark.parametrize("how", ["leaves_child", "leaves_daemon"])
def test_what_a_worker_started_goes_with_it(zygote: Zygote, children: Path, how: str) -> None:
    children.unlink(missing_ok=True)
    assert record_of(zygote, misbehaving(how, "build")).status == "ok"
    pids = [int(line) for line in children.read_text().split()]
    assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_job_leaves_no_file_open_in_the_zygote(zygote: Zygote) -> None:
    open_files = Path(f"/proc/{zygote._process.pid}/fd")
    before = set(open_files.iterdir())
    record_of(zygote, misbehaving("behaves"))
    assert set(open_files.iterdir()) == before
