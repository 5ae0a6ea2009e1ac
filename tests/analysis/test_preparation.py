"""Times to prepare are kept apart by the state of the cache that they met."""

import pytest

from benchsuite.analysis import summarize
from tests.fakes import job, ok


@pytest.mark.parametrize("note", ["onnx-cache", "compile-cache"])
def test_cold_and_warm_are_two_estimates(note: str) -> None:
    times = [(30.0, "cold"), *[(3.0, "warm")] * 4]
    records = [
        ok(job(), None, {"time/latency": 1.0, "time/prepare": time}, number, notes={note: state})
        for number, (time, state) in enumerate(times)
    ]
    (summary,) = summarize(records)
    assert {state: (found.rounds, round(found.value)) for state, found in summary.prepared.items()} == {
        "cold": (1, 30),
        "warm": (4, 3),
    }
    assert summary.prepared["cold"].low is None
    assert summary.prepared["warm"].low is not None


def test_a_backend_without_a_cache_has_neither() -> None:
    (summary,) = summarize([ok(job(), None, {"time/latency": 1.0, "time/prepare": 1.0})])
    assert summary.prepared == {}
