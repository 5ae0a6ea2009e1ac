"""Each claim in turn: supported, not supported, and not to be told, on jobs whose times are given."""

import dataclasses

import pytest

from benchsuite.analysis import Summary, estimate, summarize
from benchsuite.records import Check, Job, Work
from tests.analysis.findings.made import Timed, said, summaries_of, told
from tests.fakes import job, rounds

CUDA = "torch-eager-cuda"
CEILINGS: list[Timed] = [
    (job("matmul", size=1), 1.0, Work(1, "products", flops=100.0)),
    (job("memory-read"), 1.0, Work(10, "B", bytes=10.0)),
    (job("launch"), 1e-6, Work(1, "launches", values=4)),
]


def lengths(workload: str, power: float, ns: tuple[int, ...] = (64, 128, 256, 512, 1024), **axes: str) -> list[Timed]:
    return [(job(workload, seq=n, **axes), 1e-6 * n**power, None) for n in ns]


@pytest.mark.parametrize(
    ("rnn", "attention", "answer"),
    [(1.0, 0.2, "supported"), (1.0, 1.3, "not supported"), (1.0, 1.0, "cannot tell")],
)
def test_recurrence_is_how_both_grow(rnn: float, attention: float, answer: str) -> None:
    found = told("recurrence-on-cpu", *lengths("rnn", rnn, (16, 64, 512)), *lengths("attention-self", attention))
    assert found.answer == answer
    assert [round(n.value.value, 1) for n in found.numbers] == [rnn, attention]


@pytest.mark.parametrize(("power", "answer"), [(2.0, "supported"), (1.0, "not supported"), (1.5, "cannot tell")])
def test_the_square_shows_in_the_exponent(power: float, answer: str) -> None:
    assert told("attention-square-on-cpu", *lengths("attention-causal", power)).answer == answer


def test_the_square_is_told_from_a_length_on() -> None:
    bent = [(j, 1e-3 * (n / 300 + (n / 300) ** 2), w) for (j, _, w), n in zip(
        lengths("attention-self", 1.0), (64, 128, 256, 512, 1024), strict=True
    )]  # fmt: skip
    found = told("attention-square-on-cpu", *bent, *lengths("attention-self", 1.0, (8, 16, 32, 64), kind="short"))
    assert found.answer == "supported"
    (place,) = [n for n in found.numbers if n.unit == "tokens"]
    assert place.value.low is not None
    assert place.value.high is not None
    assert place.value.low < 300 < place.value.high


def trained(slower: float, *further: Timed) -> list[Timed]:
    return [
        (job("bert-finetune", batch=4), 1.0, None),
        (job("bert-finetune", "onnxruntime-cpu", batch=4), 0.8, None),
        (job("bert-finetune", CUDA, batch=4), 0.8 * slower, None),
        *further,
    ]


@pytest.mark.parametrize(("slower", "answer"), [(0.1, "supported"), (2.0, "not supported"), (1.0, "cannot tell")])
def test_an_accelerator_is_held_against_the_fastest_backend(slower: float, answer: str) -> None:
    found = told("cuda-training", *trained(slower))
    assert found.answer == answer
    assert found.numbers[0].value.value == pytest.approx(1 / slower, rel=0.05)
    assert set(found.jobs) == {job("bert-finetune", b, batch=4).id for b in ("onnxruntime-cpu", CUDA)}


def test_where_an_accelerator_is_no_help_is_said() -> None:
    small = [(job("dense-classifier-train", backend, rows=100), time, None) for backend, time in
             (("torch-eager-cpu", 1e-4), (CUDA, 2e-4))]  # fmt: skip
    found = told("cuda-training", *trained(0.01, *small))
    assert found.answer == "supported"
    assert "surely the slower one at dense-classifier-train/rows=100" in found.reason


def with_energy(job: Job, **joules: float) -> Summary:
    (summary,) = summarize(rounds(job, None, {"time/latency": 1.0}))
    found = {f"energy/{side}": estimate([x * 1.01**i for i in range(5)], 5) for side, x in joules.items()}
    return dataclasses.replace(summary, estimates={**summary.estimates, **found})


