import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.records import Case, Check, Environment, Job, Measurement, Record, Request, Run, Settings, Work
from benchsuite.records.codec import from_data, to_data
from tests import fakes

RECORD = Record(
    fakes.job(batch=8, kind="causal"),
    3,
    "ok",
    work=Work(8, "rows", 2e9, 1e6),
    measurements=(Measurement.of("time/latency", (0.01, 0.02), 4, (0.01, 0.02), (0, 1)),),
    checks=(Check("after", "output", 1e-6, 1e-5, "float64", passed=True),),
    validity=(fakes.CONTENDED,),
    counters={"load/one_minute": 1.5},
    notes={"onnx-cache": "warm"},
)
RUN = fakes.stored([], fakes.server()).run


def every_field(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any `kind`, with a value for every field, those with a default too."""
    return st.builds(kind, **{f.name: ... for f in dataclasses.fields(kind)})


def through_json(item: Any) -> Any:
    return from_data(type(item), json.loads(json.dumps(to_data(item), allow_nan=False)))


@pytest.mark.parametrize("item", [RECORD, RUN, Request("job", RECORD.job, iterations=3, memory_bytes=2**40)])
def test_plain_data_comes_back_as_it_was(item: object) -> None:
    assert through_json(item) == item


@given(st.one_of(every_field(Record), every_field(Request)))
def test_anything_of_a_round_survives(item: Any) -> None:
    assert to_data(through_json(item)) == to_data(item)


@given(every_field(Run))
def test_any_run_survives(run: Run) -> None:
    assert to_data(through_json(run)) == to_data(run)
    assert through_json(run).environment.fingerprint


@given(st.floats(allow_nan=False))
def test_a_number_keeps_nine_digits(value: float) -> None:
    back = through_json(Work(value, "rows")).items
    assert back == pytest.approx(value, rel=1e-8, abs=5e-324)
    assert math.isinf(back) == math.isinf(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_survives(value: float) -> None:
    (back,) = through_json(Measurement.of("time/latency", (value,))).samples
    assert back == value or (math.isnan(back) and math.isnan(value))


def test_empty_fields_are_left_out_and_other_defaults_are_not() -> None:
    data = to_data(Record(Job(Case("w", {}), "b", "fp32", 2), 0, "ok"))
    assert {"reason", "log", "work", "measurements", "counters"}.isdisjoint(data)
    assert data["started"] == 0.0
    assert to_data(Settings())["preset"] == "quick"


def test_a_case_without_axes_survives() -> None:
    case = through_json(Case("copy", {}))
    assert case == Case("copy", {})
    assert case.id == "copy"


def test_axes_keep_their_order_and_their_kind() -> None:
    case = through_json(Case("attention", {"seq": 128, "batch": 1, "mask": "128"}))
    assert case.id == "attention/seq=128,batch=1,mask=128"
    assert case.choice("mask") == "128"


def test_unknown_fields_are_passed_over() -> None:
    data = to_data(RECORD)
    data["colour"], data["job"]["case"]["size"] = "red", [1]
    assert from_data(Record, data) == RECORD


def changed(path: str, value: object) -> Any:
    """The data of RECORD with another value at `path`."""
    data = json.loads(json.dumps(to_data(RECORD)))
    *parents, last = path.split(".")
    at = data
    for part in parents:
        at = at[int(part) if part.isdigit() else part]
    at[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("round", "one", "Record.round should be int, not 'one'"),
        ("round", True, "Record.round should be int, not 'True'"),
        ("round", 1.5, "Record.round should be int"),
        ("status", "fine", "Record.status should be one of"),
        ("status", [], "Record.status should be one of"),
        ("job", None, "Record.job should be dict"),
        ("job.threads", "2", "Record.job.threads should be int"),
        ("job.case.axes", [1], "Record.job.case.axes should be dict"),
        ("job.case.axes", {"batch": 1.5}, "Record.job.case.axes.batch should be str"),
        ("job.case.axes", {"batch": True}, "Record.job.case.axes.batch should be str"),
        ("work.flops", "many", "Record.work.flops should be a number"),
        ("work.flops", True, "Record.work.flops should be a number"),
        ("work.flops", 10**400, "Record.work.flops should be a number"),
        ("measurements", {}, "Record.measurements should be list"),
        ("measurements.0.samples", [0.1, None], "Record.measurements.samples should be a number"),
        ("checks.0.passed", 1, "Record.checks.passed should be bool"),
        ("counters", {"load": "high"}, "Record.counters.load should be a number"),
        ("notes", {"cache": 1}, "Record.notes.cache should be str"),
        ("log", 5, "Record.log should be str"),
    ],
)
def test_a_misfit_is_named(path: str, value: object, named: str) -> None:
    with pytest.raises(ValueError, match=named.replace(".", r"\.")):
        from_data(Record, changed(path, value))


@pytest.mark.parametrize("data", [None, [], "record", 3, {}])
def test_what_is_no_record_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="Record"):
        from_data(Record, data)


def test_a_missing_field_is_named() -> None:
    data = to_data(RECORD)
    del data["job"]["backend"]
    with pytest.raises(ValueError, match=r"Record\.job lacks 'backend'"):
        from_data(Record, data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["job", "round", "status"]) | st.text(), inner),
)


@given(JSON, st.sampled_from([Record, Run, Request, Case, Check, Settings, Environment]))
def test_any_data_is_read_or_refused(data: object, kind: type[object]) -> None:
    try:
        assert isinstance(from_data(kind, data), kind)
    except ValueError as error:
        assert kind.__name__ in str(error)  # noqa: PT017 (it may as well be read)
