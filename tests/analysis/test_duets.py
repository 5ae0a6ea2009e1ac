import dataclasses
import math

import pytest

from benchsuite.analysis.duets import AUTO, judge, metrics, ratios
from benchsuite.analysis.gate import Policy
from benchsuite.records import LOST_PARTNER, Job, Measurement, Pair, Record, Verdict, Work
from tests.fakes import job
from tests.pairs import LATENCY, pair, pairs

RULE = Policy()


def only(found: list[Pair], **fields: object) -> Verdict:
    (verdict,) = judge(found, RULE, **fields).verdicts  # type: ignore[arg-type]
    return verdict


def test_ratios_are_of_the_pairs_that_were_measured() -> None:
    bad = dataclasses.replace(pair(), other=dataclasses.replace(pair().other, status="failed"))
    assert ratios([pair(1.1), bad], {pair().job: LATENCY}) == {pair().job: [pytest.approx(math.log(1.1))]}


@pytest.mark.parametrize("odd", [0.0, -1.0, math.nan, math.inf])
def test_a_pair_with_samples_that_are_no_times_has_no_ratio(odd: float) -> None:
    measurement = Measurement.of(LATENCY, (odd, 1e-3))
    spoilt = dataclasses.replace(pair(), other=dataclasses.replace(pair().other, measurements=(measurement,)))
    assert ratios([spoilt], {spoilt.job: LATENCY}) == {}


def test_the_first_stage_alone_never_blames() -> None:
    verdict = only(pairs(1.2, 8))
    assert (verdict.outcome, verdict.reason) == ("unclear", "nominated, but never confirmed")


def test_what_the_second_stage_confirms_is_slower() -> None:
    verdict = only([*pairs(1.2, 4), *pairs(1.1, 10, stage=2, seed=1)])
    assert verdict.outcome == "slower"
    assert verdict.ratio == pytest.approx(1.1, abs=0.01)
    assert verdict.low is not None
    assert verdict.high is not None
    assert verdict.low < 1.1 < verdict.high
    assert (verdict.base, verdict.base_rounds, verdict.unit) == (pytest.approx(1e-3), 10, "s")


def test_what_the_second_stage_finds_faster_is_faster() -> None:
    assert only([*pairs(0.9, 4), *pairs(0.9, 10, stage=2)]).outcome == "faster"


def test_what_the_first_stage_clears_is_the_same() -> None:
    verdict = only(pairs(1.0, 4))
    assert verdict.outcome == "same"
    assert verdict.smallest is not None


def test_no_more_than_a_few_pairs_are_unclear() -> None:
    verdict = only(pairs(1.3, 3))
    assert (verdict.outcome, verdict.ratio) == ("unclear", None)


def test_a_session_whose_control_is_off_blames_nobody() -> None:
    jobs = [job("matmul", size=size) for size in (1, 2, 3, 4)]
    found = [p for of in jobs for p in (*pairs(1.2, 4, of=of), *pairs(1.2, 10, stage=2, of=of))]
    assert {v.outcome for v in judge(found, RULE).verdicts} == {"slower"}
    controls = [p for of in jobs for p in pairs(1.05, 3, arm="control", of=of)]
    judgement = judge([*found, *controls], RULE)
    assert judgement.unfit == "12 of 12 control pairs were slower by more than 1 %"
    assert {v.outcome for v in judgement.verdicts} == {"unclear"}
    assert "looked slower, but this session is unfit" in judgement.verdicts[0].reason


def test_a_job_whose_control_is_noisy_is_not_gated() -> None:
    found = [*pairs(1.2, 4), *pairs(1.2, 10, stage=2), *pairs(1.0, 6, arm="control", spread=0.2)]
    verdict = judge(found, RULE).verdicts[0]
    assert verdict.outcome == "ungateable"
    assert "too noisy here to gate" in verdict.reason


def test_control_pairs_do_not_count_as_the_candidate() -> None:
    found = [*pairs(1.0, 4), *pairs(1.002, 4, arm="control", seed=3)]
    verdict = only(found)
    assert verdict.base_rounds == 4


