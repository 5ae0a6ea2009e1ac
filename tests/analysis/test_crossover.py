"""Break-even and pay-off: places worked by hand, intervals that cover, and what moving data adds."""

import pytest

from benchsuite.analysis import Ceilings, Summary, ceilings, summarize
from benchsuite.analysis.crossover import break_even, overtakings, pay_off
from benchsuite.records import Record, Work
from tests.analysis.sweeps import points
from tests.analysis.test_transfer import transfers
from tests.fakes import job, rounds

DOUBLINGS = (64, 128, 256, 512, 1024)


def test_times_cross_where_their_laws_do() -> None:
    found = break_even(points(lambda n: n, DOUBLINGS), points(lambda n: 300.0, DOUBLINGS, seed=1))
    assert found is not None
    assert (found.outcome, found.surely_from, found.places) == ("from", 512, DOUBLINGS)
    assert found.at is not None
    assert found.at.value == pytest.approx(300, rel=0.05)
    assert found.at.low is not None
    assert found.at.high is not None
    assert 250 < found.at.low < 300 < found.at.high < 350


@pytest.mark.parametrize(("there", "outcome"), [(1.0, "always"), (1e5, "never")])
def test_one_side_may_be_faster_throughout(there: float, outcome: str) -> None:
    found = break_even(points(lambda n: n, DOUBLINGS), points(lambda n: there, DOUBLINGS))
    assert found is not None
    assert (found.outcome, found.at) == (outcome, None)


def test_what_overlaps_cannot_be_told() -> None:
    found = break_even(points(lambda n: n, DOUBLINGS, 0.3), points(lambda n: n, DOUBLINGS, 0.3, seed=1))
    assert found is not None
    assert found.outcome == "cannot tell"


def test_only_common_places_count() -> None:
    found = break_even(points(lambda n: n, (1, 2, 4)), points(lambda n: 1e-3, (4, 8)))
    assert found is not None
    assert found.places == (4,)
    assert break_even(points(lambda n: n, (1, 2)), points(lambda n: n, (4,))) is None


def test_intervals_cover_the_place() -> None:
    covered = told = 0
    for seed in range(300):
        a = points(lambda n: n / 300, DOUBLINGS, 0.03, seed=2 * seed)
        b = points(lambda n: (n / 300) ** 0.5, DOUBLINGS, 0.03, seed=2 * seed + 1)
        found = break_even(a, b)
        if found is not None and found.at is not None and found.at.low is not None and found.at.high is not None:
            told += 1
            covered += found.at.low < 300 < found.at.high
    assert told > 280
    assert covered >= 0.93 * told


def products(backend: str, scale: float, power: float) -> list[Record]:
    return [
        record
        for n in DOUBLINGS
        for record in rounds(job("matmul", backend, size=n), Work(1, "products"), {"time/latency": scale * n**power})
    ]


def run(*records: list[Record]) -> tuple[tuple[Summary, ...], Ceilings]:
    summaries = summarize([r for some in records for r in some])
    return summaries, ceilings(summaries)


def test_the_accelerator_pays_for_moving() -> None:
    here, there = products("torch-eager-cpu", 1e-9, 3), products("torch-eager-cuda", 1e-3, 0)
    (free,) = overtakings(*run(here, there))
    (paid,) = overtakings(*run(here, there, transfers(0.05)))
    assert (free.axis, free.kind, free.transfer, paid.transfer) == ("size", "cuda", "not known", "included")
    assert free.break_even.at is not None
    assert paid.break_even.at is not None
    assert free.break_even.at.value == pytest.approx(100, rel=0.02)
    # 12 n^2 B at 2^20 B in 0.05 s take as long as n^3 ns near n = 572, with the launch of 1 ms near 578.
    assert paid.break_even.at.value == pytest.approx(578, rel=0.05)


def test_the_fastest_backend_of_each_side_counts() -> None:
    slow, fast = products("torch-eager-cpu", 1e-6, 1), products("onnxruntime-cpu", 1e-7, 1)
    (found,) = overtakings(*run(slow, fast, products("torch-eager-cuda", 1e-5, 0)))
    assert {p.job.backend for p in found.cpu} == {"onnxruntime-cpu"}
    assert found.break_even.at is not None
    assert found.break_even.at.value == pytest.approx(100, rel=0.05)


def prepared(time: float, prepare: float, note: str | None = "compile-cache") -> Summary:
    records = rounds(job(backend="torch-compile-cpu"), None, {"time/latency": time, "time/prepare": prepare / 10}, 4)
    cold = rounds(job(backend="torch-compile-cpu"), None, {"time/latency": time, "time/prepare": prepare}, 1)
    states = ["cold", "warm", "warm", "warm"]
    marked = [
        Record(**{**vars(r), "notes": {note: state} if note else {}})
        for r, state in zip([*cold, *records[1:]], states, strict=True)
    ]
    return summarize(marked)[0]


EAGER = summarize(rounds(job(), None, {"time/latency": 1.0, "time/prepare": 0.5}, 4))[0]


def test_preparation_is_paid_back_by_what_each_run_saves() -> None:
    found = pay_off(EAGER, prepared(0.5, 10.5))
    assert found is not None
    assert found.outcome == "after"
    assert found.runs is not None
    assert found.runs.value == pytest.approx(20, rel=0.05)
    assert found.runs.low is not None
    assert found.runs.high is not None
    assert found.runs.low < 20 < found.runs.high


@pytest.mark.parametrize(
    ("time", "prepare", "outcome"), [(2.0, 10.0, "never"), (1.0, 10.0, "cannot tell"), (0.5, 0.01, "at once")]
)
def test_it_may_never_pay(time: float, prepare: float, outcome: str) -> None:
    found = pay_off(EAGER, prepared(time, prepare))
    assert found is not None
    assert found.outcome == outcome


def test_a_filled_cache_says_nothing_of_preparing() -> None:
    assert pay_off(EAGER, prepared(0.5, 10.0, note=None)) is None