@pytest.mark.parametrize(
    ("accelerator", "answer"),
    [
        ({"host": 1.0, "device": 1.0}, "supported"),
        ({"host": 10.0, "device": 30.0}, "not supported"),
        ({"device": 1.0}, "cannot tell"),
    ],
)
def test_energy_is_of_host_and_device(accelerator: dict[str, float], answer: str) -> None:
    here = with_energy(job("bert-classify", batch=1), host=20.0)
    there = with_energy(job("bert-classify", CUDA, batch=1), **accelerator)
    assert said((here, there))["cuda-energy"].answer == answer


def generated(length: int, cache: str, time: float) -> Timed:
    return job("gpt2-generate", length=length, cache=cache), time, None


@pytest.mark.parametrize(("without", "answer"), [(3.0, "supported"), (0.5, "not supported"), (1.0, "cannot tell")])
def test_the_cache_is_judged_at_the_longest_length(without: float, answer: str) -> None:
    short = generated(16, "on", 1.0), generated(16, "off", 1.0)
    found = told("key-value-cache-on-cpu", *short, generated(64, "on", 4.0), generated(64, "off", 4.0 * without))
    assert found.answer == answer
    assert [round(n.value.value, 1) for n in found.numbers] == [without, 1.0]
    assert ("the longer the text" in found.reason) == (without == 3.0)


def batched(*times: float) -> list[Timed]:
    """Batches of 1, 2, 4, ... that take so long, 0.05 FLOP an item."""
    return [
        (job("minilm-embed", batch=2**i), time, Work(2**i, "sequences", flops=0.05 * 2**i))
        for i, time in enumerate(times)
    ]


@pytest.mark.parametrize(
    ("times", "precise", "answer"),
    [
        ((1.0, 1.1, 1.3, 1.8), True, "supported"),
        ((1.0, 2.0, 4.0, 8.0), True, "not supported"),
        ((1.0, 2.1, 4.4, 9.0), True, "not supported"),
        ((1.0, 1.1, 1.3, 1.8), False, "cannot tell"),
    ],
)
def test_batches_raise_the_rate(times: tuple[float, ...], precise: bool, answer: str) -> None:
    assert told("batching-on-cpu", *batched(*times), *CEILINGS, precise=precise).answer == answer


def test_the_limiter_is_of_the_batch_where_the_rate_stops_rising() -> None:
    found = told("batching-on-cpu", *batched(1e-3, 1e-3, 2e-3, 4e-3), *CEILINGS)
    assert found.answer == "supported"
    assert "stops rising where matmul fp32 is its limiter" in found.reason
    assert [round(n.value.value, 1) for n in found.numbers] == [2.0, 2.0, 1.0]
    rising = told("batching-on-cpu", *batched(1e-3, 1.1e-3, 1.2e-3, 1.3e-3), *CEILINGS)
    assert "still rises at the largest batch" in rising.reason
    assert "not known" in told("batching-on-cpu", *batched(1e-3, 1e-3, 2e-3, 4e-3)).reason


@pytest.mark.parametrize(("int8", "answer"), [(0.5, "supported"), (2.0, "not supported"), (1.0, "cannot tell")])
def test_quantisation_is_the_same_job_in_int8(int8: float, answer: str) -> None:
    jobs = [(job("bert-classify", precision=p, batch=1), t, None) for p, t in (("fp32", 1.0), ("int8", int8))]
    made = [
        dataclasses.replace(s, check=Check("after", "output", error, 1.0, "float64", passed=True))
        for s, error in zip(summaries_of(jobs), (1e-6, 0.03), strict=True)
    ]
    found = said(made)["quantisation-on-cpu"]
    assert found.answer == answer
    assert [n.value.value for n in found.numbers[-2:]] == [1e-6, 0.03]


@pytest.mark.parametrize(
    ("pruned", "answer"), [(0.5, "supported"), (1.0, "not supported"), (1.5, "not supported"), (0.91, "supported")]
)
def test_pruning_promises_speed_worth_having(pruned: float, answer: str) -> None:
    jobs = [(job("feed-forward", sparsity=s), t, None) for s, t in ((0, 1.0), (90, pruned))]
    assert told("pruning-on-cpu", *jobs).answer == answer


