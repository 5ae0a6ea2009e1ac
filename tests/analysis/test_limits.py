"""Limits: ceilings come from the same run, and a share says which one binds."""

import pytest

from benchsuite.analysis import ceilings, device_kind, share, speedup, summarize
from benchsuite.records import Record, Work
from tests.fakes import job, rounds

MATMUL, COPY = Work(1, "products", flops=100.0), Work(10, "B", bytes=10.0)


def pace(time: float) -> dict[str, float]:
    return {"time/throughput": time}


CEILINGS = [
    *rounds(job("matmul", size=1), MATMUL, pace(2.0)),
    *rounds(job("matmul", "onnxruntime-cpu", size=2), MATMUL, pace(1.0)),
    *rounds(job("memory-copy"), COPY, pace(1.0)),
]


def shares(work: Work | None, time: float = 1.0, precision: str = "fp32", known: list[Record] = CEILINGS):
    mine = job("mine", precision=precision)
    summaries = summarize([*known, *rounds(mine, work, pace(time))])
    return share(summaries[-1], ceilings(summaries))


def test_the_best_job_of_a_device_and_precision_is_the_ceiling() -> None:
    found = ceilings(summarize(CEILINGS))
    assert found.flops["cpu", "fp32"].rate.value == pytest.approx(100.0, rel=0.01)
    assert found.flops["cpu", "fp32"].job.backend == "onnxruntime-cpu"
    assert found.bytes["cpu"].rate.value == pytest.approx(10.0, rel=0.01)


def test_a_wrong_matmul_is_no_ceiling() -> None:
    wrong = Record(job("matmul", "onnxruntime-cpu", size=2), 5, "wrong", "off")
    found = ceilings(summarize([*CEILINGS, wrong]))
    assert found.flops["cpu", "fp32"].job.backend == "torch-eager-cpu"


@pytest.mark.parametrize(
    ("work", "expected", "limiter"),
    [
        (Work(1, "rows", flops=50.0), 0.5, "matmul fp32"),
        (Work(1, "rows", bytes=2.0), 0.2, "memory-copy"),
        (Work(1, "rows", flops=50.0, bytes=8.0), 0.8, "memory-copy"),
        (Work(1, "rows", flops=300.0, bytes=1.0), 3.0, "matmul fp32"),
    ],
)
def test_share_is_attainable_over_measured_and_not_clipped(work: Work, expected: float, limiter: str) -> None:
    found = shares(work)
    assert found is not None
    assert found.value.value == pytest.approx(expected, rel=0.01)
    assert found.limiter == limiter
    assert found.value.low is not None
    assert found.value.low < found.value.value


@pytest.mark.parametrize(
    ("work", "precision", "known"),
    [
        (None, "fp32", CEILINGS),
        (Work(1, "rows"), "fp32", CEILINGS),
        (Work(1, "rows", flops=1.0), "bf16", CEILINGS),
        (Work(1, "rows", flops=1.0, bytes=1.0), "fp32", CEILINGS[:10]),
    ],
)
def test_no_share_where_a_ceiling_is_missing(work: Work | None, precision: str, known: list[Record]) -> None:
    assert shares(work, precision=precision, known=known) is None


def test_the_ceiling_is_all_of_itself() -> None:
    summaries = summarize(CEILINGS)
    found = share(summaries[1], ceilings(summaries))
    assert found is not None
    assert (found.value.value, found.value.low, found.value.high) == (1.0, 1.0, 1.0)


def test_device_kind_is_the_last_part_of_the_backend() -> None:
    assert [device_kind(job(backend=b)) for b in ("torch-eager-cpu", "onnxruntime-cuda", "odd")] == [
        "cpu",
        "cuda",
        "odd",
    ]


