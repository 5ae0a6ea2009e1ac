"""One job in, one record out."""

from __future__ import annotations

import dataclasses
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchsuite.backend import Backend, call
from benchsuite.catalog import backends, workloads
from benchsuite.errors import BenchsuiteError, Unsupported
from benchsuite.measure.turns import Partner
from benchsuite.records import Check, Measurement, Record, Request
from benchsuite.verify import Expectation, after_timing, before_timing, reference_of
from benchsuite.worker.sampling import sampled
from benchsuite.workload import Program, TrainStep, Workload

_LOG_TAIL = 4000


@dataclass
class _Stages:
    """Where the job is, and how long each finished stage took."""

    now: str = "start"
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.now = name
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def measure(request: Request, imported: dict[str, float], partner: Partner | None = None) -> Record:
    """Build, prepare, verify, warm up, sample, verify. Whatever goes wrong becomes a record with its reason."""
    assert request.job is not None
    job, stages = request.job, _Stages()
    workload, backend = workloads()[job.case.workload], backends()[job.backend]
    empty = Record(job, request.round, "failed", started=time.time(), seed=request.seed, definition=workload.definition)
    try:
        return _measure(request, empty, workload, backend, stages, imported, partner)
    except Unsupported as error:
        return dataclasses.replace(empty, status="skipped", reason=str(error))
    except BenchsuiteError as error:
        return dataclasses.replace(empty, reason=f"{stages.now}: {error}")
    except Exception as error:  # a stranger's workload or backend may raise anything
        reason = f"{stages.now}: {_named(error)}"
        return dataclasses.replace(empty, reason=reason, log=traceback.format_exc()[-_LOG_TAIL:])


def _measure(
    request: Request,
    record: Record,
    workload: Workload,
    backend: Backend,
    stages: _Stages,
    imported: dict[str, float],
    partner: Partner | None,
) -> Record:
    job = record.job
    with stages.stage("check"):
        backend.check()
    import torch

    def build() -> Program:
        torch.manual_seed(request.seed)
        return workload.build(job.case)

    with stages.stage("build"):
        program = build()
    with stages.stage("reference"):
        fresh = _fresh(program, build)
        reference = reference_of(program if fresh is build else fresh(), f"{workload.definition} {job.case.id}")
    expected = Expectation(reference, fresh, job.precision, workload.tolerance.get(job.precision), build)
    with stages.stage("prepare"):
        session = backend.prepare(program, job.precision, job.threads)
        del program
    with stages.stage("first"):
        call(session)
    with stages.stage("verify before"):
        checks = before_timing(session, expected)
    record = dataclasses.replace(
        record,
        work=workload.work(job.case),
        notes=session.notes,
        measurements=_stage_times(stages, imported, workload, backend),
    )
    if reason := _wrong(checks):
        return dataclasses.replace(record, status="wrong", reason=reason, checks=checks)
    with stages.stage("measure"):
        record = sampled(record, session, backend.device, request, partner)
    with stages.stage("verify after"):
        checks += after_timing(session, expected)
    reason = _wrong(checks)
    counters = {**record.counters, **{f"stage/{name}": s for name, s in stages.seconds.items()}}
    return dataclasses.replace(
        record, status="wrong" if reason else "ok", reason=reason, checks=checks, counters=counters
    )


def _fresh(program: Program, build: Callable[[], Program]) -> Callable[[], Program]:
    """The program as it was: for training built again, since its weights change, else with its inputs kept."""
    if isinstance(program, TrainStep):
        return build
    inputs: Any = tuple(x.clone() for x in program.inputs)
    kept = dataclasses.replace(program, inputs=inputs)
    return lambda: kept


def _stage_times(
    stages: _Stages, imported: dict[str, float], workload: Workload, backend: Backend
) -> tuple[Measurement, ...]:
    needed = dict.fromkeys((*backend.imports, *workload.imports))
    importing = sum(imported.get(module, 0.0) for module in needed)
    return (
        Measurement.of("time/import", (importing,)),
        *(Measurement.of(f"time/{name}", (stages.seconds[name],)) for name in ("build", "prepare", "first")),
    )


def _wrong(checks: tuple[Check, ...]) -> str:
    failed = [c for c in checks if not c.passed]
    if not failed:
        return ""
    first = failed[0]
    off = f"error {first.error:.3g} is over {first.tolerance:.3g} against {first.reference}"
    return f"{first.when} timing, {first.what}: {off}"


def _named(error: Exception) -> str:
    first = str(error).strip().split("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
