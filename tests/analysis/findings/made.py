"""Summaries made up for findings: jobs with given times, and what a whole sweep of the preset might come to."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from benchsuite.analysis import Ceilings, Summary, ceilings, summarize
from benchsuite.analysis.findings import Finding, findings
from benchsuite.catalog import workloads
from benchsuite.records import Case, Job, Record, Work
from tests.fakes import rounds

Timed = tuple[Job, float, Work | None]
CPU = ("torch-eager-cpu", "torch-compile-cpu", "onnxruntime-cpu")


def summaries_of(timed: Iterable[Timed], precise: bool = True) -> tuple[Summary, ...]:
    """Five rounds of each job, which scatter by about 1 %; one round without intervals unless `precise`."""
    records: list[Record] = []
    for job, time, work in timed:
        records += rounds(job, work, {"time/latency": time, "time/throughput": time}, 5 if precise else 1)
    return summarize(records)


def said(summaries: Sequence[Summary]) -> dict[str, Finding]:
    """Findings by name."""
    return {f.name: f for f in findings(summaries, ceilings(summaries))}


def told(name: str, *timed: Timed, precise: bool = True) -> Finding:
    """One finding of some jobs."""
    return said(summaries_of(timed, precise))[name]


def swept(backends: Sequence[str], time: Callable[[Job, Work], float]) -> tuple[tuple[Summary, ...], Ceilings]:
    """The preset `sweep` on some backends in fp32, each job taking `time`; what is cold is so in the first round."""
    records: list[Record] = []
    for case, everywhere in _cases():
        for backend in backends:
            job = Job(case, backend, "fp32", 2)
            if everywhere or not backend.endswith("-cpu"):
                records += _rounds(job, workloads()[case.workload].work(case), time)
    summaries = summarize(records)
    return summaries, ceilings(summaries)


def _rounds(job: Job, work: Work, time: Callable[[Job, Work], float]) -> list[Record]:
    seconds, eager = time(job, work), "eager" in job.backend
    times = {"time/latency": seconds, "time/throughput": seconds, "time/prepare": 0.01 if eager else 2.0}
    made = rounds(job, work, times, 4)
    notes = [{} if eager else {"compile-cache": state} for state in ("cold", "warm", "warm", "warm")]
    return [dataclasses.replace(r, notes=n) for r, n in zip(made, notes, strict=True)]


def _cases() -> Iterable[tuple[Case, bool]]:
    for workload in workloads().values():
        for grids, everywhere in ((workload.presets, True), (workload.accelerated, False)):
            if "sweep" in grids:
                yield from ((case, everywhere) for case in workload.cases(grids["sweep"]))
