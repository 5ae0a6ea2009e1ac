"""Exponents: right where the law is known, with intervals that cover it, and found in any set of jobs."""

import math

import pytest

from benchsuite.analysis import Estimate, estimate, summarize
from benchsuite.analysis.scaling import Point, exponent, is_time, latency, reaching, steps, sweeps
from tests.analysis.sweeps import points
from tests.fakes import job, rounds

DOUBLINGS = (64, 128, 256, 512, 1024, 2048)


def test_the_exponent_of_a_power_law() -> None:
    found = exponent(points(lambda n: 3e-6 * n**1.7, DOUBLINGS, noise=1e-6))
    assert found is not None
    assert found.value == pytest.approx(1.7, abs=1e-4)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 1.7 < found.high
    assert (found.rounds, found.samples) == (4, 24)


def test_the_interval_is_students_on_the_residuals() -> None:
    # By hand: logs of n at 0, 1, 2 (times log 2), residuals of 1, -2, 1 twelfths: t of one degree is 12.7062.
    ys = [0.0, 0.75, 2.0]
    exact = [Point(2**x, job("matmul", size=2**x), estimate([2**y] * 4, 4)) for x, y in enumerate(ys)]
    found = exponent(exact)
    assert found is not None
    assert found.value == pytest.approx(1.0)
    assert found.half_width == pytest.approx(12.7062 * math.sqrt((1 + 4 + 1) / 144 / 2), rel=1e-4)


def test_small_residuals_do_not_hide_the_points_own_errors() -> None:
    wide = [1.0, 1.2, 0.9, 1.0 / (1.2 * 0.9)]  # the same geometric mean of one at every point
    line = [Point(n, job("matmul", size=n), estimate([n * w for w in wide], 4)) for n in DOUBLINGS]
    found = exponent(line)
    assert found is not None
    assert found.value == pytest.approx(1.0)
    assert found.half_width is not None
    assert found.half_width > 0.02


@pytest.mark.parametrize(("count", "misfit"), [(4, 0.0), (4, 0.05), (6, 0.05), (6, 0.2)])
def test_intervals_cover_the_law(count: int, misfit: float) -> None:
    covered = 0
    for seed in range(300):
        found = exponent(points(lambda n: n**1.3, DOUBLINGS[:count], 0.02, misfit, seed))
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        covered += found.low < 1.3 < found.high
    assert covered >= 0.93 * 300


def test_no_exponent_of_too_few_points() -> None:
    assert exponent(points(lambda n: n, (1, 2))) is None
    same = points(lambda n: n, (5,)) * 3
    assert exponent(same) is None


def test_without_rounds_the_residuals_still_tell() -> None:
    bare = [Point(n, job(), Estimate(float(n), None, None, 1, 1)) for n in (1, 2, 4, 8)]
    found = exponent(bare)
    assert found is not None
    assert (found.value, found.half_width) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-9))


def test_local_exponents_follow_a_bend() -> None:
    found = steps(points(lambda n: 1.0 if n <= 256 else (n / 256) ** 2, DOUBLINGS, noise=1e-9))
    assert [(s.low, s.high) for s in found] == [(64, 128), (128, 256), (256, 512), (512, 1024), (1024, 2048)]
    assert [s.exponent.value for s in found] == pytest.approx([0, 0, 2, 2, 2], abs=1e-6)


def test_the_square_overtakes_where_both_terms_are_equal() -> None:
    found = reaching(points(lambda n: n / 700 + (n / 700) ** 2, DOUBLINGS, noise=0.004), 1.5)
    assert found.outcome == "from"
    assert found.low is not None
    assert found.high is not None
    assert found.low < 700 < found.high
    assert found.high / found.low < 2


@pytest.mark.parametrize(("power", "outcome"), [(1.0, "never"), (2.0, "always")])
def test_a_plain_law_never_bends(power: float, outcome: str) -> None:
    assert reaching(points(lambda n: n**power, DOUBLINGS, noise=0.01), 1.5).outcome == outcome


def test_places_where_the_square_overtakes_are_covered() -> None:
    covered = told = 0
    for seed in range(200):
        found = reaching(points(lambda n: n / 400 + (n / 400) ** 2, DOUBLINGS, 0.01, seed=seed), 1.5)
        if found.low is not None and found.high is not None:
            told += 1
            covered += found.low < 400 < found.high
    assert told > 150
    assert covered >= 0.93 * told


def test_sweeps_differ_in_one_axis_alone() -> None:
    jobs = [job("attention", batch=b, seq=s, heads=2) for b in (1, 4) for s in (512, 64, 128)]
    jobs += [job("attention", "onnxruntime-cpu", batch=b, seq=64, heads=2) for b in (1, 2, 4)]
    jobs += [job("attention", precision="bf16", batch=1, seq=2048, heads=2), job("launch")]
    summaries = summarize([r for j in jobs for r in rounds(j, None, {"time/latency": 1.0})])
    found = sweeps(summaries)
    assert [(s.axis, s.job.backend, [p.n for p in s.points]) for s in found] == [
        ("seq", "torch-eager-cpu", [64, 128, 512]),
        ("seq", "torch-eager-cpu", [64, 128, 512]),
        ("batch", "onnxruntime-cpu", [1, 2, 4]),
    ]
    assert [s.job.case["batch"] for s in found] == [1, 4, 1]
    assert len(sweeps(summaries, fewest=2)) == 6


def test_zero_and_words_are_no_places_on_a_logarithm() -> None:
    jobs = [job("feed-forward", sparsity=s, kind=k) for s in (0, 50) for k in ("a", "b", "c")]
    assert sweeps(summarize([r for j in jobs for r in rounds(j, None, {"time/latency": 1.0})]), fewest=2) == ()


def test_latency_is_what_a_waiting_user_sees() -> None:
    both, alone, none = summarize(
        [
            *rounds(job(a=1), None, {"time/latency": 2.0, "time/throughput": 1.0}),
            *rounds(job(a=2), None, {"time/throughput": 1.0}),
            *rounds(job(a=3), None, {"memory/host_peak": 1.0}),
        ]
    )
    assert [None if x is None else round(x.value) for x in map(latency, (both, alone, none))] == [2, 1, None]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Estimate(1.0, 0.9, 1.1, 4, 4), True),
        (Estimate(1.0, None, None, 1, 1), True),
        (Estimate(0.0, None, None, 4, 4), False),
        (Estimate(math.nan, None, None, 4, 4), False),
        (Estimate(math.inf, None, None, 4, 4), False),
        (Estimate(1.0, 0.0, 1.1, 4, 4), False),
        (Estimate(1.0, 0.9, math.nan, 4, 4), False),
        (Estimate(1.0, None, 1.1, 4, 4), False),
    ],
)
def test_what_is_a_time(item: Estimate, expected: bool) -> None:
    assert is_time(item) == expected
