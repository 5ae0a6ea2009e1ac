"""A machine that runs a plan without processes and without time passing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchsuite.backends.fake import FakeClock
from benchsuite.records import Job, Record, Request, Settings
from benchsuite.records.codec import to_data
from benchsuite.runner.execute import Context, execute
from benchsuite.runner.plan import Plan
from benchsuite.runner.stopping import RelativeWidth
from benchsuite.runner.watching import Telemetry
from benchsuite.runner.zygote import Outcome
from tests import fakes

JOBS = [fakes.job("matmul", size=size) for size in (1, 2, 3)]
TIMEOUT = 60.0

Answer = Callable[[Request], Outcome]


def good(request: Request, **changes: Any) -> Outcome:
    """A worker's answer that is a good record."""
    assert request.job is not None
    record = dataclasses.replace(fakes.ok(request.job, None, {"time/latency": 0.01}), round=request.round, **changes)
    return Outcome(to_data(record), "", "printed")


@dataclasses.dataclass
class World:
    """A machine whose zygotes answer by `answers`, and where everything that happens is told.

    A zygote takes `opening` seconds to come up, a job what `cost` says, `seconds` unless it is told otherwise.
    """

    answers: dict[str, Answer] = dataclasses.field(default_factory=dict)
    births: list[Exception] = dataclasses.field(default_factory=list)
    seconds: float = 10.0
    opening: float = 0.0
    clock: FakeClock = dataclasses.field(default_factory=FakeClock)
    told: list[str] = dataclasses.field(default_factory=list)
    requests: list[Request] = dataclasses.field(default_factory=list)
    timeouts: list[float] = dataclasses.field(default_factory=list)
    saved: list[Record] = dataclasses.field(default_factory=list)
    imports: list[list[str]] = dataclasses.field(default_factory=list)
    seeds: list[int] = dataclasses.field(default_factory=list)
    forecasts: dict[int, tuple[float, float | None]] = dataclasses.field(default_factory=dict)
    telemetry: Telemetry | None = None

    def zygote(self, imports: Sequence[str], seed: int, environ: Mapping[str, str]) -> FakeZygote:
        """What takes the place of a round's interpreter."""
        self.imports.append(list(imports))
        self.seeds.append(seed)
        self.told.append("born")
        if self.births:
            raise self.births.pop(0)
        self.clock.advance(self.opening)
        return FakeZygote(self)

    def cost(self, request: Request) -> float:
        """Seconds that a worker takes for `request`."""
        del request
        return self.seconds

    def save(self, record: Record) -> None:
        """Take what would go to disk."""
        self.saved.append(record)
        self.told.append(f"saved {record.job.case.id}")

    def started(self, job: Job, number: int, left: float | None) -> None:
        """Be told as a watcher is."""
        self.told.append(f"started {job.case.id} in {number}, {left} left")

    def finished(self, record: Record) -> None:
        """Be told as a watcher is."""
        self.told.append(f"finished {record.job.case.id}")

    def round_done(self, number: int, seconds: float, left: float | None) -> None:
        """Be told as a watcher is."""
        self.told.append(f"round {number} took {seconds}")
        self.forecasts[number] = self.now(), left

    def now(self) -> float:
        """Seconds."""
        return self.clock.read() / 1e9

    def run(self, jobs: Sequence[Job] = JOBS, least: int = 1, most: int = 1, **settings: Any) -> str:
        """A run of `jobs` from its beginning; what stopped it."""
        plan = Plan(jobs, RelativeWidth(0.02, least, most), 0)
        return self.go_on(plan, **settings)

    def go_on(self, plan: Plan, before: float = 0.0, **settings: Any) -> str:
        """A run by `plan`, whatever that knows already."""
        return execute(plan, self.context(before, **settings))

    def context(self, before: float = 0.0, **settings: Any) -> Context:
        """What its rounds share."""
        return Context(Settings(**settings), TIMEOUT, self.save, self, {}, self.now, self.telemetry, before)

    def statuses(self) -> dict[str, str]:
        """How jobs came out last."""
        return {r.job.case.id: r.status for r in self.saved}

    def rounds(self) -> dict[str, list[int]]:
        """Which rounds were measured of what, by case."""
        found: dict[str, list[int]] = {}
        for record in self.saved:
            found.setdefault(record.job.case.id, []).append(record.round)
        return found


class FakeZygote:
    """Answers in no time but that of the world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __enter__(self) -> FakeZygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.told.append("closed")

    def ask(self, request: Request, timeout: float) -> Outcome:
        """The world's answer, or that the worker was killed after `timeout` seconds."""
        assert request.job is not None
        assert 0 < timeout <= TIMEOUT
        world = self.world
        world.requests.append(request)
        world.timeouts.append(timeout)
        cost = world.cost(request)
        world.clock.advance(min(cost, timeout))
        if cost > timeout:
            return Outcome(None, f"hung: killed after {timeout:g} s", "tail", late=True)
        return world.answers.get(request.job.case.id, good)(request)
