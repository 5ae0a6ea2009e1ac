"""All findings together: their order, what they say of nothing, and that nothing stored can break them."""

import dataclasses
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from benchsuite.analysis import Ceiling, Ceilings, Estimate, Summary
from benchsuite.analysis.findings import findings
from benchsuite.analysis.findings import names as families
from benchsuite.records import Case, Check, Job, Work
from tests.analysis.findings.made import said, summaries_of, swept
from tests.fakes import job

ORDER = [
    "recurrence-on-cpu",
    "attention-square-on-cpu",
    "accelerator-training",
    "accelerator-inference",
    "accelerator-generation",
    "accelerator-energy",
    "key-value-cache-on-cpu",
    "batching-on-cpu",
    "quantisation-on-cpu",
    "pruning-on-cpu",
    "onnxruntime-on-cpu",
    "torch-compile-on-cpu",
    "decode-on-cpu",
    "prefill-on-cpu",
    "moving-data-on-cpu",
    "training-step-on-cpu",
]


def test_nothing_measured_says_what_to_measure() -> None:
    found = findings((), Ceilings())
    assert [f.name for f in found] == ORDER
    assert {f.answer for f in found} == {"cannot tell"}
    assert all(f.reason and not f.numbers and not f.jobs for f in found)


def test_accelerators_follow_the_cpu_claim_by_claim() -> None:
    names = list(said(summaries_of([(job("rnn", "torch-eager-cuda", seq=1), 1.0, None)])))
    assert names[:4] == [
        "recurrence-on-cpu",
        "recurrence-on-cuda",
        "attention-square-on-cpu",
        "attention-square-on-cuda",
    ]
    assert "accelerator-training" not in names
    assert len(names) == len(set(names))


def test_without_intervals_nothing_is_decided() -> None:
    timed = [(job("feed-forward", b, sparsity=s), t, None) for b in ("torch-eager-cpu", "onnxruntime-cpu")
             for s, t in ((0, 1.0), (50, 9.0))]  # fmt: skip
    assert {f.answer for f in said(summaries_of(timed, precise=False)).values()} == {"cannot tell"}


ODD = [0.0, -1.0, 5e-324, 1e-3, 1.0, 1e308, math.inf, -math.inf, math.nan]
odd = st.one_of(st.sampled_from(ODD), st.sampled_from(ODD), st.floats())
ends = st.one_of(st.none(), odd)
estimates = st.builds(Estimate, odd, ends, ends, st.integers(0, 6), st.integers(0, 9))
values = st.one_of(st.integers(-1, 5), st.sampled_from([0, 64, 10**30, "on", "off", "sdpa", "", "x"]))
AXES = ["batch", "seq", "size", "length", "cache", "sparsity", "heads", "head_dim", "width"]
axes = st.dictionaries(st.sampled_from(AXES), values, max_size=5)
NAMES = {name for key, known in vars(families).items() if key.isupper() for name in known}
workloads = st.sampled_from(sorted(NAMES | {"matmul", "launch", "", "x"}))
jobs = st.builds(
    Job,
    st.builds(Case, workloads, axes),
    st.sampled_from(["torch-eager-cpu", "onnxruntime-cpu", "torch-compile-cpu", "torch-eager-cuda", "", "odd"]),
    st.sampled_from(["fp32", "int8", "bf16", "", "x"]),
    st.integers(0, 2),
)
works = st.one_of(st.none(), st.builds(Work, odd, st.just("rows"), odd, odd, odd, odd))
checks = st.one_of(st.none(), st.builds(Check, st.just("a"), st.just("b"), odd, odd, st.just("c"), st.booleans()))
metrics = st.sampled_from(["time/latency", "time/throughput", "time/prepare", "energy/host", "energy/device"])
summaries = st.builds(
    Summary,
    jobs,
    st.sampled_from(["ok", "ok", "ok", "wrong", "failed", "skipped"]),
    st.just(""),
    st.just(("ok",)),
    st.dictionaries(metrics, estimates, max_size=4),
    works,
    checks,
    st.just(()),
    st.just({}),
    st.dictionaries(st.sampled_from(["cold", "warm"]), estimates, max_size=2),
)
ceiling = st.builds(Ceiling, st.just("memory-read"), st.sampled_from(["FLOP", "B", "launch"]), jobs, odd, estimates)
kinds = st.sampled_from(["cpu", "cuda"])
transfers = st.sampled_from(["transfer-to-device pinned", "transfer-from-device pageable", "matmul fp32"])
limits = st.builds(
    Ceilings,
    st.dictionaries(st.tuples(kinds, transfers), ceiling, max_size=4),
    st.dictionaries(st.tuples(kinds, st.just("fp32")), ceiling, max_size=2),
    st.dictionaries(kinds, ceiling, max_size=2),
    st.dictionaries(kinds, ceiling, max_size=2),
)


@settings(deadline=None)
@given(st.lists(summaries, max_size=12), limits)
def test_nothing_stored_can_break_them(found: list[Summary], ceilings: Ceilings) -> None:
    for finding in findings(found, ceilings):
        assert finding.claim
        assert finding.reason


SWEPT, LIMITS = swept(("torch-eager-cpu", "onnxruntime-cpu", "torch-eager-cuda"), lambda job, work: 1e-3 * work.items)
METRICS = ("time/latency", "time/throughput", "time/prepare")


@settings(deadline=None)  # some thousand estimates an example, on a machine that may be busy
@given(
    st.sampled_from(sorted(NAMES)), estimates, works, checks, st.sampled_from(["", *AXES]), st.integers(1, 3), ceiling
)
def test_a_sweep_with_a_damaged_workload_cannot_break_them(
    name: str, odd: Estimate, work: Work | None, check: Check | None, lost: str, every: int, limit: Ceiling
) -> None:
    def damaged(number: int, s: Summary) -> Summary:
        if s.job.case.workload != name or number % every:
            return s
        kept = {axis: value for axis, value in s.job.case.axes.items() if axis != lost}
        job = dataclasses.replace(s.job, case=Case(name, kept))
        return dataclasses.replace(
            s, job=job, work=work, check=check, estimates=dict.fromkeys(METRICS, odd), prepared={"cold": odd}
        )

    found = [damaged(number, s) for number, s in enumerate(SWEPT)]
    numbers = [n.value.value for f in findings(found, LIMITS) for n in f.numbers]
    assert all(map(math.isfinite, numbers))
    odd_limits = {kind: dataclasses.replace(limit, name="memory-read", resource="B") for kind in ("cpu", "cuda")}
    assert findings(found, dataclasses.replace(LIMITS, bytes=odd_limits))
