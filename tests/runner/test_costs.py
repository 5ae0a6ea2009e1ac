from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchsuite.runner.costs import WALL, next_cost
from tests import fakes

STAGES = {"stage/build": 2.0, "stage/reference": 1.0, "stage/prepare": 10.0}


def cost(counters: Mapping[str, float], **notes: str) -> float | None:
    record = fakes.ok(fakes.job(), None, {"time/latency": 0.01}, counters=counters, notes=notes)
    return next_cost(record)


def test_where_caches_were_filled_the_next_round_costs_the_same() -> None:
    assert cost({WALL: 20.0, **STAGES}, **{"onnx-cache": "warm"}) == 20.0
    assert cost({WALL: 20.0, **STAGES}) == 20.0


@pytest.mark.parametrize("cache", ["onnx-cache", "compile-cache"])
def test_a_cache_is_filled_but_once(cache: str) -> None:
    assert cost({WALL: 20.0, **STAGES}, **{cache: "cold"}) == pytest.approx(12.0)


def test_a_reference_is_computed_but_once() -> None:
    assert cost({WALL: 20.0, **STAGES, "stage/reference": 7.0}) == 14.0


def test_an_older_record_says_what_it_can() -> None:
    assert cost({WALL: 20.0}) == 20.0
    assert cost({"stage/prepare": 1.0}) is None
