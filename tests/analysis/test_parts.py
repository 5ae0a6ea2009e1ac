"""Joining parts of a measurement: what comes together, what is refused, and that nothing is lost or made up."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchsuite.analysis.parts import Line, Part, join
from benchsuite.errors import UsageError
from benchsuite.records import Environment, Run
from tests import fakes

RUN = fakes.stored([]).run


def header(started: float = 1e9, environment: Environment | None = None, **settings: Any) -> Run:
    changed = dataclasses.replace(RUN.settings, **settings)
    return dataclasses.replace(RUN, started=started, settings=changed, environment=environment or RUN.environment)


def line(workload: str, round: int = 0, status: Any = "ok", started: float = 0.0, text: str = "") -> Line:
    job = f"{workload}@torch-eager-cpu/fp32/t2"
    return Line(job, workload, round, status, started, f"{job} {round} {status} {started} {text}\n".encode())


def part(name: str, run: Run, *lines: Line) -> Part:
    return Part(name, run, lines)


EARLY, LATE = header(1e9), header(2e9)
ROUNDS = [line("matmul", number, started=float(number)) for number in range(4)]


@st.composite
def splits(draw: st.DrawFn) -> tuple[list[Line], list[Part]]:
    """A run, and parts that hold all of it between them, some of it several times."""
    whole = [
        line(f"w{draw(st.integers(0, 3))}", number, draw(st.sampled_from(["ok", "failed", "wrong", "skipped"])), number)
        for number in range(draw(st.integers(0, 20)))
    ]
    homes = [draw(st.sets(st.integers(0, 3), min_size=1)) for _ in whole]
    parts = [
        part(f"{n}.jsonl", EARLY, *(one for one, at in zip(whole, homes, strict=True) if n in at)) for n in range(4)
    ]
    return whole, draw(st.permutations(parts))


@given(splits())
def test_parts_of_a_run_are_that_run_again(split: tuple[list[Line], list[Part]]) -> None:
    whole, parts = split
    run, lines = join(parts)
    assert run == EARLY
    assert list(lines) == whole


@given(st.lists(st.sets(st.integers(0, 5), min_size=1), min_size=1, max_size=5), st.randoms())
def test_shards_keep_every_record_once(shards: list[set[int]], chance: Any) -> None:
    parts, expected = [], []
    for number, workloads in enumerate(shards):
        own = [line(f"s{number}w{w}", r, started=chance.random()) for w in workloads for r in range(2)]
        parts.append(part(f"{number}.jsonl", header(1e9 + chance.random()), *own))
        expected += own
    run, lines = join(parts)
    assert run.started == min(p.run.started for p in parts)
    assert sorted(lines, key=lambda x: x.text) == sorted(expected, key=lambda x: x.text)
    assert [x.started for x in lines] == sorted(x.started for x in lines)


def test_sessions_are_not_taken_for_one() -> None:
    for others in (ROUNDS[:2], [line("matmul", 5)], [line("matmul", 0, "failed")]):
        later = [dataclasses.replace(x, text=x.text + b"!") for x in others]
        with pytest.raises(UsageError) as caught:
            join([part("b.jsonl", LATE, *later), part("a.jsonl", EARLY, *ROUNDS)])
        assert str(caught.value) == (
            "matmul@torch-eager-cpu/fp32/t2 was measured in a.jsonl and, in another session, in b.jsonl: rounds of "
            "several sessions must not pass for those of one. Leave one file out, or give both to report or compare"
        )


def test_what_was_joined_before_may_be_joined_again() -> None:
    more = [line("softmax", number, started=9.0 + number) for number in range(2)]
    shards = [part("a.jsonl", EARLY, *ROUNDS[:2]), part("b.jsonl", LATE, *more)]
    run, lines = join(shards)
    whole = part("whole.jsonl", run, *lines)
    assert join([whole, *shards]) == (run, lines)
    # The first went on meanwhile.
    grown = part("a.jsonl", EARLY, *ROUNDS)
    assert join([grown, whole])[1] == (*ROUNDS, *more)


def test_of_a_job_that_went_on_since_it_was_joined_all_is_kept() -> None:
    late = [line("softmax", number, started=9.0 + number) for number in range(3)]
    run, lines = join([part("a.jsonl", EARLY, *ROUNDS), part("b.jsonl", LATE, *late[:1])])
    whole, grown = part("whole.jsonl", run, *lines), part("b.jsonl", LATE, *late)
    assert join([whole, grown])[1] == join([grown, whole])[1] == (*ROUNDS, *late)


def test_a_round_is_not_told_in_two_ways() -> None:
    with pytest.raises(UsageError) as caught:
        join([part("a.jsonl", EARLY, *ROUNDS), part("b.jsonl", EARLY, line("matmul", 2, text="other"))])
    assert str(caught.value) == (
        "round 2 of matmul@torch-eager-cpu/fp32/t2 is not the same in a.jsonl and b.jsonl, of one session: "
        "leave one file out"
    )


def test_what_is_skipped_everywhere_is_skipped_once() -> None:
    first, again = (line("matmul", status="skipped", started=at) for at in (1.0, 2.0))
    assert join([part("b.jsonl", LATE, again), part("a.jsonl", EARLY, first)])[1] == (first,)


def test_what_is_measured_somewhere_is_not_skipped() -> None:
    skipped = line("matmul", status="skipped")
    for run, other in ((EARLY, LATE), (LATE, EARLY)):
        assert join([part("a.jsonl", run, skipped), part("b.jsonl", other, *ROUNDS)])[1] == tuple(ROUNDS)


def test_settings_are_the_union() -> None:
    runs = [
        header(1.0, patterns=("matmul", "rnn"), backends=("torch-*",), precisions=("fp32",)),
        header(2.0, patterns=("rnn", "softmax"), backends=("onnxruntime-cpu",), precisions=("bf16", "fp32")),
    ]
    found = join([part("a", runs[0]), part("b", runs[1])])[0].settings
    assert found.patterns == ("matmul", "rnn", "softmax")
    assert found.backends == ("torch-*", "onnxruntime-cpu")
    assert found.precisions == ("fp32", "bf16")


def test_all_backends_and_some_are_all() -> None:
    runs = [header(1.0, backends=("torch-*",)), header(2.0, backends=())]
    assert join([part("a", runs[0]), part("b", runs[1])])[0].settings.backends == ()


def test_the_whole_preset_beside_patterns_is_its_workloads() -> None:
    whole = part("a", header(1.0, patterns=()), line("matmul"), line("softmax"), line("matmul", 1))
    assert join([whole, whole])[0].settings.patterns == ()
    extra = part("b", header(2.0, patterns=("rnn/batch=1",)), line("rnn"))
    assert join([whole, extra])[0].settings.patterns == ("matmul", "softmax", "rnn/batch=1")


def test_what_any_part_set_out_to_measure_is_what_all_did() -> None:
    runs = [dataclasses.replace(header(at), jobs=jobs) for at, jobs in ((1.0, ("x", "y")), (2.0, ("z", "y")))]
    assert join([part("a", runs[0]), part("b", runs[1])])[0].jobs == ("x", "y", "z")


def test_a_budget_is_of_one_sitting() -> None:
    hurried = header(budget_seconds=60.0)
    assert join([Part("a.jsonl", header(), ()), Part("b.jsonl", hurried, ())])[0].settings.budget_seconds is None
    assert join([Part("b.jsonl", hurried, ())])[0].settings.budget_seconds == 60.0


def test_a_link_that_was_idle_is_no_difference() -> None:
    server = fakes.server()
    idle = dataclasses.replace(server, accelerators=(dataclasses.replace(server.accelerators[0], pcie_width=4),))
    assert join([part("a", header(1.0, server)), part("b", header(2.0, idle))])[0].environment == server


def test_hosts_of_one_kind_are_all_named() -> None:
    environments = [
        dataclasses.replace(fakes.laptop(), host=host, memory_bytes=memory)
        for host, memory in (("one", 100), ("two", 98), ("one", 100))
    ]
    parts = [part(str(n), header(float(n), e), line(f"w{n}")) for n, e in enumerate(environments)]
    run, lines = join(parts)
    assert (run.environment.host, run.environment.memory_bytes) == ("one + two", 98)
    assert join([part("whole", run, *lines), parts[1]])[0] == run


TIGER = dataclasses.replace(fakes.laptop(), cpu=dataclasses.replace(fakes.laptop().cpu, model="Tiger"))
NEWER = dataclasses.replace(fakes.laptop(), packages={"torch": "2.12.0"})
LISTED = dataclasses.replace(fakes.laptop(), accelerators=fakes.server().accelerators)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (header(sample_seconds=0.6), "settings.sample_seconds is 0.5 in a.jsonl and 0.6 in b.jsonl: only parts"),
        (header(max_rounds=9, seed=3), "settings.max_rounds is 5 in a.jsonl and 9 in b.jsonl (also settings.seed)"),
        (dataclasses.replace(RUN, protocol=2), "protocol is 1 in a.jsonl and 2 in b.jsonl"),
        (dataclasses.replace(RUN, schema="1.9"), "schema is 1.0 in a.jsonl and 1.9 in b.jsonl"),
        (dataclasses.replace(RUN, version="9\x1b[31m"), "version is 0.1.0 in a.jsonl and 9?[31m in b.jsonl"),
        (header(environment=TIGER), "environment.cpu.model is Example CPU 2000 in a.jsonl and Tiger in b.jsonl"),
        (header(environment=NEWER), "environment.packages.torch is 2.11.0 in a.jsonl and 2.12.0 in b.jsonl"),
        (header(environment=LISTED), "environment.accelerators.0.kind is none in a.jsonl and cuda in b.jsonl"),
    ],
)
def test_what_was_not_measured_alike_is_refused(other: Run, says: str) -> None:
    late = dataclasses.replace(other, started=2e9)
    with pytest.raises(UsageError) as caught:
        join([part("b.jsonl", late), part("a.jsonl", EARLY)])
    assert str(caught.value).startswith(says)
    assert str(caught.value).endswith(
        "benchsuite report shows such runs side by side, and compare takes several a side"
    )


def test_every_field_of_the_header_has_to_be_alike_but_those_that_are_joined() -> None:
    """A field that is added to runs is not forgotten here: it is refused until somebody says how it is joined."""
    joined = {"patterns", "backends", "precisions", "budget_seconds"}
    for name in {f.name for f in dataclasses.fields(RUN.settings)} - joined:
        value = getattr(RUN.settings, name)
        other = header(2e9, **{name: "other" if isinstance(value, str | None) else value + 1})
        with pytest.raises(UsageError, match=rf"^settings\.{name} is "):
            join([part("a", EARLY), part("b", other)])
