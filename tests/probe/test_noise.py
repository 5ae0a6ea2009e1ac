import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchsuite.probe.noise import Noise, noise, sentence, summary
from tests.trees import plant


def clock_of(samples: Iterator[float]) -> Callable[[], float]:
    """A clock that moves on by the next sample at each reading."""
    times = itertools.accumulate(samples)
    return lambda: next(times)


def test_a_steady_machine_has_no_noise(tmp_path: Path) -> None:
    seen = noise(1.0, clock=clock_of(itertools.repeat(0.0625)), cpu_clock=lambda: 0.0, spin=lambda: None, root=tmp_path)
    assert seen == Noise(16, 0.0, 0.0, 0.0)


def test_a_few_samples_are_taken_however_slow_they_are(tmp_path: Path) -> None:
    seen = noise(1.0, clock=clock_of(itertools.repeat(5.0)), cpu_clock=lambda: 0.0, spin=lambda: None, root=tmp_path)
    assert seen.samples == 10


def test_one_outlier_moves_variation_but_neither_spread_nor_drift() -> None:
    seen = summary([1.0] * 99 + [50.0])
    assert seen.variation > 1
    assert (seen.spread, seen.drift) == (0, 0)


def test_a_machine_that_slows_down_drifts() -> None:
    seen = summary([1.0] * 50 + [1.1] * 50)
    assert seen.drift == pytest.approx(0.05, rel=0.1)
    assert seen.expected == pytest.approx(2 * seen.drift)


def test_shares_are_of_all_processors_without_our_own_time(tmp_path: Path) -> None:
    def stat(busy: int, idle: int, steal: int) -> dict[str, str]:
        return {"proc/stat": f"cpu {busy} 0 0 {idle} 0 0 0 {steal}"}

    plant(tmp_path, stat(0, 0, 0))
    calls = itertools.count()

    def spin() -> None:
        if next(calls) == 1:
            plant(tmp_path, stat(60, 30, 10))

    own = iter([0.0, 0.2])
    seen = noise(1.0, clock=clock_of(itertools.repeat(0.1)), cpu_clock=lambda: next(own), spin=spin, root=tmp_path)
    assert seen.steal_share == pytest.approx(0.1)
    assert seen.foreign_share == pytest.approx(0.4)


def test_the_sentence_says_what_cannot_be_seen() -> None:
    words = "expect at least about ±4.0 % between runs: a 2.0 % change cannot be seen here without `benchsuite duet`"
    assert sentence(Noise(100, 0.1, 0.1, 0.02)) == words


def test_the_sentence_names_the_causes() -> None:
    said = sentence(Noise(100, 0.1, 0.1, 0.02, steal_share=0.05, foreign_share=0.2))
    assert said.endswith(
        "(the hypervisor took 5.0 % of the processors' time, other processes used 20 % of the processors' time)"
    )


def test_waiting_for_a_processor_is_a_cause_as_well(tmp_path: Path) -> None:
    def pressure(microseconds: int) -> dict[str, str]:
        return {"proc/pressure/cpu": f"some avg10=0.00 avg60=0.00 avg300=0.00 total={microseconds}"}

    plant(tmp_path, pressure(0))
    calls = itertools.count()

    def spin() -> None:
        if next(calls) == 1:
            plant(tmp_path, pressure(500_000))

    seen = noise(1.0, clock=clock_of(itertools.repeat(0.0625)), cpu_clock=lambda: 0.0, spin=spin, root=tmp_path)
    assert seen.pressure_share == pytest.approx(0.5)
    assert sentence(seen).endswith("(tasks waited for a processor 50 % of the time)")


def test_too_little_is_not_promised() -> None:
    assert "±0.50 %" in sentence(Noise(100, 0.0, 0.0, 0.0))