@pytest.mark.parametrize(("time", "answer"), [(0.5, "supported"), (2.0, "not supported"), (1.0, "cannot tell")])
def test_a_runtime_is_held_against_eager(time: float, answer: str) -> None:
    jobs = [(job("softmax", b, rows=1), t, None) for b, t in (("torch-eager-cpu", 1.0), ("onnxruntime-cpu", time))]
    found = told("onnxruntime-on-cpu", *jobs)
    assert found.answer == answer
    assert found.answer == "cannot tell" or "BENCHSUITE_CACHE" in found.reason


def test_each_workload_counts_once_in_a_mean() -> None:
    jobs = [(job("softmax", "onnxruntime-cpu", rows=n), 0.5, None) for n in range(1, 10)]
    jobs += [(job("softmax", rows=n), 1.0, None) for n in range(1, 10)]
    jobs += [(job("rnn", seq=1), 1.0, None), (job("rnn", "onnxruntime-cpu", seq=1), 2.0, None)]
    assert told("onnxruntime-on-cpu", *jobs).numbers[0].value.value == pytest.approx(1.0, rel=0.01)


@pytest.mark.parametrize(
    ("workload", "name", "work", "time", "answer"),
    [
        ("attention-decode", "decode-on-cpu", Work(1, "tokens", flops=1.0, bytes=10.0), 1.25, "supported"),
        ("attention-decode", "decode-on-cpu", Work(1, "tokens", flops=1.0, bytes=10.0), 3.0, "cannot tell"),
        ("attention-decode", "decode-on-cpu", Work(1, "tokens", flops=100.0, bytes=1.0), 1.25, "not supported"),
        ("gpt2-forward", "prefill-on-cpu", Work(1, "tokens", flops=100.0, bytes=1.0), 1.25, "supported"),
        ("gpt2-forward", "prefill-on-cpu", Work(1, "tokens", flops=1.0, bytes=10.0), 1.25, "not supported"),
        ("gpt2-forward", "prefill-on-cpu", None, 1.25, "cannot tell"),
    ],
)
def test_what_binds_is_the_limiter_where_it_explains_the_time(
    workload: str, name: str, work: Work | None, time: float, answer: str
) -> None:
    assert told(name, (job(workload, seq=8), time, work), *CEILINGS).answer == answer


@pytest.mark.parametrize(
    ("work", "time", "answer"),
    [
        (Work(1, "rows", flops=1.0, bytes=10.0), 1.25, "supported"),
        (Work(1, "rows", flops=1.0, bytes=10.0), 5.0, "cannot tell"),
        (Work(1, "rows", flops=100.0, bytes=1.0), 1.25, "not supported"),
    ],
)
def test_moving_is_held_against_computing(work: Work, time: float, answer: str) -> None:
    assert told("moving-data-on-cpu", (job("rnn", seq=1), time, work), *CEILINGS).answer == answer


def test_moving_to_an_accelerator_is_moving_too() -> None:
    crossing = Work(1, "B", bytes=1e6)
    transfers = [(job(f"transfer-{way}-device", CUDA, memory="pinned"), 1.0, crossing) for way in ("to", "from")]
    fast = (job("matmul", CUDA, size=1000), 1e-3, Work(1, "products", flops=2e9))
    found = told("moving-data-on-cuda", *transfers, fast)
    assert found.answer == "supported"
    assert found.numbers[0].value.value == pytest.approx(12e3, rel=0.05)


@pytest.mark.parametrize(("whole", "answer"), [(3.0, "supported"), (1.5, "not supported"), (2.0, "cannot tell")])
def test_a_training_step_is_counted_in_forward_passes(whole: float, answer: str) -> None:
    jobs = [(job(w, batch=4), t, None) for w, t in (("bert-finetune", whole), ("bert-evaluate", 1.0))]
    found = told("training-step-on-cpu", *jobs)
    assert found.answer == answer
    assert found.numbers[0].value.value == pytest.approx(whole - 1, rel=0.05)
