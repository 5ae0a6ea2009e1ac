"""The table of ceilings: the most that each machine was measured to reach, beside what makers print."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchsuite import units
from benchsuite.analysis import Ceiling, data_sheet, part_of_sheet
from benchsuite.report.sheet import Sheet
from benchsuite.report.table import Column, Table, digits, of_margins

NO_CEILINGS = "No ceilings were measured: add matmul and memory-read to the run to see shares."


def ceiling_table(sheets: Sequence[Sheet]) -> Table | None:
    """Ceilings of every run, those of one kind under one another; None where no run measured any."""
    kinds = dict.fromkeys(key for sheet in sheets for key in sheet.ceilings.best)
    rows = [
        (sheet, kind, sheet.ceilings.best[kind]) for kind in kinds for sheet in sheets if kind in sheet.ceilings.best
    ]
    if not rows:
        return None
    found = [c for *_, c in rows]
    parts = [_part(sheet, device, c) for sheet, (device, _), c in rows]
    columns = [
        Column("device", tuple(device for _, (device, _), _ in rows), right=False, once=True),
        Column("measured by", tuple(c.name for c in found), right=False, once=True),
        Column("run", tuple(sheet.label for sheet, *_ in rows), right=False),
        Column("ceiling", tuple(map(_ceiling, found)), values=tuple(c.rate.value for c in found)),
        of_margins([c.rate for c in found]),
        Column("data sheet", tuple(_printed(c, p) for c, p in zip(found, parts, strict=True)), spare=1),
        Column("reached", tuple("" if p is None else units.percent(p) for p in parts), values=tuple(parts)),
        Column("at", tuple(map(_where, found)), right=False, spare=2),
    ]
    kept = tuple(c for c in columns if any(c.cells) and (c.head != "run" or len(sheets) > 1))
    starts = tuple(i for i, (_, kind, _) in enumerate(rows) if i == 0 or kind != rows[i - 1][1])
    return Table("The most that was measured", "of several sizes and backends the best", kept, starts, "ceilings")


def _ceiling(found: Ceiling) -> str:
    """A rate, or of launching the time that one takes."""
    if found.resource != "launch":
        return units.rate(found.rate.value, found.resource, digits(found.rate))
    return units.seconds(1 / found.rate.value, digits(found.rate))


def _where(found: Ceiling) -> str:
    """The case and backend that reached it: of a search over sizes and backends, which."""
    numbers = [f"{axis}={v}" for axis, v in found.job.case.axes.items() if isinstance(v, int)]
    return " ".join([*numbers, found.job.backend])


def _part(sheet: Sheet, device: str, found: Ceiling) -> float | None:
    printed = data_sheet(sheet.stored.run.environment.accelerators, device)
    return part_of_sheet(found, printed) if printed else None


def _printed(found: Ceiling, part: float | None) -> str:
    """What the data sheet says, with the digits that it prints."""
    if part is None:
        return ""
    printed = found.rate.value / part
    exact = (n for n in range(2, 6) if math.isclose(float(f"{printed:.{n - 1}e}"), printed, rel_tol=1e-9))
    return units.rate(printed, found.resource, next(exact, 5))
