"""What moving inputs and outputs comes to: bytes by hand, time by the measured rates, sums with their intervals."""

import pytest

from benchsuite.analysis import Estimate, ceilings, summarize
from benchsuite.analysis.transfer import carried, combined, moving
from benchsuite.records import Job, Record, Work
from tests.fakes import job, rounds

CROSSING = Work(2**20, "B", bytes=2.0**20)


def transfers(seconds: float, memory: str = "pinned") -> list[Record]:
    backend, times = "torch-eager-cuda", {"time/latency": seconds}
    return [
        *rounds(job("transfer-to-device", backend, mebibytes=1, memory=memory), CROSSING, times),
        *rounds(job("transfer-from-device", backend, mebibytes=1, memory=memory), CROSSING, times),
    ]


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        (job("matmul", size=10), (800.0, 400.0)),
        (job("matmul", precision="bf16", size=10), (400.0, 200.0)),
        (job("minilm-embed", batch=2, seq=3, width=5), (48.0, 40.0)),
        (job("minilm-embed", batch=2, width=5), None),
        (job("gpt2-forward", batch=2, seq=3), None),
    ],
)
def test_what_is_carried(mine: Job, expected: tuple[float, float] | None) -> None:
    assert carried(mine) == expected


def test_pageable_memory_where_nothing_is_pinned_and_nothing_on_the_host() -> None:
    limits = ceilings(summarize(transfers(1.0, "pageable")))
    found = moving(job("matmul", "torch-eager-cuda", size=512), limits)
    assert found is not None
    assert found.value == pytest.approx(3.0, rel=0.01)
    assert found.low is not None
    assert found.low < found.value
    assert moving(job("matmul", size=512), limits) is None


def test_sums_and_differences_widen() -> None:
    a, b = Estimate(10.0, 7.0, 14.0, 5, 5), Estimate(6.0, 2.0, 9.0, 4, 4)
    assert combined(a, b, 1) == Estimate(16.0, 11.0, 21.0, 4, 9)
    less = combined(a, b, -1)
    assert (less.value, less.low, less.high) == (4.0, pytest.approx(4 - 18**0.5), pytest.approx(4 + 32**0.5))
    assert combined(a, Estimate(1.0, None, None, 1, 1), 1) == Estimate(11.0, None, None, 1, 6)
