import dataclasses
from collections.abc import Sequence

import pytest

from benchsuite import catalog
from benchsuite.backends.fake import FakeBackend, FakeClock
from benchsuite.catalog import Entry, select
from benchsuite.errors import UsageError
from benchsuite.records import Case, Work
from benchsuite.workload import Forward, Program, Transfer, Workload


def workload(name: str, program: type[Program] = Forward, **axes: int | str) -> Workload:
    """A workload that is never built; `quick` tries two sequence lengths where there is such an axis."""
    presets = {"quick": {"seq": (128, 512)} if "seq" in axes else {}}

    def build(case: Case) -> Program:
        raise AssertionError

    return Workload(name, name, "kernel", program, axes, presets, build, lambda case: Work(1, "rows"))


WORKLOADS = [
    workload("attention", batch=1, seq=64, mask="none"),
    workload("attention-wide", batch=1, seq=64),
    workload("copy", Transfer),
]


class Absent(FakeBackend):
    def missing(self) -> str | None:
        return "no such device"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    backends = [FakeBackend(clock, name="fake-cpu"), Absent(clock, name="fake-gpu"), Absent(clock, name="rare-gpu")]
    object.__setattr__(backends[2], "common", False)
    monkeypatch.setattr(catalog, "workloads", lambda: {w.name: w for w in WORKLOADS})
    monkeypatch.setattr(catalog, "backends", lambda: {b.name: b for b in backends})


def chosen(
    *patterns: str, backends: Sequence[str] = ("fake-cpu",), precisions: Sequence[str] = ("fp32",)
) -> list[Entry]:
    return list(select(patterns, backends, precisions, "quick", 2))


def cases(*patterns: str) -> list[str]:
    return [entry.job.case.id for entry in chosen(*patterns)]


ATTENTION = ["attention/batch=1,seq=128,mask=none", "attention/batch=1,seq=512,mask=none"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["attention"], ATTENTION),
        (["attention", "attention"], ATTENTION),
        (["copy", "attention"], ["copy", *ATTENTION]),
        (["c*"], ["copy"]),
        (["?opy"], ["copy"]),
        (["attention*/seq=8"], ["attention/batch=1,seq=8,mask=none", "attention-wide/batch=1,seq=8"]),
        (["attention-wide/seq=8|9,batch=2"], ["attention-wide/batch=2,seq=8", "attention-wide/batch=2,seq=9"]),
        (["attention-wide/seq=8|8"], ["attention-wide/batch=1,seq=8"]),
        (["attention/seq=8,mask=causal|none"], [f"attention/batch=1,seq=8,mask={m}" for m in ("causal", "none")]),
        (["copy/"], ["copy"]),
    ],
)
def test_patterns_choose_cases(patterns: list[str], expected: list[str]) -> None:
    assert cases(*patterns) == expected


def test_no_pattern_is_every_workload_of_the_preset() -> None:
    assert {case.partition("/")[0] for case in cases()} == {w.name for w in WORKLOADS}
    assert not select((), ["fake-cpu"], ["fp32"], "full", 2)


def test_a_workload_outside_the_preset_is_run_at_its_default_where_it_is_named() -> None:
    (entry,) = select(["attention-wide"], ["fake-cpu"], ["fp32"], "full", 2)
    assert entry.job.case.id == "attention-wide/batch=1,seq=64"


