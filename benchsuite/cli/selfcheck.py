"""`benchsuite selfcheck`: what the harness itself costs on this machine."""

from __future__ import annotations

import json
import math
import platform
import statistics
import time
from typing import Any

import click

from benchsuite import units
from benchsuite.analysis.estimate import estimate
from benchsuite.catalog import backends, select, workloads
from benchsuite.errors import BenchsuiteError
from benchsuite.probe import physical_cores_usable
from benchsuite.records import Job, Request
from benchsuite.records.codec import from_data
from benchsuite.records.record import Record
from benchsuite.runner.start import Workers, workers
from benchsuite.runner.zygote import Outcome

_TIMEOUT = 300.0
_EMPTY_JOBS = 10
_WATCHED_SECONDS = 5.0


@click.command(
    epilog="""\b
Examples:
  benchsuite selfcheck
  benchsuite selfcheck --json"""
)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(*, as_json: bool) -> None:
    """Measure the timer's step, an empty job, the harness against a bare loop, and the parent while a worker times."""
    found = _measure()
    if as_json:
        print(json.dumps(found, indent=1))
        return
    ratio, (low, high) = found["harness_over_bare"]["ratio"], found["harness_over_bare"]["interval"]
    print(f"timer floor          {units.seconds(found['timer_floor_seconds'])}")
    print(f"empty job            {units.seconds(found['empty_job_seconds'])} beyond its own measuring time")
    print(f"harness / bare loop  {ratio:.4f}  (95 % interval {low:.4f} to {high:.4f})")
    print(f"parent CPU           {units.percent(found['parent_cpu_share'])} of a core while a worker times")
    if (peak := found["parent_peak_bytes"]) is not None:
        print(f"parent memory        {units.size(peak)} at its highest")


def _measure() -> dict[str, Any]:
    trivial, real = _job("matmul/size=8"), _job("transformer-layer/batch=1,seq=64")
    imports = [*backends()[real.backend].imports, *workloads()["transformer-layer"].imports]
    with workers(list(dict.fromkeys(imports)), 0, {"OMP_NUM_THREADS": str(real.threads)}) as zygote:
        empty = [_empty_seconds(zygote, trivial) for _ in range(_EMPTY_JOBS + 1)][1:]
        answer = _answer(zygote.ask(Request("overhead", real), _TIMEOUT))
        share = _parent_share(zygote, trivial)
    logs = estimate([float(r) for r in answer["ratios"]], len(answer["ratios"]))
    return {
        "timer_floor_seconds": float(answer["timer_floor_seconds"]),
        "empty_job_seconds": statistics.median(empty),
        "harness_over_bare": {"ratio": logs.value, "interval": [logs.low or math.nan, logs.high or math.nan]},
        "parent_cpu_share": share,
        "parent_peak_bytes": _peak_bytes(),
    }


def _job(pattern: str) -> Job:
    (entry,) = select([pattern], ["torch-eager-cpu"], ["fp32"], "quick", physical_cores_usable())
    if entry.reason:
        raise BenchsuiteError(f"cannot check: {entry.reason}")
    return entry.job


def _empty_seconds(zygote: Workers, job: Job) -> float:
    """Wall seconds of an isolated trivial job less what it spent warming up and sampling."""
    start = time.perf_counter()
    outcome = zygote.ask(Request("job", job, sample_seconds=0.05), _TIMEOUT)
    wall = time.perf_counter() - start
    record = from_data(Record, _answer(outcome))
    return wall - record.counters["measure/wall_seconds"]


def _parent_share(zygote: Workers, job: Job) -> float:
    """This process's CPU time over wall time while a worker samples for some seconds."""
    cpu, start = time.process_time(), time.perf_counter()
    _answer(zygote.ask(Request("job", job, sample_seconds=_WATCHED_SECONDS), _TIMEOUT))
    return (time.process_time() - cpu) / (time.perf_counter() - start)


def _answer(outcome: Outcome) -> Any:
    if outcome.fault:
        raise BenchsuiteError(f"cannot check: {outcome.fault}\n{outcome.log}")
    return outcome.answer


def _peak_bytes() -> int | None:
    """Of this process; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024
