"""What holds of every decision, whatever the pairs: generated values, and generated pairs and what befalls them."""

import dataclasses
import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchsuite.analysis.duets import Judgement, judge
from benchsuite.analysis.gate import Policy, confirm, screen, screened, unfit
from benchsuite.analysis.paired import paired
from benchsuite.cli.status import FINE, MISSING, REFUSED, SLOWER, UNCLEAR, exit_status
from benchsuite.records import LOST_PARTNER, Duet, Pair, Record, Settings, Side
from benchsuite.report.gate import section, write
from tests.fakes import job, laptop
from tests.pairs import pair

POLICY = Policy()
MIRROR = {"slower": "faster", "faster": "slower"}
log_ratios = st.floats(-2, 2, allow_subnormal=False)
values = st.lists(log_ratios, max_size=20)
suites = st.dictionaries(st.sampled_from("abcdef"), values, max_size=6)


@settings(deadline=None)
@given(values)
def test_the_screen_is_the_same_seen_from_the_other_side(found: list[float]) -> None:
    assert screen(found, POLICY) == screen([-x for x in found], POLICY)
    here, there = screened(found, POLICY), screened([-x for x in found], POLICY)
    assert here.outcome == there.outcome
    assert here.outcome in ("same", "unclear", "ungateable")


@settings(deadline=None)
@given(suites, suites)
def test_who_is_slower_is_faster_seen_from_the_other_side(
    stage2: dict[str, list[float]], controls: dict[str, list[float]]
) -> None:
    def turned(suite: dict[str, list[float]]) -> dict[str, list[float]]:
        return {name: [-x for x in found] for name, found in suite.items()}

    here, there = confirm(stage2, POLICY, controls), confirm(turned(stage2), POLICY, turned(controls))
    for name, decision in here.items():
        assert there[name].outcome == MIRROR.get(decision.outcome, decision.outcome)
        if decision.ratio is not None:
            assert math.isclose(decision.ratio * (there[name].ratio or 0), 1)
    assert (unfit(controls, POLICY) is None) == (unfit(turned(controls), POLICY) is None)


@settings(deadline=None)
@given(suites)
def test_nobody_is_blamed_in_the_wrong_direction(stage2: dict[str, list[float]]) -> None:
    for name, decision in confirm(stage2, POLICY).items():
        found = paired(stage2[name])
        if decision.outcome == "slower":
            assert found is not None
            assert found.lower(POLICY.family_level) > 1 + POLICY.tolerance
            assert sum(x > math.log1p(POLICY.tolerance) for x in stage2[name]) > len(stage2[name]) / 2
        if decision.outcome in ("slower", "faster", "same", "ungateable"):
            assert decision.pairs >= 4


@settings(deadline=None)
@given(suites, st.sampled_from("abcdef"), values)
def test_a_job_more_makes_no_other_slower_that_was_not(
    stage2: dict[str, list[float]], name: str, more: list[float]
) -> None:
    """Holm's levels only become stricter, but where the new one is itself rejected."""
    assume(name not in stage2)
    before, after = confirm(stage2, POLICY), confirm({**stage2, name: more}, POLICY)
    for one in stage2:
        if after[one].outcome == "slower":
            assert before[one].outcome == "slower"


@settings(deadline=None)
@given(values.filter(lambda v: len(v) >= 4), st.floats(0.001, 1))
def test_more_of_a_slow_down_is_no_less_slow(found: list[float], more: float) -> None:
    before = confirm({"j": found}, POLICY)["j"].outcome
    after = confirm({"j": [x + more for x in found]}, POLICY)["j"].outcome
    if before == "slower":
        assert after == "slower"


JOBS = [dataclasses.replace(job("matmul", size=size), threads=1) for size in (1, 2, 3)]
FATES = ("fine", "fine", "fine", "fine", "candidate failed", "candidate wrong", "base failed", "no time", "nothing")


@st.composite
def pairs(draw: st.DrawFn) -> list[Pair]:
    """Pairs of three jobs, whose ratios scatter about each job's own; now and then something befalls one."""
    found = []
    for one in JOBS:
        middle, spread = draw(st.sampled_from([0.7, 0.97, 1.0, 1.03, 1.5])), draw(st.sampled_from([0.0, 0.003, 0.3]))
        for stage, count in ((1, draw(st.integers(0, 8))), (2, draw(st.sampled_from([0, 0, 3, 8, 16])))):
            for number in range(count):
                ratio = middle * math.exp(spread * draw(st.floats(-2, 2)))
                made = pair(ratio, of=one, stage=stage, replicate=number, arm=draw(st.sampled_from(_ARMS)))
                found.append(
                    _befallen(made, draw(st.sampled_from(FATES) if draw(st.integers(0, 9)) == 0 else st.just("fine")))
                )
    return found