def test_accelerators_get_further_points(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = dataclasses.replace(WORKLOADS[1], accelerated={"quick": {"seq": (512, 8192)}})
    monkeypatch.setattr(catalog, "workloads", lambda: {wide.name: wide})
    gpu = FakeBackend(FakeClock(), name="fake-gpu", device="cuda")
    monkeypatch.setattr(catalog, "backends", lambda: {"fake-cpu": FakeBackend(FakeClock()), "fake-gpu": gpu})
    found = [(entry.job.case["seq"], entry.job.backend) for entry in chosen(backends=["fake-*"])]
    assert found == [(128, "fake-cpu"), (128, "fake-gpu"), (512, "fake-cpu"), (512, "fake-gpu"), (8192, "fake-gpu")]
    fixed = [(entry.job.case["seq"], entry.job.backend) for entry in chosen("*/seq=7", backends=["fake-*"])]
    assert fixed == [(7, "fake-cpu"), (7, "fake-gpu")]


def test_a_preset_without_a_grid_is_the_default_point() -> None:
    (entry,) = select(["attention-wide"], ["fake-cpu"], ["fp32"], "full", 2)
    assert entry.job.id == "attention-wide/batch=1,seq=64@fake-cpu/fp32/t2"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("atention", "unknown workload 'atention': did you mean attention"),
        ("zzz", "unknown workload 'zzz': known are attention, attention-wide, copy"),
        ("", "unknown workload ''"),
        ("attention/sec=8", "unknown axis of attention 'sec': did you mean seq?"),
        ("*/seq=8", "unknown axis of copy 'seq'"),
        ("attention/seq", "'seq' in 'seq' is not an axis: write axis=value"),
        ("attention/seq=8,", "'' in 'seq=8,' is not an axis"),
        ("attention/seq=", "'seq=' in 'seq=' is not an axis"),
        ("attention/seq=long", "'long' is no value of attention's seq: write a whole number, as in seq=64"),
        ("attention/seq=1.5", "'1.5' is no value of attention's seq"),
        ("attention/seq=8|", "'' is no value of attention's seq"),
        (
            "attention/seq=-8",
            "-8 is no value of attention's seq: write a whole number from 1 to 1000000000, as in seq=64",
        ),
        ("attention/seq=0", "0 is no value of attention's seq: write a whole number from 1 to"),
        ("attention/seq=8|0", "0 is no value of attention's seq"),
        ("attention/seq=1000000001", "1000000001 is no value of attention's seq"),
        ("copy/x=1", "unknown axis of copy 'x': it has no axes, write copy alone"),
        ("attention/seq=--8", "'--8' is no value of attention's seq"),
        ("attention/seq=²", "'²' is no value of attention's seq"),
        ("attention/seq=" + "9" * 5000, "is no value of attention's seq"),
        ("attention/mask=3", "3 is no value of attention's mask: write a word, as in mask=none"),
    ],
)
def test_a_pattern_that_fits_nothing_is_wrong_usage(pattern: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen(pattern)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("axes", "wanted"),
    [
        ("workers=0|9,delay=0", None),
        ("workers=10", "10 is no value of loading's workers: write a whole number from 0 to 9, as in workers=0"),
        ("workers=-1", "-1 is no value of loading's workers: write a whole number from 0 to 9"),
        ("delay=-1", "-1 is no value of loading's delay: write a whole number from 0 to 1000000000, as in delay=5"),
        ("gap=0", "0 is no value of loading's gap: write a whole number from 1 to"),
        ("gap=1000000000", None),
    ],
)
def test_an_axis_takes_zero_where_its_own_values_do(
    axes: str, wanted: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = workload("loading", workers=0, delay=5, gap=5)
    loading = dataclasses.replace(
        plain, presets={"quick": {"delay": (5,)}}, accelerated={"quick": {"delay": (0,)}}, most={"workers": 9}
    )
    monkeypatch.setattr(catalog, "workloads", lambda: {"loading": loading})
    if wanted is None:
        assert chosen(f"loading/{axes}")
        return
    with pytest.raises(UsageError) as caught:
        chosen(f"loading/{axes}")
    assert wanted in str(caught.value)


def test_unknown_backends_precisions_and_presets_are_wrong_usage() -> None:
    with pytest.raises(UsageError, match="unknown backend 'fake-cpi': did you mean fake-cpu"):
        chosen(backends=["fake-cpi"])
    with pytest.raises(UsageError, match="unknown precision 'fp3': did you mean fp32"):
        chosen(precisions=["fp3"])
    with pytest.raises(UsageError, match="unknown preset 'quik': did you mean quick"):
        select([], [], ["fp32"], "quik", 2)


def reasons(*patterns: str, backends: Sequence[str] = ()) -> dict[str, str | None]:
    return {entry.job.backend: entry.reason for entry in chosen(*patterns, backends=backends)}


def test_without_a_name_common_backends_are_listed_with_their_reason() -> None:
    assert reasons("copy") == {"fake-cpu": None, "fake-gpu": "no such device"}


def test_backends_are_named_by_pattern() -> None:
    assert list(reasons("copy", backends=["*-gpu", "fake-*"])) == ["fake-gpu", "rare-gpu", "fake-cpu"]


def test_what_a_backend_refuses_is_an_entry_with_its_reason() -> None:
    found = {entry.job.precision: entry.reason for entry in chosen("copy", precisions=["fp32", "bf16", "fp32"])}
    assert list(found) == ["fp32", "bf16"]
    assert found["fp32"] is None
    assert "fp32" in (found["bf16"] or "")
