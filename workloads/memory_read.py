"""Sums over more than the caches hold: the bandwidth of reading that a machine was measured to reach."""

from __future__ import annotations

from benchsuite import Case, Forward, Work, Workload

MIB = 2**20
ROW = 1024


def build(case: Case) -> Forward:
    """Rows of 1024 values around zero, so that each value weighs in its row's sum and a row moved on is found out.

    Note: of sums, matrix-vector and vector-matrix products of several shapes, rows of about this length were read
    fastest by torch and ONNX Runtime alike on a CPU, and one long row by one thread only in some.
    """
    from workloads.nets.row_sums import RowSums
    from workloads.nets.weights import normal_rows

    return Forward(RowSums(), (normal_rows("values", _rows(case), ROW),))


def work(case: Case) -> Work:
    """Each value is read once, and one in 1024 written; the additions are not counted. Items are bytes of fp32."""
    values = _rows(case) * ROW
    return Work(items=4 * values, unit="B", values=values + _rows(case))


def _rows(case: Case) -> int:
    return case["mebibytes"] * MIB // (4 * ROW)


workload = Workload(
    name="memory-read",
    summary="sums over values that overflow the caches",
    kind="ceiling",
    program=Forward,
    axes={"mebibytes": 256},
    presets={
        "smoke": {"mebibytes": (32,)},
        "quick": {"mebibytes": (256,)},
        "full": {"mebibytes": (256,)},
        "sweep": {"mebibytes": (256,)},
    },
    build=build,
    work=work,
    accelerated={"quick": {"mebibytes": (1024,)}, "full": {"mebibytes": (1024, 4096)}, "sweep": {"mebibytes": (1024,)}},
)
