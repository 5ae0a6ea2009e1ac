"""The scorer: what it reads, how it puts comparisons together, and how it counts."""

import gzip
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchsuite.analysis.gate import Policy
from benchsuite.analysis.paired import log_ratio
from tests.bench.gate_score import bank, collect, entries, table
from tests.bench.gate_score.bank import Bank, Duet, Process
from tests.bench.gate_score.intervals import across_pools, by_group, clopper_pearson
from tests.bench.gate_score.rules import Call
from tests.bench.gate_score.rules.replicated import TooFewPairs, one_stage, raised, two_stage
from tests.bench.gate_score.score import CHANGES, Ours, Score, Tool, score, score_injected
from tests.bench.gate_score.tally import Tally


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def solo(workload: str, at: float, level: float = 1.0) -> dict[str, Any]:
    return {"wl": workload, "n": 1, "t": [level] * 20, "c": [level] * 20, "ts": at}


def made(groups: int = 6, pairs: int = 60, injected: float = 0.0) -> Bank:
    """Groups of twelve processes and two schedules of duets, with 1 % of noise between processes."""
    draw = np.random.default_rng(1)

    def samples(count: int, level: float) -> np.ndarray:
        return level * draw.normal(1, 0.001, count)

    solos = [
        Process("heavy", "copy", samples(20, level), samples(20, level), 1.0 * i, 0.5, i // 12)
        for i, level in enumerate(draw.normal(1, 0.01, 12 * groups))
    ]
    duets = [
        Duet(load, "copy", schedule, samples(60, 1), samples(60, level), samples(60, 1), samples(60, level), i, 1.0)
        for load, schedule in (("moderate", "2free"), ("moderate", "15free"), ("heavy", "15free"))
        for i, level in enumerate((1 + injected) * draw.normal(1, 0.01, pairs))
    ]
    return Bank(tuple(solos), tuple(duets))


def test_processes_are_read_in_groups(tmp_path: Path) -> None:
    lines = [solo("py", i) for i in range(14)] + [solo("copy", 14 + i) for i in range(3)] + [solo("copy", 99)]
    write(tmp_path / "solo-heavy.jsonl.gz", lines)
    found = bank.read(tmp_path).processes
    assert [p.group for p in found] == [0] * 12 + [1] * 2 + [2] * 3 + [3]
    assert {p.load for p in found} == {"heavy"}
    assert found[0].seconds == 1.0


def test_duets_are_read_by_column(tmp_path: Path) -> None:
    rows = [[1.0, 1.1, 2.0, 2.2]] * 4
    write(tmp_path / "duet-moderate.jsonl.gz", [{"wl": "py", "v": "2pin", "n": 1, "p": rows, "ts": 5.0, "dur": 1.5}])
    (found,) = bank.read(tmp_path).duets
    assert (found.load, found.workload, found.schedule, found.seconds) == ("moderate", "py", "2pin", 1.5)
    assert (found.candidate[0], found.candidate_cpu[0], found.injected) == (1.1, 2.2, 0.0)
    assert found.log_ratio == pytest.approx(math.log(1.1))


def test_pairs_are_read_as_they_are_stored(tmp_path: Path) -> None:
    def side(status: str, level: float, at: float) -> dict[str, Any]:
        measured = {"metric": "time/latency", "samples": [level] * 4, "cpu": [level] * 4}
        return {"status": status, "started": at, "measurements": [measured] if status == "ok" else []}

    def pair(arm: str, status: str, at: float) -> dict[str, Any]:
        sides = {"base": side("ok", 1.0, at), "other": side(status, 1.05, at)}
        return {"job": "rnn@x/fp32/t2", "arm": arm, "replicate": at // 100, **sides}

    lines = [pair("candidate", "ok", 0.0), pair("control", "ok", 3.0), pair("candidate", "failed", 6.0)]
    lines += [pair("candidate", "ok", 100.0), pair("control", "ok", 105.0)]
    write(tmp_path / "pairs-quiet-2-time-0.05.jsonl.gz", [{"kind": "duet", "injected": 0.05}, *lines])
    found = bank.read(tmp_path).duets
    assert [(d.arm, d.injected) for d in found] == [("candidate", 0.05), ("control", 0.0)] * 2
    assert {(d.load, d.schedule) for d in found} == {("quiet", "time")}
    assert {d.seconds for d in found} == {4.0}  # not the 97 s in which other files were recorded
    assert found[0].log_ratio == pytest.approx(math.log(1.05))
    assert not collect.one_thread(found[0].workload)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "trio-heavy.jsonl.gz", [])
    with pytest.raises(ValueError, match="no known kind"):
        bank.read(tmp_path)


def test_the_value_of_a_pair_is_the_engines() -> None:
    for duet in made(pairs=5).duets:
        assert duet.log_ratio == pytest.approx(log_ratio(duet.base.tolist(), duet.candidate.tolist()))


def test_only_the_second_half_is_scored_and_a_process_is_used_once() -> None:
    found = list(collect.back_to_back(made(), "copy"))
    assert {c.group for c in found} == {"copy heavy 3", "copy heavy 4", "copy heavy 5"}
    assert len(found) == 3 * 6
    assert found[0].seconds == 1.0


def test_blocks_begin_and_end_with_the_base() -> None:
    processes = tuple(Process("heavy", "copy", np.array([i]), np.array([i]), i, 1.0, i // 12) for i in range(24))
    found = list(collect.interleaved(2)(Bank(processes, ()), "copy"))
    assert [(c.x.ravel().tolist(), c.y.ravel().tolist()) for c in found[:1]] == [([12, 15], [13, 14])]
    ordered = list(collect.in_sequence(6)(Bank(processes, ()), "copy"))
    assert [(c.x.ravel().tolist(), c.y.ravel().tolist()) for c in ordered] == [([*range(12, 18)], [*range(18, 24)])]


def test_a_history_ends_before_the_group_of_its_candidate() -> None:
    found = list(collect.history(np.median)(made(), "copy"))
    assert [len(c.x) for c in found] == [36] * 12 + [48] * 12 + [60] * 12
    assert all(len(c.x) == 24 and len(c.y) == 12 for c in collect.windows(made(), "copy"))


def test_clopper_pearson_is_the_printed_one() -> None:
    assert clopper_pearson(0, 299) == pytest.approx((0.0, 1 - 0.025 ** (1 / 299)))
    assert clopper_pearson(5, 10) == pytest.approx((0.1871, 0.8129), abs=1e-4)
    assert clopper_pearson(10, 10) == pytest.approx((0.6915, 1.0), abs=1e-4)


def test_groups_that_agree_with_themselves_widen_the_interval() -> None:
    together = by_group([10, 0] * 10, [10, 10] * 10)
    spread = by_group([5, 5] * 10, [10, 10] * 10)
    assert together[0] < 0.35 < 0.65 < together[1]
    assert spread == (0.5, 0.5)
    assert across_pools([0] * 99 + [10], [10] * 100) == (0.0, 0.0)


def test_tally() -> None:
    tally = Tally()
    tally.add("mm", "a", 0.0, Call("slower", 1.01, 1.05, evidence=3.0), 2.0)
    tally.add("py", "a", 0.0, Call("same", 0.99, 1.05, evidence=1.0), 2.0)
    tally.add("mm", "b", 0.05, Call("faster", 0.9, 1.0), 2.0)
    tally.add("py", "b", 0.05, Call("unclear"), 2.0)
    assert (tally.rate("slower", 0.0), tally.rate("unclear", 0.05), tally.rate("slower", 0.1)) == (0.5, 0.5, None)
    assert (tally.sign_errors, tally.coverage(), tally.seconds_a_call) == (1, 1 / 3, 2.0)
    assert tally.worst("slower", 0.0, most=True) == (1.0, "mm")
    assert tally.worst("faster", 0.05, most=False) == (0.0, "py")
    assert [tally.beyond(t, 0.0) for t in (0.5, 1.0, 3.0)] == [1.0, 0.5, 0.0]
    assert tally.beyond(-math.inf, 0.05) == 0.0


@pytest.mark.parametrize(("outcome", "shown"), [("slower", "1000"), ("same", "0")])
def test_a_rule_that_ignores_its_data(outcome: Any, shown: str) -> None:
    tool = Tool("stubborn", "none", lambda x, y: Call(outcome), collect.back_to_back)
    found = score(tool, made(), "one")
    assert found.tally.changes == list(CHANGES)
    assert f"| stubborn | none | 18 | {shown} |" in table.scores([found])
    assert score(tool, made(), "two").tally.groups == {}


def test_one_stage_has_the_three_answers() -> None:
    policy = Policy()
    for shift, outcome in ((0.0, "same"), (0.05, "slower"), (-0.05, "faster")):
        assert one_stage([shift + 0.002 * (-1) ** i for i in range(8)], policy).outcome == outcome
    assert one_stage([0.05 * (-1) ** i for i in range(8)], policy).outcome == "unclear"
    assert one_stage([0.2 * (-1) ** i for i in range(8)], policy).outcome == "ungateable"


def test_two_stages_take_what_they_need_from_the_stream() -> None:
    def stream(shift: float) -> Iterator[float]:
        return (shift + 0.002 * (-1) ** i for i in range(40))

    quiet, slow = stream(0.0), stream(0.05)
    assert two_stage(quiet, Policy()).used == 4
    assert len(list(quiet)) == 36
    call = two_stage(slow, Policy())
    assert (call.outcome, call.used) == ("slower", 16)
    assert len(list(slow)) == 24
    with pytest.raises(TooFewPairs):
        two_stage(iter([0.0, 0.0, 0.0]), Policy())
    with pytest.raises(TooFewPairs):
        two_stage(iter([0.05, 0.051, 0.052, 0.053]), Policy())


def test_recorded_pairs_are_used_once_and_in_order() -> None:
    recorded = Ours("ours", "", "moderate", "2free", 8, False, drawn=False)
    found = score(recorded, made(), "one")
    assert (found.independent, found.tally.count("all", 0.0)) == (7, 7)
    learnt = Ours("ours", "", "moderate", "2free", 8, True, drawn=False)
    assert score(learnt, made(), "one").tally.count("all", 0.0) == 3


def test_real_slow_downs_are_scored_as_they_are() -> None:
    entry = Ours("ours", "", "moderate", "2free", 8, False, drawn=False)
    duets = tuple(d for d in made(injected=0.05).duets)
    slow = Bank((), tuple(Duet(**{**vars(d), "injected": 0.05}) for d in duets))
    assert score_injected(entry, made(), "one").tally.groups == {}
    found = score_injected(entry, slow, "one")
    assert found.tally.changes == [0.05]
    assert found.tally.rate("slower", 0.05) == 1.0
    assert "| +5 % | 7 | 100 % | 0 % | 0 % | 0 % | 100 % |" in table.injected([found])
    assert score(entry, slow, "one").tally.groups == {}
    # What is drawn from has a middle of its own, which is the closer to the true change the more pairs there are.
    many = Bank((), tuple(replace(d, injected=0.05) for d in made(pairs=600, injected=0.05).duets))
    drawn = score_injected(replace(entry, pairs=0, drawn=True), many, "one").tally
    assert drawn.rate("slower", 0.05) == 1.0
    assert (drawn.coverage(0.05) or 0.0) > 0.9


def test_duets_of_the_project_get_rows_of_their_own() -> None:
    duets = tuple(
        replace(d, load="quiet", schedule="time", injected=0.05 * (i % 2)) for i, d in enumerate(made().duets)
    )
    assert entries.own_rows(made(), drawn=False) == entries.real_rows(made()) == []
    assert {e.load for e in entries.own_rows(Bank((), duets), drawn=False)} == {"quiet"}
    assert {(e.load, e.schedule, e.drawn) for e in entries.real_rows(Bank((), duets))} == {
        ("quiet", "time", False),
        ("quiet", "time", True),
    }


def test_a_gate_is_not_scored_where_its_pairs_would_end_too_early() -> None:
    duets = [replace(d, load="quiet", schedule="time", injected=0.05) for d in made(pairs=8).duets if d.load == "heavy"]
    assert {e.pairs for e in entries.real_rows(Bank((), tuple(duets)))} == {8}
    assert {e.pairs for e in entries.real_rows(Bank((), tuple(duets * 4)))} == {0, 8}


def test_what_the_end_of_a_series_leaves_nominated_is_unclear() -> None:
    entry = Ours("ours", "", "moderate", "2free", 0, False, drawn=False)
    slow = Bank((), tuple(d for d in made(pairs=10, injected=0.1).duets if d.schedule == "2free"))
    assert score(entry, slow, "one").tally.rate("unclear", 0.0) == 1.0


def test_a_threshold_is_put_where_one_in_a_hundred_was_beyond() -> None:
    entry = Tool("none", "", lambda x, y: Call("same"), collect.back_to_back)
    assert Score(entry, Tally(), 0).threshold is None
    assert Score(entry, Tally(), 0, tuple(range(50))).threshold == 49
    assert Score(entry, Tally(), 0, tuple(range(200))).threshold == 197
    assert Score(entry, Tally(), 0, (-math.inf,) * 10).threshold == -math.inf


def test_a_rule_is_matched_on_the_half_that_is_not_scored() -> None:
    """One whose evidence is the change itself: the threshold is the largest change of the earlier half."""
    tool = Tool("change", "", lambda x, y: Call("same", evidence=float(y.mean() / x.mean())), collect.back_to_back)
    found = score(tool, made(), "one")
    assert len(found.earlier) == 3 * 6
    assert found.threshold == max(found.earlier)
    assert found.tally.beyond(found.threshold, 0.10) == 1.0
    assert "| change |  | 18 | 18 |" in table.matched([found])
    drawn = score(Ours("ours", "", "moderate", "2free", 8, False, drawn=True), made(), "one")
    assert len(drawn.earlier) == 2000
    assert 0.1 < (drawn.threshold or 0) < 2


@pytest.mark.parametrize("half", ["earlier", "later"])
def test_halves_share_no_process(half: collect.Half) -> None:
    samples = made()
    for collector in (collect.back_to_back, collect.interleaved(2), collect.in_sequence(6)):
        groups = {c.group for c in collector(samples, "copy", half)}
        assert groups == {f"copy heavy {n}" for n in ((0, 1, 2) if half == "earlier" else (3, 4, 5))}
    for collector in (collect.stored, collect.stored_group, collect.history(np.median), collect.windows):
        numbers = {int(c.group[-1]) for c in collector(samples, "copy", half)}
        assert numbers <= ({0, 1, 2} if half == "earlier" else {3, 4, 5}), collector
        assert numbers, collector


def test_limits_raised_to_a_noise_floor_are_students_bound_of_the_controls() -> None:
    # The deviation of these from zero is 1 %; one of six is drawn in, for a mean of 14 out of 16 pairs. The t of 0.975
    # on 5 degrees is 2.571, from a printed table.
    own = raised(Policy(), [0.03, -0.03] * 3, 16)
    assert own.tolerance == pytest.approx(math.expm1(2.570582 * 0.03 * math.sqrt(15 / (14 * 13))))
    assert own.minimum_effect == 2 * own.tolerance
    assert raised(Policy(), [0.03] * 5, 16) == Policy()


def test_every_tool_of_the_table_has_an_answer() -> None:
    samples = made(groups=6, pairs=4)
    for tool in (*entries.SINGLE_PROCESS, *entries.SEVERAL_PROCESSES, *entries.HISTORIES, *entries.ONE_PAIR):
        found = score(tool, samples, "one")
        assert found.tally.count("all", 0.0) > 0, tool
        assert found.tally.count("faster", 0.10) == 0, tool
        assert found.earlier, tool
        assert any(math.isfinite(evidence) for evidence in found.tally.evidence[0.10]), tool


def test_the_bank_of_the_project_is_readable() -> None:
    found = bank.read()
    assert found.processes
    assert found.duets
    assert all(math.isfinite(d.log_ratio) for d in found.duets)
