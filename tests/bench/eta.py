"""How well the time that a run should take is told, and how a budget is used: stored runs replayed by the plan itself.

    python -m tests.bench.eta [RUN]...

Costs, and the start of each round's interpreter, are those of the file; the order, what fits and the estimate are of
the engine of today. Each file is replayed whole, and in seeded selections of a dozen of its jobs. No round is replayed
that the file has not. A replay is honest where the estimate after a round is within a quarter of what then came.
"""

from __future__ import annotations

import random
import statistics
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest import mock

from benchsuite.catalog import workloads
from benchsuite.records import Job, Record, Request
from benchsuite.records.codec import to_data
from benchsuite.runner import execute
from benchsuite.runner.costs import WALL
from benchsuite.runner.plan import Plan, spread_on
from benchsuite.runner.stopping import RelativeWidth
from benchsuite.runner.zygote import Outcome
from benchsuite.store import Stored, read
from tests.runner import world
from tests.runner.world import World

BASELINES = sorted(Path("results/baselines").glob("*/*.jsonl"))
SELECTIONS, SIZE, HONEST = 50, 12, 0.25
BUDGETS = (0.2, 0.4, 0.6, 0.8)
ROUNDS = 3


class Replay(World):
    """A machine on which everything takes as long as it took when `stored` was measured."""

    def __init__(self, stored: Stored, jobs: Sequence[Job]) -> None:
        super().__init__()
        self._records = {(r.job.id, r.round): r for r in stored.records if WALL in r.counters}
        self._openings = openings(stored)
        self._jobs = jobs
        self.rounds_stored = 1 + max(r.round for r in self._records.values())

    def zygote(self, imports: Sequence[str], seed: int, environ: Mapping[str, str]) -> world.FakeZygote:
        self.opening = self._openings[seed % 1000]
        return super().zygote(imports, seed, environ)

    def cost(self, request: Request) -> float:
        return self._record(request).counters[WALL]

    def answer(self, request: Request) -> Outcome:
        return Outcome(to_data(self._record(request)), "", "")

    def go(self, stored: Stored, budget: float | None = None) -> float:
        """Replay it; seconds that it took."""
        settings = stored.run.settings
        kinds = {name: workload.kind for name, workload in workloads().items()}
        rule = RelativeWidth(settings.target_width, settings.min_rounds, self.rounds_stored)
        self.answers = dict.fromkeys((job.case.id for job in self._jobs), self.answer)
        plan = Plan(self._jobs, rule, settings.seed, kinds, spread=spread_on(stored.run.environment))
        with mock.patch.object(execute, "workers", self.zygote):
            self.go_on(plan, budget_seconds=budget)
        return self.now()

    def _record(self, request: Request) -> Record:
        assert request.job is not None
        return self._records[request.job.id, request.round]


def openings(stored: Stored) -> dict[int, float]:
    """Seconds before the first job of each round, since the round before ended or what cannot run was stored."""
    found = dict[int, float]()
    end = max([stored.run.started, *(r.started for r in stored.records if WALL not in r.counters)])
    records = sorted((r for r in stored.records if WALL in r.counters), key=lambda r: r.started)
    for record in records:
        found.setdefault(record.round, record.started - end)
        end = record.started + record.counters[WALL]
    return found


def measured(stored: Stored) -> list[Job]:
    """The jobs that came out in every round there is, so that each can be replayed."""
    rounds: dict[Job, int] = {}
    for record in stored.records:
        if record.status == "ok" and WALL in record.counters:
            rounds[record.job] = rounds.get(record.job, 0) + 1
    return [job for job, count in rounds.items() if count == max(rounds.values())]


def errors(replay: Replay, end: float) -> list[float]:
    """By how much the estimate after each of the first rounds was off, as a share of what then came."""
    said = [replay.forecasts[number] for number in range(min(ROUNDS, replay.rounds_stored - 1))]
    return [(left or 0.0) / (end - at) - 1 for at, left in said]


def whole(stored: Stored, jobs: Sequence[Job]) -> list[float]:
    replay = Replay(stored, jobs)
    end = replay.go(stored)
    for number, off in enumerate(errors(replay, end)):
        at, left = replay.forecasts[number]
        print(f"  after round {number + 1}: {left:.0f} s said, {end - at:.0f} s came, {100 * off:+.1f} %")
    return errors(replay, end)


def selections(stored: Stored, jobs: Sequence[Job]) -> None:
    draw = random.Random(0)
    found: list[list[float]] = []
    for _ in range(SELECTIONS):
        replay = Replay(stored, draw.sample(jobs, SIZE))
        found.append(errors(replay, replay.go(stored)))
    for number, offs in enumerate(zip(*found, strict=True)):
        sizes = sorted(abs(off) for off in offs)
        honest = sum(size <= HONEST for size in sizes)
        print(
            f"  {SELECTIONS} selections of {SIZE} jobs, after round {number + 1}: "
            f"median {100 * statistics.median(offs):+.1f} %, "
            f"nine of ten within {100 * sizes[int(0.9 * len(sizes))]:.1f} %, {honest} within {100 * HONEST:.0f} %"
        )


def budgets(stored: Stored, jobs: Sequence[Job]) -> bool:
    """What each budget buys; whether all were kept."""
    whole = Replay(stored, jobs).go(stored)
    kept = True
    for share in BUDGETS:
        replay = Replay(stored, jobs)
        end = replay.go(stored, share * whole)
        counts = list(Counter(record.job.id for record in replay.saved).values())
        full = sum(count == replay.rounds_stored for count in counts)
        print(
            f"  budget {share * whole:5.0f} s of {whole:.0f}: ended at {end:5.0f}; "
            f"of {len(jobs)} jobs {full} have all rounds, {len(counts) - full} some, {len(jobs) - len(counts)} none"
        )
        kept &= end <= share * whole
    return kept


def main(paths: Sequence[Path]) -> int:
    fine = True
    for path in paths:
        stored = read(path)
        jobs = measured(stored)
        print(f"{path}: {len(jobs)} jobs")
        fine &= all(abs(off) <= HONEST for off in whole(stored, jobs))
        selections(stored, jobs)
        fine &= budgets(stored, jobs)
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main([Path(path) for path in sys.argv[1:]] or BASELINES))
