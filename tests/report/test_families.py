"""Families of workloads."""

from benchsuite import catalog
from benchsuite.analysis import summarize
from benchsuite.report.families import FAMILIES, OTHERS, by_family, family
from benchsuite.report.sheet import Row
from tests.fakes import job, rounds


def test_every_workload_of_the_suite_has_one_family() -> None:
    named = [workload for each in FAMILIES for workload in each.workloads]
    assert len(named) == len(set(named))
    assert set(catalog.workloads()) == set(named)


def test_a_strangers_workload_is_among_the_others() -> None:
    assert family("mine") == OTHERS


def test_rows_come_by_family_in_order() -> None:
    jobs = [job("mine"), job("softmax"), job("matmul"), job("softmax", width=2)]
    rows = [Row("A", s) for s in summarize([r for j in jobs for r in rounds(j, None, {"time/latency": 1.0}, 1)])]
    found = by_family(rows)
    assert [each.name for each in found] == ["ceilings", "kernels", "others"]
    assert [row.summary.job.case.id for row in found[FAMILIES[1]]] == ["softmax", "softmax/width=2"]
