"""What the measurements say of claims that people make."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.analysis.findings import findings
from benchsuite.analysis.findings.finding import Finding
from benchsuite.report.part import Part
from benchsuite.report.quantity import with_interval, with_margin
from benchsuite.report.sheet import Sheet
from benchsuite.report.table import Column, Table

_INTRODUCTION = "Claims that people make, and what these measurements say of them."
_ORDER = ("supported", "not supported", "cannot tell")


def claims(sheets: Sequence[Sheet]) -> Part:
    """Every claim with its answer, numbers and reason; last those of which nothing was measured."""
    found: dict[str, list[tuple[Sheet, Finding]]] = {}
    for sheet in sheets:
        for finding in findings([row.summary for row in sheet.rows], sheet.ceilings):
            found.setdefault(finding.name, []).append((sheet, finding))
    groups = sorted(found.values(), key=_rank)
    told = [group for group in groups if _rank(group) < len(_ORDER)]
    parts = [_side_by_side(group) if len(sheets) > 1 else _claim(group[0][1]) for group in told]
    introduction = _INTRODUCTION
    if untold := groups[len(told) :]:
        introduction += f" Of {len(groups)}, {len(untold)} cannot be told from what was measured; the page says why."
        parts.append(
            Part(
                f"Not measured: {len(untold)} claim{'s' if len(untold) > 1 else ''}",
                tables=(_untold(untold),),
                folded=True,
            )
        )
    return Part("Findings", paragraphs=(introduction,), parts=tuple(parts))


def _rank(group: Sequence[tuple[Sheet, Finding]]) -> int:
    """The best that any run has to say: an answer, then numbers that do not suffice for one, then nothing."""
    best = min(_ORDER.index(finding.answer) for _, finding in group)
    return best if best < 2 or any(finding.numbers for _, finding in group) else len(_ORDER)


def _claim(finding: Finding) -> Part:
    numbers = tuple((n.what, with_interval(n.value, n.unit)) for n in finding.numbers)
    facts = (("answer", finding.answer), *numbers)
    return Part(_heading(finding), facts=facts, paragraphs=(finding.reason,))


def _heading(finding: Finding) -> str:
    return finding.claim.removesuffix(".")


def _untold(groups: Sequence[Sequence[tuple[Sheet, Finding]]]) -> Table:
    """Claims and what would have to be measured; what holds for every run is said once."""
    pairs = dict.fromkeys((_heading(finding), finding.reason) for group in groups for _, finding in group)
    columns = (
        Column("claim", tuple(claim for claim, _ in pairs), right=False),
        Column("to tell", tuple(reason for _, reason in pairs), right=False),
    )
    return Table("", "", columns)


def _side_by_side(group: Sequence[tuple[Sheet, Finding]]) -> Part:
    found = [finding for _, finding in group]
    reasons: dict[str, list[str]] = {}
    for sheet, finding in group:
        if _rank([(sheet, finding)]) < len(_ORDER):
            reasons.setdefault(finding.reason, []).append(sheet.label)
    told = (
        reason if len(labels) == len(group) else f"{', '.join(labels)}: {reason}" for reason, labels in reasons.items()
    )
    columns = (
        Column("run", tuple(sheet.label for sheet, _ in group), right=False),
        Column("answer", tuple(finding.answer for finding in found), right=False),
        *(_numbers(what, found) for what in dict.fromkeys(n.what for finding in found for n in finding.numbers)),
    )
    return Part(_heading(found[0]), paragraphs=tuple(told), tables=(Table("", "", columns),))


def _numbers(what: str, found: Sequence[Finding]) -> Column:
    """One number of every run's evidence; blank where a run has none of that name."""
    numbers = [next((n for n in finding.numbers if n.what == what), None) for finding in found]
    cells = tuple("" if n is None else with_margin(n.value, n.unit) for n in numbers)
    return Column(what, cells, values=tuple(None if n is None else n.value.value for n in numbers))
