"""The pytest plug-in: a fixture that measures a callable, or a workload, as a run does, beside pytest-benchmark's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from benchsuite.backend import DeviceTimer
    from benchsuite.records import Record, Run
    from benchsuite.workload import Phase

T = TypeVar("T")
_BACKEND, _PRECISION = "callable", "native"
_WORKER_SECONDS = 600.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where records go, and how long each is sampled."""
    group = parser.getgroup("benchsuite")
    group.addoption(
        "--benchsuite-output",
        type=Path,
        metavar="FILE",
        help="append what the benchsuite fixture measures to this run; each pytest process adds a round",
    )
    group.addoption(
        "--benchsuite-seconds", type=float, default=0.2, metavar="S", help="seconds of sampling, 0.2 by default"
    )


@dataclass(frozen=True)
class _Callable:
    """A session whose one phase is a call."""

    phases: tuple[Phase, ...]
    inputs: tuple[()] = ()
    synchronize: None = None
    device_timer: DeviceTimer | None = None


class Measure:
    """Measures one test's callable or workload. `record` is what was found, None before."""

    def __init__(self, name: str, seconds: float, keep: Callable[[Record], Record]) -> None:
        self._name, self._seconds, self._keep = name, seconds, keep
        self.record: Record | None = None

    def __call__(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Call `function` until its times are steady, then sample it; what it returned last.

        It is called many times with the same arguments, each time in this process and thread.
        """
        from benchsuite.records import Case, Job, Record, Request
        from benchsuite.worker.sampling import sampled
        from benchsuite.workload import Phase

        result: list[T] = []

        def run() -> None:
            result[:] = [function(*args, **kwargs)]

        job = Job(Case(self._name, {}), _BACKEND, _PRECISION, 1)
        empty = Record(job, 0, "ok", started=time.time())
        request = Request("job", job, sample_seconds=self._seconds)
        session: Any = _Callable((Phase(run),))
        self.record = self._keep(sampled(empty, session, "cpu", request))
        return result[0]

    def workload(
        self, pattern: str, backend: str = "torch-eager-cpu", precision: str = "fp32", threads: int = 1
    ) -> Record:
        """One round of one job, verified, in a fresh process; the test fails where it does not come out ok."""
        from benchsuite.catalog import imports_of, select
        from benchsuite.records import Request
        from benchsuite.runner.execute import record_of
        from benchsuite.runner.start import workers

        entries = select((pattern,), (backend,), (precision,), "quick", threads)
        if len(entries) != 1:
            pytest.fail(f"{pattern!r} on {backend!r} is {len(entries)} jobs: name one", pytrace=False)
        job = entries[0].job
        if entries[0].reason is not None:
            pytest.skip(f"{job.id}: {entries[0].reason}")
        with workers(imports_of([job]), 0, {"OMP_NUM_THREADS": str(threads)}) as zygote:
            outcome = zygote.ask(Request("job", job, sample_seconds=self._seconds), _WORKER_SECONDS)
        self.record = self._keep(record_of(outcome, job, 0))
        if self.record.status == "skipped":
            pytest.skip(f"{job.id}: {self.record.reason}")
        if self.record.status != "ok":
            pytest.fail(f"{job.id} was {self.record.status}: {self.record.reason}", pytrace=False)
        return self.record


@pytest.fixture
def benchsuite(request: pytest.FixtureRequest) -> Measure:
    """Measure a callable: `benchsuite(function, *args)`, or a workload: `benchsuite.workload("matmul/size=512")`."""
    output: Path | None = request.config.getoption("--benchsuite-output")
    found = request.config.stash.setdefault(_FOUND, [])

    def keep(record: Record) -> Record:
        kept = record if output is None else _append(output, record)
        found.append(kept)
        return kept

    return Measure(_name(request.node.nodeid), request.config.getoption("--benchsuite-seconds"), keep)


_FOUND = pytest.StashKey[list["Record"]]()


def _name(nodeid: str) -> str:
    """A test's id as a workload's name, in which slashes, commas and @ would mean something else."""
    return nodeid.replace("/", ".").replace("@", "(at)").replace(",", ";")


def _append(path: Path, record: Record) -> Record:
    """The record as one more round of the run in `path`, which is begun where there is none."""
    import dataclasses

    from benchsuite.errors import BenchsuiteError, UsageError
    from benchsuite.store import Writer, read

    here = _header()
    try:
        stored = read(path) if path.exists() else None
        if stored is not None and stored.run.environment.fingerprint != here.environment.fingerprint:
            raise UsageError(f"{path} was measured in another environment: name another file")
        rounds = [r.round for r in stored.records if r.job.id == record.job.id] if stored else []
        kept = dataclasses.replace(record, round=max(rounds, default=-1) + 1)
        with Writer(path) as writer:
            if stored is None:
                writer.append(here)
            writer.append(kept)
    except BenchsuiteError as error:
        pytest.fail(f"--benchsuite-output: {error}", pytrace=False)
    return kept


def _header() -> Run:
    from benchsuite import __version__
    from benchsuite.probe import environment
    from benchsuite.records import PROTOCOL, SCHEMA, Run, Settings

    return Run(SCHEMA, PROTOCOL, __version__, time.time(), Settings(preset="pytest"), environment())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """A line for what was measured; one process has no interval, and the line says so."""
    found = config.stash.get(_FOUND, [])
    if not found:
        return
    from benchsuite import harmless, units

    terminalreporter.section("benchsuite")
    for record in found:
        latency = record.measurement("time/latency")
        if latency is not None and latency.samples:
            codes = f"  [{', '.join(v.code for v in record.validity)}]" if record.validity else ""
            median = units.seconds(statistics.median(latency.samples))
            name = harmless.line(record.job.case.id)
            terminalreporter.write_line(f"{median:>10}  {name}  {len(latency.samples)} samples{codes}")
    output = config.getoption("--benchsuite-output")
    told = f"in {output}: run again for more rounds, then benchsuite compare" if output else "not stored"
    terminalreporter.write_line(f"Median of one process, which says nothing of how processes differ; {told}.")
