"""What all recorded pairs of a job with a real slow-down say, by job and size."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchsuite.analysis.gate import Policy, confirm
from tests.bench.gate_score.bank import Bank
from tests.bench.gate_score.collect import Series, series
from tests.bench.gate_score.table import short

KINDS = ("own", "time", "work")


@dataclass(frozen=True)
class Slowed:
    """The pairs of one job that were slowed in one way: for each true change its series, 0 where there was none."""

    load: str
    workload: str
    kind: str
    sizes: dict[float, Series]


def slowed(bank: Bank) -> list[Slowed]:
    """Every job of the project's own duets."""
    found: dict[tuple[str, str, str], dict[float, Series]] = {}
    for item in series(bank):
        if item.schedule in KINDS:
            found.setdefault((item.load, item.schedule, item.workload), {})[item.injected] = item
    return [Slowed(load, workload, kind, sizes) for (load, kind, workload), sizes in sorted(found.items())]


def table(jobs: Sequence[Slowed]) -> str:
    """A Markdown table, a job a row and a true change a column: the ratio, its interval, and the verdict."""
    changes = sorted({change for job in jobs for change in job.sizes})
    header = ("job", "load", "pairs", *("same code" if not c else f"+{100 * c:g} %" for c in changes))
    lines = [header, ("---", "---", "---:", *["---:"] * len(changes))]
    for job in jobs:
        pairs = sorted({len(item.values) for item in job.sizes.values()})
        cells = (_cell(job.sizes[change]) if change in job.sizes else "" for change in changes)
        name = f"{short(job.workload)}, {job.kind}"
        lines.append((name, job.load, " to ".join(map(str, dict.fromkeys((pairs[0], pairs[-1])))), *cells))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(item: Series) -> str:
    """Ratio, interval and verdict; of fewer than four pairs the middle one and the ends, and no verdict."""
    found = confirm({"job": item.values}, Policy())["job"]
    if found.ratio is None or found.low is None or found.high is None:
        low, middle, high = (math.exp(f(item.values)) for f in (min, statistics.median, max))
        return f"{middle:.3f} [{low:.3f} to {high:.3f}]"
    return f"{found.ratio:.3f} ({found.low:.3f} to {found.high:.3f}) {found.outcome}"
