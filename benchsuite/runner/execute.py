"""Run a plan: a zygote a round, a worker a job, every record on disk before the next job starts."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import psutil

from benchsuite.catalog import backends, imports_of, workloads
from benchsuite.records import Job, Record, Request, Settings
from benchsuite.records.codec import from_data
from benchsuite.runner.plan import Plan
from benchsuite.runner.watching import Telemetry
from benchsuite.runner.zygote import Outcome, Zygote, ZygoteDied

_MEMORY_SHARE = 0.9


class Watcher(Protocol):
    """Is told what happens; never asked anything."""

    def started(self, job: Job, number: int, left: float | None) -> None:
        """A worker starts on `job`."""
        ...

    def finished(self, record: Record) -> None:
        """A record is on disk."""
        ...


@dataclass(frozen=True)
class Context:
    """What every round shares. `now` is a monotonic clock in seconds; without `telemetry` nobody watches."""

    settings: Settings
    timeout: float
    save: Callable[[Record], None]
    watcher: Watcher
    environ: Mapping[str, str]
    now: Callable[[], float] = time.monotonic
    telemetry: Telemetry | None = None


def execute(plan: Plan, context: Context) -> str:
    """Run until every job is measured enough; says what stopped it: `precision`, `rounds`, `time` or `budget`."""
    start = context.now()
    for number in range(plan.rule.most):
        jobs = plan.round(number)
        if not jobs:
            continue
        if not _round(plan, jobs, number, context, start):
            return "budget" if context.settings.budget_seconds is not None else "time"
    open_jobs = [h for h in plan.histories.values() if not h.ended and plan.rule.need(h.medians) > 1.0]
    return "rounds" if open_jobs else "precision"


def _round(plan: Plan, jobs: Sequence[Job], number: int, context: Context, start: float) -> bool:
    """One round; False where time ended it."""
    waiting = list(jobs)
    while waiting:
        try:
            with Zygote(imports_of(waiting), context.settings.seed * 1000 + number, context.environ) as zygote:
                idle = _idle_watts(waiting, context)
                while waiting:
                    if _out_of_time(plan, waiting[0], number, context, start):
                        return False
                    _job(plan, zygote, waiting, number, context, idle)
        except ZygoteDied as error:
            _finish(plan, failed(waiting.pop(0), number, str(error)), context)
    return True


def _idle_watts(jobs: Sequence[Job], context: Context) -> Mapping[str, float] | None:
    """Once a round, while the zygote waits: what energy is measured against. None where nobody asks."""
    if context.telemetry is None:
        return None
    return context.telemetry.idle(sorted({backends()[job.backend].device for job in jobs}))


def _job(
    plan: Plan,
    zygote: Zygote,
    waiting: list[Job],
    number: int,
    context: Context,
    idle: Mapping[str, float] | None,
) -> None:
    job = waiting[0]
    context.watcher.started(job, number, plan.left(waiting, number))
    begin = context.now()
    request = dataclasses.replace(_request(plan, job, number, context.settings), idle_watts=idle)
    outcome, join = _watched(zygote, request, context)
    waiting.pop(0)
    seconds = context.now() - begin
    plan.spent(job, seconds)
    record = join(record_of(outcome, job, number))
    counters = {**record.counters, "worker/wall_seconds": seconds}
    _finish(plan, dataclasses.replace(record, counters=counters), context)


def _watched(zygote: Zygote, request: Request, context: Context) -> tuple[Outcome, Callable[[Record], Record]]:
    """The worker's outcome, and how to join what was seen meanwhile to its record."""
    assert request.job is not None
    telemetry, device = context.telemetry, backends()[request.job.backend].device
    if telemetry is None:
        return zygote.ask(request, context.timeout), lambda record: record
    with telemetry.watch(device, request.job.threads) as watch:
        outcome = zygote.ask(request, context.timeout)
    return outcome, lambda record: telemetry.join(record, device, watch)


def _finish(plan: Plan, record: Record, context: Context) -> None:
    context.save(record)
    plan.learn(record)
    context.watcher.finished(record)


def record_of(outcome: Outcome, job: Job, number: int) -> Record:
    """The worker's own record, or one that says why there is none."""
    if outcome.fault:
        return failed(job, number, outcome.fault, outcome.log)
    try:
        record = from_data(Record, outcome.answer)
    except ValueError as error:
        return failed(job, number, f"the worker's answer is not a record: {error}", outcome.log)
    return record if record.status == "ok" else dataclasses.replace(record, log=record.log or outcome.log)


def failed(job: Job, number: int, reason: str, log: str = "") -> Record:
    """A record of a job that gave none."""
    definition = workloads()[job.case.workload].definition
    return Record(job, number, "failed", reason, started=time.time(), definition=definition, log=log)


def skipped(job: Job, reason: str) -> Record:
    """A record of a job that cannot run here."""
    definition = workloads()[job.case.workload].definition
    return Record(job, 0, "skipped", reason, started=time.time(), definition=definition)


def _request(plan: Plan, job: Job, number: int, settings: Settings) -> Request:
    on_host = backends()[job.backend].device == "cpu"
    return Request(
        "job",
        job,
        number,
        seed=settings.seed,
        sample_seconds=settings.sample_seconds,
        least_samples=settings.least_samples,
        iterations=plan.histories[job.id].iterations,
        # Device drivers map far more address space than they use, so that only host jobs can be held to a limit.
        memory_bytes=int(_MEMORY_SHARE * psutil.virtual_memory().available) if on_host else None,
    )


def _out_of_time(plan: Plan, job: Job, number: int, context: Context, start: float) -> bool:
    """Whether `job` would, as far as is known, end after the time that its round may use; a first one always starts."""
    if not any(history.seconds for history in plan.histories.values()):
        return False
    spent = context.now() - start
    limits = [context.settings.budget_seconds]
    if number >= plan.rule.least:
        limits.append(context.settings.extra_seconds)
    return any(limit is not None and spent + (plan.cost(job) or 0.0) > limit for limit in limits)