def test_speed_up_is_over_the_same_precision_else_over_fp32() -> None:
    jobs = {
        job(batch=1): 8.0,
        job(batch=1, precision="bf16"): 4.0,
        job(batch=1, backend="torch-eager-cuda", precision="bf16"): 1.0,
        job(batch=1, backend="torch-eager-cuda", precision="tf32"): 1.0,
        job(batch=2, backend="torch-eager-cuda"): 1.0,
    }
    summaries = summarize([r for j, time in jobs.items() for r in rounds(j, None, pace(time))])
    found = [speedup(s, summaries) for s in summaries]
    assert [round(f.value.value, 6) if f else None for f in found] == [1.0, 1.0, 4.0, 8.0, None]
    assert [f.over.precision if f else None for f in found] == ["fp32", "bf16", "bf16", "fp32", None]


READ, LAUNCH = Work(10, "B", bytes=20.0), Work(1, "launches", values=4)


@pytest.mark.parametrize(
    ("work", "expected", "limiter"),
    [
        (Work(1, "tokens", bytes=4.0, launches=10), 0.2, "memory-read"),
        (Work(1, "tokens", bytes=4.0, launches=100), 0.5, "launch"),
        (Work(1, "tokens", flops=80.0, launches=100), 0.8, "matmul fp32"),
    ],
)
def test_memory_is_the_best_of_reading_and_copying_and_launches_count(
    work: Work, expected: float, limiter: str
) -> None:
    known = [
        *CEILINGS,
        *rounds(job("memory-read"), READ, pace(1.0)),
        *rounds(job("launch", "torch-compile-cpu"), LAUNCH, pace(0.02)),
        *rounds(job("launch"), LAUNCH, pace(0.005)),
    ]
    found = shares(work, known=known)
    assert found is not None
    assert (found.value.value, found.limiter) == (pytest.approx(expected, rel=0.01), limiter)


def test_a_slow_launch_is_a_share_of_the_fastest() -> None:
    summaries = summarize(
        [*rounds(job("launch"), LAUNCH, pace(1e-6)), *rounds(job("launch", "onnxruntime-cpu"), LAUNCH, pace(4e-6))]
    )
    found = share(summaries[1], ceilings(summaries))
    assert found is not None  # though no memory was measured, and four values move
    assert (found.value.value, found.limiter) == (pytest.approx(0.25, rel=0.01), "launch")


def test_paths_of_their_own_are_ceilings_of_themselves_alone() -> None:
    crossing = Work(8, "B", bytes=8.0)
    known = [
        *CEILINGS,
        *rounds(job("transfer-to-device", "torch-eager-cuda", mebibytes=1, memory="pinned"), crossing, pace(2.0)),
        *rounds(job("transfer-to-device", "torch-eager-cuda", mebibytes=2, memory="pinned"), crossing, pace(1.0)),
        *rounds(job("transfer-to-device", "torch-eager-cuda", mebibytes=2, memory="pageable"), crossing, pace(4.0)),
        *rounds(job("disk-read"), crossing, pace(3.0)),
    ]
    summaries = summarize(known)
    limits = ceilings(summaries)
    assert [key for key in limits.best if key[1] not in ("matmul fp32", "memory-copy")] == [
        ("cpu", "disk-read"),
        ("cuda", "transfer-to-device pageable"),
        ("cuda", "transfer-to-device pinned"),
    ]
    found = [share(s, limits) for s in summaries[3:]]
    assert [(s.limiter, round(s.value.value, 6)) for s in found if s] == [
        ("transfer-to-device pinned", 0.5),
        ("transfer-to-device pinned", 1.0),
        ("transfer-to-device pageable", 1.0),
        ("disk-read", 1.0),
    ]
    assert limits.bytes["cpu"].name == "memory-copy"
    assert "cuda" not in limits.bytes


def test_work_without_operations_or_bytes_has_no_share() -> None:
    known = [*CEILINGS, *rounds(job("launch"), LAUNCH, pace(1e-6))]
    assert shares(Work(1, "characters", launches=0), known=known) is None
