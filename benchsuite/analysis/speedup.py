"""Speed-ups over plain PyTorch on the CPU, within one run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchsuite.analysis.estimate import Estimate, ratio
from benchsuite.analysis.summary import Summary
from benchsuite.records import Job

BASELINE = "torch-eager-cpu"


@dataclass(frozen=True)
class Speedup:
    """How many times faster than `over`, on the metric that was compared."""

    value: Estimate
    over: Job
    metric: str


def speedup(summary: Summary, others: Iterable[Summary]) -> Speedup | None:
    """Over the same case of `torch-eager-cpu` in the same precision, else in fp32, since a CPU has no tf32.

    The same number of threads is preferred, else the most. Time back to back is compared where both sides have it, else
    latency. None where there is no such baseline.
    """
    baselines = [o for o in others if o.job.backend == BASELINE and o.job.case.id == summary.job.case.id]
    baselines = [o for o in baselines if o.estimates and o.job.precision in (summary.job.precision, "fp32")]
    if not baselines or not summary.estimates:
        return None
    job = summary.job
    base = max(baselines, key=lambda o: (o.job.precision == job.precision, o.job.threads == job.threads, o.job.threads))
    for metric in ("time/throughput", "time/latency"):
        if metric in base.estimates and metric in summary.estimates:
            found = _ratio(base, summary, metric)
            return None if found is None else Speedup(found, base.job, metric)
    return None


def _ratio(base: Summary, summary: Summary, metric: str) -> Estimate | None:
    below, above = summary.estimates[metric], base.estimates[metric]
    if base.job.id == summary.job.id:
        return Estimate(1.0, 1.0, 1.0, below.rounds, below.samples)
    return ratio(above, below)
