"""The table of devices: each case on the CPU at its best against the accelerator at its best."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite import units
from benchsuite.analysis import Estimate, device_kind, ratio
from benchsuite.report.families import FAMILIES, family
from benchsuite.report.job_table import point, varied_axes
from benchsuite.report.sheet import Row
from benchsuite.report.table import Column, Table, of_estimates

_TITLE = "The CPU at its best against the accelerator at its best"
_COMMON = "one iteration, in the backend and precision that are fastest there"


def device_table(rows: Sequence[Row], several: bool) -> Table | None:
    """Cases of every run that have a result on both, ceilings apart, in the order of reading; None without any."""
    pairs = _pairs([row for row in rows if family(row.summary.job.case.workload) != FAMILIES[0]])
    if not pairs:
        return None
    hosts, devices = [host for host, _ in pairs], [device for _, device in pairs]
    gains = [_gain(host, device) for host, device in pairs]
    varied = varied_axes(rows)
    names = [row.summary.job.case.workload for row in hosts]
    columns = (
        Column("workload", tuple(names), right=False, once=True),
        Column("at", tuple(point(row, varied) for row in hosts), right=False),
        *([Column("run", tuple(row.run for row in hosts), right=False)] if several else []),
        of_estimates("CPU", [row.summary.pace for row in hosts], units.seconds),
        Column("CPU backend", tuple(map(_how, hosts)), right=False, spare=1),
        of_estimates("accelerator", [row.summary.pace for row in devices], units.seconds),
        Column("accelerator backend", tuple(map(_how, devices)), right=False, spare=1),
        of_estimates("CPU / accelerator", gains, units.times),
        Column("faster", tuple(map(_faster, gains)), right=False),
    )
    starts = tuple(i for i, name in enumerate(names) if i == 0 or name != names[i - 1])
    return Table(_TITLE, _COMMON, columns, starts)


def _pairs(rows: Sequence[Row]) -> list[tuple[Row, Row]]:
    best: dict[tuple[str, str], dict[bool, Row]] = {}
    for row in rows:
        if row.summary.pace is None or row.summary.pace.value <= 0:
            continue
        known = best.setdefault((row.run, row.summary.job.case.id), {})
        on_cpu = device_kind(row.summary.job) == "cpu"
        if on_cpu not in known or _pace(row).value < _pace(known[on_cpu]).value:
            known[on_cpu] = row
    return [(found[True], found[False]) for found in best.values() if len(found) == 2]


def _pace(row: Row) -> Estimate:
    assert row.summary.pace is not None
    return row.summary.pace


def _gain(host: Row, device: Row) -> Estimate | None:
    return ratio(_pace(host), _pace(device))


def _how(row: Row) -> str:
    return f"{row.summary.job.backend} {row.summary.job.precision}"


def _faster(gain: Estimate | None) -> str:
    if gain is None or gain.low is None or gain.high is None:
        return "no interval"
    return "accelerator" if gain.low > 1 else "CPU" if gain.high < 1 else "not told apart"
