"""Histories: what a run says, and what many say in the order of time."""

import dataclasses
import math

import numpy as np
import pytest

from benchsuite.analysis.history import Gathering, Kind, Moment, Value, columns, moment, values
from benchsuite.records import PROTOCOL, SCHEMA, Reading, Run, Series, Settings
from tests.fakes import laptop, server

KIND = Kind("a@torch-eager-cpu/fp32/t2", "time/latency", 1, "d", "s", "lower")


def reading(*medians: tuple[float, ...], seed: int = 0) -> Reading:
    run = Run(SCHEMA, PROTOCOL, "0.1.0", 5.0, Settings(seed=seed), dataclasses.replace(laptop(), commit="abc"))
    found = {
        f"j{i}": Series(
            f"j{i}", "w", "b", "fp32", "time/latency", "ok", medians=m, unit="s", better="lower", protocol=1
        )
        for i, m in enumerate(medians)
    }
    return Reading("run.jsonl", run, found)


def test_a_value_is_the_mean_of_logs_with_the_spread_of_rounds() -> None:
    one, several = values(reading((2.0,), (1.0, math.e, math.e**2)))
    assert (one.log, one.rounds) == (pytest.approx(math.log(2)), 1)
    assert math.isnan(one.deviation)
    assert (several.log, several.deviation, several.rounds) == (pytest.approx(1), pytest.approx(1), 3)


def test_what_has_no_logarithm_has_no_value() -> None:
    assert values(reading((), (0.0, 1.0), (math.inf,), (math.nan,))) == []


def test_other_inputs_are_another_history() -> None:
    assert values(reading((1.0,)))[0].kind != values(reading((1.0,), seed=1))[0].kind


def test_a_moment_is_of_a_machine_not_of_its_software() -> None:
    here = moment("run.jsonl", reading((1.0,)).run)
    assert (here.name, here.started, here.commit) == ("run.jsonl", 5.0, "abc")
    assert here.machine == dataclasses.replace(laptop(), packages={}, kernel="9", python="3.13.0").machine_class
    assert here.machine != server().machine_class


def test_runs_are_put_in_the_order_of_time() -> None:
    gathering = Gathering()
    for day in (3, 1, 2):
        gathering.add(Moment(f"{day}", float(day), "m"), columns([Value(KIND, 10.0 * day, 0.1, day)]))
    gathering.add(Moment("2b", 2.0, "other"), columns([Value(KIND, 0.0, math.nan, 1)]))
    first, second = gathering.histories()
    assert (first.machine, second.machine) == ("m", "other")
    assert first.logs.tolist() == [10.0, 20.0, 30.0]
    assert first.rounds.tolist() == [1, 2, 3]
    assert [first.moment(i).name for i in range(3)] == ["1", "2", "3"]
    assert first.deviations == pytest.approx(np.full(3, 0.1))


def test_runs_of_one_time_are_in_the_order_of_names() -> None:
    orders = []
    for names in ("ab", "ba"):
        gathering = Gathering()
        for name in names:
            gathering.add(Moment(name, 1.0, "m"), columns([Value(KIND, float(ord(name)), 0.1, 4)]))
        orders.append(gathering.histories()[0].logs.tolist())
    assert orders[0] == orders[1]


def test_nothing_is_no_history() -> None:
    assert Gathering().histories() == []


def test_a_copy_of_a_run_is_not_another_run() -> None:
    gathering = Gathering()
    value = Value(KIND, 1.0, math.nan, 1)
    assert gathering.add(Moment("a", 1.0, "m"), columns([value])) == 0
    assert gathering.add(Moment("copy of a", 1.0, "m"), columns([value._replace(deviation=math.nan)])) == 0
    assert gathering.add(Moment("b", 1.0, "m"), columns([value._replace(log=2.0)])) == 1
    assert gathering.add(Moment("c", 2.0, "m"), columns([value])) == 2
    assert [len(h) for h in gathering.histories()] == [3]
