"""How long the rest of a run should take: what jobs cost, how many rounds each should come to, what time there is."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchsuite.records import Job
from benchsuite.runner.allowance import Allowance
from benchsuite.runner.plan import Plan


def left(plan: Plan, waiting: Sequence[Job], number: int, allowance: Allowance) -> float | None:
    """Seconds until measuring should end, `waiting` being the rest of round `number`; None before anything is known."""
    if not plan.started():
        return None
    certain, beyond = _later(plan, {job.id for job in waiting})
    here = sum(plan.cost(job) for job in waiting)
    if number < plan.rule.least:
        certain += here
    else:
        beyond += here
    room = allowance.left(beyond=True) - certain
    return max(0.0, min(certain + max(0.0, min(beyond, room)), allowance.left()))


def _later(plan: Plan, here: set[str]) -> tuple[float, float]:
    """Seconds of the rounds after this one, up to the least and beyond it, where those of `here` are yet to be done."""
    certain = beyond = 0.0
    most_certain = most = 0
    spread = plan.usual_spread()
    for job in plan.jobs:
        history = plan.histories[job.id]
        if history.ended:
            continue
        done = len(history.medians) + (job.id in here)
        cases = [max(0, rounds - done) for rounds in plan.rule.expected(history.medians, spread)]
        needed = min(*cases, max(0, plan.rule.least - done))
        certain += needed * plan.cost(job)
        beyond += (statistics.fmean(cases) - needed) * plan.cost(job)
        most_certain, most = max(most_certain, needed), max(most, *cases)
    return certain + most_certain * plan.opening, beyond + (most - most_certain) * plan.opening
