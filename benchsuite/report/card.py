"""The report card: which machine this is, how sound the numbers are, and the ceilings."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.report.ceiling_table import NO_CEILINGS, ceiling_table
from benchsuite.report.machine import facts, machine_table
from benchsuite.report.part import Part
from benchsuite.report.sheet import Sheet
from benchsuite.report.soundness import glance


def card(sheets: Sequence[Sheet]) -> Part:
    """One machine in lines, several in a table; jobs by what came of them; what was reached at most."""
    found = ceiling_table(sheets)
    ceilings = Part("Ceilings", tables=(found,)) if found else Part("Ceilings", paragraphs=(NO_CEILINGS,))
    parts = (glance(sheets), ceilings)
    if len(sheets) == 1:
        return Part("This machine", facts=tuple(facts(sheets[0])), parts=parts)
    return Part("The runs", tables=(machine_table(sheets),), parts=parts)