_ARMS = ("candidate", "candidate", "candidate", "control")


def _befallen(made: Pair, fate: str) -> Pair:
    other: Record = made.other
    match fate:
        case "candidate failed":
            other = dataclasses.replace(other, status="failed", reason="out of cheese", measurements=())
        case "candidate wrong":
            other = dataclasses.replace(other, status="wrong", reason="error 1 is over 0.1")
        case "base failed":
            base = dataclasses.replace(made.base, status="failed", reason="out of cheese", measurements=())
            other = dataclasses.replace(other, status="skipped", reason=LOST_PARTNER, measurements=())
            return dataclasses.replace(made, base=base, other=other)
        case "no time":
            (m,) = other.measurements
            other = dataclasses.replace(other, measurements=(dataclasses.replace(m, samples=(0.0, *m.samples[1:])),))
        case "nothing":
            other = dataclasses.replace(other, measurements=())
    return dataclasses.replace(made, other=other)


def _status(judgement: Judgement, *, strict: bool) -> int:
    return exit_status(judgement.verdicts, refused=judgement.unfit is not None, strict=strict)


@settings(max_examples=150, deadline=None)
@given(pairs())
def test_the_exit_status_is_never_that_of_a_pass_where_nothing_was_told(found: list[Pair]) -> None:
    judgement = judge(found, POLICY)
    outcomes = {v.outcome for v in judgement.verdicts}
    status, strict = _status(judgement, strict=False), _status(judgement, strict=True)
    assert {v.job for v in judgement.verdicts} == {p.job for p in found if p.arm == "candidate"}
    if not outcomes & {"slower", "faster", "same"}:
        assert status in (UNCLEAR, REFUSED, MISSING)
    if status == FINE:
        assert not outcomes & {"slower", "failed", "wrong", "removed"}
    assert strict in (status, UNCLEAR)
    if strict == FINE:
        assert outcomes <= {"faster", "same"}
    assert (status == SLOWER) <= ("slower" in outcomes)
    if judgement.unfit is not None:
        assert status == REFUSED
        assert not outcomes & {"slower", "faster"}


@settings(max_examples=150, deadline=None)
@given(pairs())
def test_no_verdict_contradicts_its_own_numbers(found: list[Pair]) -> None:
    for verdict in judge(found, POLICY).verdicts:
        confirmed = [p for p in found if p.job == verdict.job and p.stage == 2 and p.arm == "candidate"]
        if verdict.outcome in ("slower", "faster"):
            assert len(confirmed) >= 4
            assert verdict.low is not None
            assert verdict.high is not None
            assert verdict.low > 1 if verdict.outcome == "slower" else verdict.high < 1
        if verdict.ratio is not None and verdict.low is not None and verdict.high is not None:
            assert verdict.low <= verdict.ratio <= verdict.high
        assert verdict.outcome in ("slower", "faster", "same") or verdict.reason
        bad = [p for p in found if p.job == verdict.job and p.arm == "candidate" and not p.ok]
        assert (verdict.outcome in ("failed", "wrong", "incomparable")) >= bool(bad)


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_who_is_slower_in_pairs_is_faster_with_the_sides_exchanged(found: list[Pair]) -> None:
    fine = [p for p in found if p.ok and p.base.measurements and p.other.measurements]
    turned = [dataclasses.replace(p, base=p.other, other=p.base) for p in fine]
    here, there = judge(fine, POLICY), judge(turned, POLICY)
    assert (here.unfit is None) == (there.unfit is None)
    for ours, theirs in zip(here.verdicts, there.verdicts, strict=True):
        assert theirs.outcome == MIRROR.get(ours.outcome, ours.outcome)


@settings(max_examples=25, deadline=None)
@given(pairs())
def test_the_files_of_a_gate_say_what_it_leaves_with(found: list[Pair]) -> None:
    judgement = judge(found, POLICY)
    here = Side("here", "python", laptop())
    duet = Duet("1.0", 1, "0.1.0", 0.0, Settings(), here, here)
    status = _status(judgement, strict=False)
    told = dataclasses.replace(section("Gate", duet, judgement, POLICY, status))
    with TemporaryDirectory() as folder:
        written = write(told, judgement.unfit, Path(folder))
        data = json.loads((Path(folder) / "verdict.json").read_text())
        assert {path.name for path in written} >= {"verdict.json", "verdict.md", "verdict.csv", "junit.xml"}
    assert data["exit_status"] == status
    assert {v["job"]: v["outcome"] for v in data["verdicts"]} == {v.job: v.outcome for v in judgement.verdicts}
    assert sum(data["counts"].values()) == len(judgement.verdicts)
