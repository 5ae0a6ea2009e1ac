"""How much time is said to be left, where it is known what comes."""

from __future__ import annotations

import math
import random

import pytest

from benchsuite.records import Request
from benchsuite.runner.plan import Plan
from benchsuite.runner.stopping import RelativeWidth
from benchsuite.runner.zygote import Outcome
from tests import fakes
from tests.runner.world import World, good

JOBS = [fakes.job("matmul", size=size) for size in range(1, 25)]
HONEST = 0.25
STAGES = {"stage/build": 0.5, "stage/reference": 0.25, "stage/prepare": 1.0}


class Caching(World):
    """A machine where a job's first round fills caches where they are cold, and rounds differ by `noise`."""

    def __init__(self, *, cold: bool, noise: float = 0.001, opening: float = 4.0) -> None:
        super().__init__(opening=opening)
        self.cold, self.noise = cold, noise
        self.answers = dict.fromkeys((job.case.id for job in JOBS), self.answer)
        self._draw = random.Random(1)

    def cost(self, request: Request) -> float:
        assert request.job is not None
        warm = float(1 + JOBS.index(request.job) % 6)
        return warm + (4.75 if self._fills(request) else 0.0)

    def answer(self, request: Request) -> Outcome:
        median = math.exp(self._draw.gauss(0, self.noise))
        counters, notes = dict(STAGES), {"onnx-cache": "warm"}
        if self._fills(request):
            counters |= {"stage/reference": 1.0, "stage/prepare": 5.0}
            notes = {"onnx-cache": "cold"}
        measured = (fakes.Measurement.of("time/latency", (median,)),)
        return good(request, measurements=measured, counters=counters, notes=notes)

    def errors(self) -> list[float]:
        """By how much each estimate but the last was off."""
        end = self.now()
        return [(left or 0.0) / (end - at) - 1 for at, left in self.forecasts.values() if end - at > 0]

    def _fills(self, request: Request) -> bool:
        return self.cold and request.round == 0


@pytest.fixture
def of(monkeypatch: pytest.MonkeyPatch) -> type[Caching]:
    """Worlds whose zygotes take the place of real ones."""
    init = Caching.__init__

    def patched(self: Caching, **changes: object) -> None:
        init(self, **changes)  # type: ignore[arg-type]
        monkeypatch.setattr("benchsuite.runner.execute.workers", self.zygote)

    monkeypatch.setattr(Caching, "__init__", patched)
    return Caching


def plan(least: int = 4, most: int = 4, target: float = 0.02, spread: float = 0.015) -> Plan:
    return Plan(JOBS, RelativeWidth(target, least, most), 0, spread=spread)


@pytest.mark.parametrize("cold", [True, False])
def test_what_filling_caches_took_is_not_expected_again(of: type[Caching], cold: bool) -> None:
    world = of(cold=cold)
    world.go_on(plan())
    assert len(world.saved) == 4 * len(JOBS)
    assert max(map(abs, world.errors())) < 0.05


def test_interpreters_count(of: type[Caching]) -> None:
    world = of(cold=False, opening=60.0)
    world.go_on(plan())
    assert max(map(abs, world.errors())) < 0.01


@pytest.mark.parametrize(("noise", "rounds"), [(0.001, 4), (0.06, 8)])
def test_rounds_beyond_the_least_are_seen_coming_where_the_machine_is_known(
    of: type[Caching], noise: float, rounds: int
) -> None:
    world = of(cold=True, noise=noise)
    world.go_on(plan(most=8, spread=noise))
    assert max(record.round for record in world.saved) == rounds - 1
    assert max(map(abs, world.errors()[:3])) < HONEST


@pytest.mark.parametrize("noise", [0.001, 0.06])
def test_and_where_it_is_not_from_two_rounds_on(of: type[Caching], noise: float) -> None:
    world = of(cold=True, noise=noise)
    world.go_on(plan(most=8, spread=0.015))
    assert max(map(abs, world.errors()[1:4])) < HONEST


def test_rounds_beyond_the_least_are_expected_to_end_with_their_time(of: type[Caching]) -> None:
    world = of(cold=True, noise=0.06)
    world.go_on(plan(most=20, spread=0.06), extra_seconds=700.0)
    assert 695.0 < world.now() <= 700.0
    assert max(map(abs, world.errors()[:4])) < 0.05


@pytest.mark.parametrize("budget", [150.0, 300.0, 450.0, 800.0])
def test_no_more_is_expected_than_the_budget_has(of: type[Caching], budget: float) -> None:
    world = of(cold=True, noise=0.06)
    world.go_on(plan(most=20, spread=0.06), budget_seconds=budget)
    assert world.now() <= budget
    assert max(map(abs, world.errors()[:3]), default=0.0) < HONEST


def test_a_run_that_is_gone_on_with_knows_at_once(of: type[Caching]) -> None:
    world = of(cold=True)
    known = plan()
    world.go_on(known, budget_seconds=220.0)
    begin, told = world.now(), len(world.told)
    world.go_on(known)
    first = next(line for line in world.told[told:] if line.startswith("started"))
    said = float(first.split(", ")[1].split()[0])
    assert said == pytest.approx(world.now() - begin - world.opening, rel=0.1)


def test_nothing_is_said_before_anything_is_known(of: type[Caching]) -> None:
    world = of(cold=False)
    world.go_on(plan())
    assert world.told[1].endswith("in 0, None left")
    assert world.forecasts[3][1] == 0.0


def test_failed_jobs_take_no_time(of: type[Caching]) -> None:
    world = of(cold=False)
    for job in JOBS[12:]:
        world.answers[job.case.id] = lambda request: good(request, status="failed", reason="no")
    world.go_on(plan())
    assert max(map(abs, world.errors())) < 0.01
