"""Run a plan: a zygote a round, a worker a job, every record on disk before the next job starts."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import psutil

from benchsuite.catalog import backends, imports_of, workloads
from benchsuite.records import Job, Record, Request, Settings
from benchsuite.records.codec import from_data
from benchsuite.runner.allowance import Allowance
from benchsuite.runner.costs import WALL
from benchsuite.runner.forecast import left
from benchsuite.runner.plan import Plan
from benchsuite.runner.start import Workers, workers
from benchsuite.runner.watching import Telemetry
from benchsuite.runner.zygote import Outcome, ZygoteDied

_MEMORY_SHARE = 0.9


class Watcher(Protocol):
    """Is told what happens; never asked anything."""

    def started(self, job: Job, number: int, left: float | None) -> None:
        """A worker starts on `job`."""
        ...

    def finished(self, record: Record) -> None:
        """A record is on disk."""
        ...

    def round_done(self, number: int, seconds: float, left: float | None) -> None:
        """Round `number` took `seconds`; all that follows should take `left`."""
        ...


@dataclass(frozen=True)
class Context:
    """What every round shares. `now` is a monotonic clock in seconds; without `telemetry` nobody watches.

    Earlier sittings have measured for `before` seconds.
    """

    settings: Settings
    timeout: float
    save: Callable[[Record], None]
    watcher: Watcher
    environ: Mapping[str, str]
    now: Callable[[], float] = time.monotonic
    telemetry: Telemetry | None = None
    before: float = 0.0


@dataclass(frozen=True)
class _Sitting:
    """A plan, what its rounds share, and the time that it has."""

    plan: Plan
    context: Context
    allowance: Allowance

    def left(self, number: int) -> float:
        """Seconds that jobs of round `number` may take."""
        return self.allowance.left(beyond=number >= self.plan.rule.least)

    def over(self, number: int) -> bool:
        """Whether no time is left; never before the first job of all, so that even the smallest budget has a result."""
        return self.left(number) <= 0 and self.plan.started()


def execute(plan: Plan, context: Context) -> str:
    """Run until every job is measured enough; says what stopped it: `precision`, `rounds`, `time` or `budget`."""
    settings = context.settings
    allowance = Allowance(context.now, context.now(), settings.budget_seconds, settings.extra_seconds, context.before)
    sitting = _Sitting(plan, context, allowance)
    for number in range(plan.rule.most):
        if sitting.over(number):
            break
        if jobs := plan.affordable(plan.round(number), number, sitting.left(number)):
            begin = context.now()
            _round(sitting, jobs, number)
            context.watcher.round_done(number, context.now() - begin, left(plan, (), number, allowance))
    if any(plan.wants(job) for job in plan.jobs):
        return "time" if settings.budget_seconds is None else "budget"
    open_jobs = [h for h in plan.histories.values() if not h.ended and plan.rule.need(h.medians) > 1.0]
    return "rounds" if open_jobs else "precision"


def _round(sitting: _Sitting, jobs: Sequence[Job], number: int) -> None:
    """One round: a job that does not fit in what is left of the time is passed over, and the next may."""
    plan, context, waiting = sitting.plan, sitting.context, list(jobs)
    while waiting and not sitting.over(number):
        opened = context.now()
        try:
            with workers(imports_of(waiting), context.settings.seed * 1000 + number, context.environ) as zygote:
                idle = _idle_watts(waiting, context)
                plan.opening = context.now() - opened
                while waiting:
                    if sitting.left(number) >= plan.cost(waiting[0]) or not plan.started():
                        _job(sitting, zygote, waiting, number, idle)
                    else:
                        waiting.pop(0)
        except ZygoteDied as error:
            _finish(plan, failed(waiting.pop(0), number, str(error)), context)


def _idle_watts(jobs: Sequence[Job], context: Context) -> Mapping[str, float] | None:
    """Once a round, while the zygote waits: what energy is measured against. None where nobody asks."""
    if context.telemetry is None:
        return None
    return context.telemetry.idle(sorted({backends()[job.backend].device for job in jobs}))


def _job(sitting: _Sitting, zygote: Workers, waiting: list[Job], number: int, idle: Mapping[str, float] | None) -> None:
    plan, context, job = sitting.plan, sitting.context, waiting[0]
    context.watcher.started(job, number, left(plan, waiting, number, sitting.allowance))
    begin = context.now()
    rest = sitting.allowance.left() if plan.started() else math.inf
    request = dataclasses.replace(_request(plan, job, number, context.settings), idle_watts=idle)
    outcome, join = _watched(zygote, request, context, min(context.timeout, rest))
    waiting.pop(0)
    if outcome.late and rest < context.timeout:
        return  # That the budget ended says nothing of the job: no record, so that it is still to be measured.
    record = join(record_of(outcome, job, number))
    counters = {**record.counters, WALL: context.now() - begin}
    _finish(plan, dataclasses.replace(record, counters=counters), context)


def _watched(
    zygote: Workers, request: Request, context: Context, timeout: float
) -> tuple[Outcome, Callable[[Record], Record]]:
    """The worker's outcome, and how to join what was seen meanwhile to its record."""
    assert request.job is not None
    telemetry, device = context.telemetry, backends()[request.job.backend].device
    if telemetry is None:
        return zygote.ask(request, timeout), lambda record: record
    with telemetry.watch(device, request.job.threads) as watch:
        outcome = zygote.ask(request, timeout)
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