def status(found: Pair, base: str, other: str, base_reason: str, other_reason: str) -> Pair:
    return dataclasses.replace(
        found,
        base=dataclasses.replace(found.base, status=base, reason=base_reason),
        other=dataclasses.replace(found.other, status=other, reason=other_reason),
    )


@pytest.mark.parametrize(
    ("base", "other", "base_reason", "other_reason", "outcome", "reason"),
    [
        ("skipped", "failed", LOST_PARTNER, "out of cheese", "failed", "out of cheese"),
        ("skipped", "wrong", LOST_PARTNER, "error 1 is over 0.1", "wrong", "error 1 is over 0.1"),
        ("ok", "wrong", "", "error 1 is over 0.1", "wrong", "error 1 is over 0.1"),
        ("skipped", "skipped", LOST_PARTNER, "needs 8 GiB", "failed", "needs 8 GiB"),
        ("failed", "skipped", "out of cheese", LOST_PARTNER, "incomparable", "the base was failed: out of cheese"),
        ("failed", "failed", "no cheese", "no cheese", "incomparable", "the base was failed: no cheese"),
        ("wrong", "ok", "error 1", "", "incomparable", "the base was wrong: error 1"),
    ],
)
def test_one_bad_pair_is_enough(
    base: str, other: str, base_reason: str, other_reason: str, outcome: str, reason: str
) -> None:
    bad = status(pair(replicate=9), base, other, base_reason, other_reason)
    verdict = only([*pairs(1.0, 4), bad])
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_different_work_is_not_compared() -> None:
    found = pairs(1.0, 4)
    odd = dataclasses.replace(found[0], other=dataclasses.replace(found[0].other, work=Work(9, "rows", 100.0)))
    verdict = only([odd, *found[1:]])
    assert (verdict.outcome, verdict.ratio) == ("incomparable", None)


def test_a_metric_that_one_side_lacks_is_not_compared() -> None:
    assert only(pairs(1.0, 4), metric="time/prefill").outcome == "incomparable"


def test_what_is_measured_once_a_process_is_not_gated() -> None:
    once = [
        dataclasses.replace(p, base=_once(p.base), other=_once(p.other))
        for p in (*pairs(1.0, 4), *pairs(1.0, 8, stage=2))
    ]
    verdict = only(once, metric="memory/host_peak")
    assert verdict.outcome == "incomparable"
    assert "measured once a process" in verdict.reason


def _once(record: Record) -> Record:
    return dataclasses.replace(record, measurements=(Measurement.of("memory/host_peak", (1e9,)),))


def test_the_device_is_asked_first() -> None:
    found = pair(metric="time/device")
    assert metrics([found, pair(of=job("rnn"))], AUTO) == {found.job: "time/device", job("rnn").id: LATENCY}
    assert metrics([found], LATENCY) == {found.job: LATENCY}


def one_thread() -> Job:
    return dataclasses.replace(job("matmul", size=64), threads=1)


def test_cpu_time_that_says_the_opposite_makes_it_unclear() -> None:
    found = [*pairs(1.1, 4, of=one_thread()), *pairs(1.1, 10, stage=2, of=one_thread())]
    assert only(found).outcome == "slower"
    against = [dataclasses.replace(p, other=_cpu(p.other, 0.9e-3 + 1e-6 * i)) for i, p in enumerate(found)]
    verdict = only(against)
    assert verdict.outcome == "unclear"
    assert "CPU time says the opposite" in verdict.reason


def _cpu(record: Record, seconds: float) -> Record:
    (m,) = record.measurements
    return dataclasses.replace(record, measurements=(dataclasses.replace(m, cpu=(seconds,) * len(m.samples)),))


def test_waiting_that_cpu_time_does_not_see_is_still_slower() -> None:
    """What waits for a disk or a lock is slower in wall time, and the same in CPU time."""
    found = [*pairs(1.1, 4, of=one_thread()), *pairs(1.1, 10, stage=2, of=one_thread())]
    waiting = [dataclasses.replace(p, other=_cpu(p.other, 1e-3)) for p in found]
    assert only(waiting).outcome == "slower"
