"""Summaries: the status of a job over its rounds, and that nothing in doubt is lost."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.analysis import Summary, summarize
from benchsuite.records import Check, Measurement, Record, Status, Validity
from tests.fakes import CONTENDED, job, ok, rounds

JOB = job(batch=8)
TIME = {"time/latency": 0.001}


def summary(records: list[Record]) -> Summary:
    (found,) = summarize(records)
    return found


def latency(*samples: float, round: int = 0, metric: str = "time/latency") -> Record:
    return Record(JOB, round, "ok", measurements=(Measurement.of(metric, samples),))


def test_one_summary_a_job_in_order_of_appearance() -> None:
    other = job(batch=9)
    records = [*rounds(other, None, TIME), *rounds(JOB, None, TIME)]
    assert [s.job for s in summarize(records)] == [other, JOB]


def test_round_summary_is_the_median_and_keeps_every_sample() -> None:
    found = summary([latency(1.0, 2.0, 90.0, round=r) for r in range(5)]).estimates["time/latency"]
    assert (found.value, found.rounds, found.samples) == (pytest.approx(2.0), 5, 15)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("ok", "ok"), "ok"),
        (("ok", "wrong", "ok"), "wrong"),
        (("failed", "wrong"), "wrong"),
        (("ok", "failed"), "ok"),
        (("skipped", "failed"), "failed"),
        (("skipped",), "skipped"),
    ],
)
def test_status(statuses: tuple[Status, ...], expected: str) -> None:
    records = [
        ok(JOB, None, TIME, r) if s == "ok" else Record(JOB, r, s, f"because {s}") for r, s in enumerate(statuses)
    ]
    found = summary(records)
    assert found.status == expected
    assert found.statuses == statuses
    assert bool(found.estimates) == (expected == "ok")
    assert found.reason == "" if set(statuses) == {"ok"} else found.reason


def test_a_wrong_round_hides_every_time() -> None:
    found = summary([*rounds(JOB, None, TIME), Record(JOB, 5, "wrong", "off by 3")])
    assert (found.estimates, found.pace, found.reason) == ({}, None, "off by 3")


def test_lost_rounds_are_told() -> None:
    found = summary([*rounds(JOB, None, TIME), Record(JOB, 5, "failed", "killed")])
    assert found.reason == "1 of 6 rounds failed: killed"
    assert [(d.code, d.value) for d in found.doubts] == [("rounds-lost", 1)]


def test_too_few_rounds_is_a_doubt() -> None:
    found = summary(rounds(JOB, None, TIME, 3))
    assert [(d.code, d.value, d.limit) for d in found.doubts] == [("too-few-rounds", 3, 4)]
    assert found.estimates["time/latency"].low is None


def test_doubts_keep_the_worst_and_count_rounds() -> None:
    worse = Validity("contended", 0.4, 0.05, "close them all")
    records = [ok(JOB, None, TIME, r, validity=v) for r, v in enumerate([(), (CONTENDED,), (CONTENDED, worse), (), ()])]
    (doubt,) = summary(records).doubts
    assert (doubt.code, doubt.value, doubt.advice, doubt.rounds) == ("contended", 0.4, "close them all", 2)


def test_the_worst_of_a_floor_is_the_lowest() -> None:
    low, lower = Validity("clock", 0.8, 0.9, ""), Validity("clock", 0.5, 0.9, "")
    assert (
        summary([ok(JOB, None, TIME, r, validity=(v,)) for r, v in enumerate((low, lower, low, low))]).doubts[0].value
        == 0.5
    )


def test_the_worst_check_is_kept() -> None:
    fine, worse = Check("before", "output", 0.1, 1.0, "fp64", True), Check("after", "loss", 0.02, 0.1, "fp64", True)
    broken = Check("after", "output", math.nan, 1.0, "fp64", True)
    assert summary([Record(JOB, 0, "ok", checks=(fine, worse))]).check == worse
    assert summary([Record(JOB, 0, "ok", checks=(fine, broken, worse))]).check == broken


def test_pace_prefers_back_to_back() -> None:
    found = summary(rounds(JOB, None, {"time/latency": 2.0, "time/throughput": 1.0}))
    assert found.pace == found.estimates["time/throughput"]


def test_zero_memory_is_a_result_and_zero_time_is_not() -> None:
    assert summary([latency(0.0, metric="memory/device_peak")]).estimates["memory/device_peak"].value == 0.0
    found = summary([latency(0.0, 0.0, 1.0)])
    assert found.estimates == {}
    assert "unusable-samples" in [d.code for d in found.doubts]


@given(st.lists(st.lists(st.floats(), max_size=4), min_size=1, max_size=6))
def test_no_samples_break_it(samples: list[list[float]]) -> None:
    found = summary([latency(*values, round=r) for r, values in enumerate(samples)])
    assert found.status == "ok"
    assert all(e.value > 0 for e in found.estimates.values())
