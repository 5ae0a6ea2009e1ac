"""Tables as text cells, the same for every form of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchsuite import units
from benchsuite.analysis import Estimate


@dataclass(frozen=True)
class Column:
    """A heading and its cells; `values` are the numbers behind them in base units, to sort by.

    Where a line is too narrow, the columns with the highest `spare` are left out first. The cells of a column that is
    shown `once` are the same for all rows of a group.
    """

    head: str
    cells: tuple[str, ...]
    right: bool = True
    spare: int = 0
    values: tuple[float | None, ...] = ()
    once: bool = False


@dataclass(frozen=True)
class Table:
    """A title, what all rows have in common, and columns of equal length. `starts` are the rows that begin a group.

    `family` is that of the workload, empty where the table is of something else.
    """

    title: str
    common: str
    columns: tuple[Column, ...]
    starts: tuple[int, ...] = ()
    family: str = ""


def lines(columns: Sequence[Column], starts: Iterable[int] = ()) -> list[tuple[str, ...]]:
    """The cells row by row; what is shown once is blank but where a group begins."""
    begins = set(starts)
    return [
        tuple("" if c.once and i not in begins else cell for c, cell in zip(columns, cells, strict=True))
        for i, cells in enumerate(zip(*(c.cells for c in columns), strict=True))
    ]


def of_estimates(
    head: str, found: Sequence[Estimate | None], show: Callable[[float, int], str], spare: int = 0
) -> Column:
    """Values with as many digits as their intervals support; blank where there is none."""
    cells = tuple("" if e is None else show(e.value, digits(e)) for e in found)
    return Column(head, cells, spare=spare, values=tuple(e.value if e else None for e in found))


def of_margins(found: Sequence[Estimate | None], spare: int = 0) -> Column:
    """Half of each interval, as a share of its value."""
    halves = tuple(e.relative_half_width if e else None for e in found)
    cells = tuple("" if e is None else units.margin(e.relative_half_width) for e in found)
    return Column("±", cells, spare=spare, values=halves)


def of_counts(head: str, counts: Sequence[int], spare: int = 0) -> Column:
    """Whole numbers."""
    return Column(head, tuple(map(str, counts)), spare=spare, values=tuple(map(float, counts)))


def digits(item: Estimate) -> int:
    """Significant digits that the interval supports."""
    return units.digits(item.value, item.half_width)
