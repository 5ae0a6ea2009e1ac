"""Which jobs an environment has, asked in the environment itself."""

from __future__ import annotations

from benchsuite.catalog import Entry, backends, imports_of, select, workloads
from benchsuite.errors import UsageError
from benchsuite.probe import environment
from benchsuite.records import Found, Request, Settings, Survey
from benchsuite.workload import HostTask


def survey(request: Request) -> Survey:
    """The jobs of the request's settings and where this is; of patterns that are not known here, what is amiss."""
    assert request.settings is not None
    jobs: dict[str, Found] = {}
    refusals: dict[str, str] = {}
    for pattern in request.settings.patterns:
        try:
            entries = _entries(request.settings, pattern)
        except UsageError as error:
            refusals[pattern] = str(error)
            continue
        jobs |= {entry.job.id: _found(entry) for entry in entries}
    return Survey(environment(), tuple(jobs.values()), refusals)


def _entries(s: Settings, pattern: str) -> tuple[Entry, ...]:
    return select((pattern,), s.backends, s.precisions, s.preset, s.threads)


def _found(entry: Entry) -> Found:
    workload = workloads()[entry.job.case.workload]
    device = backends()[entry.job.backend].device
    alone = not issubclass(workload.program, HostTask)
    return Found(entry.job, workload.definition, tuple(imports_of([entry.job])), device, alone, entry.reason)
