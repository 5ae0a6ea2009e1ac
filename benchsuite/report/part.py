"""A part of a report: a heading and what stands under it, before it takes the form of text, Markdown or a page."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.report.charts.model import Chart
from benchsuite.report.table import Table


@dataclass(frozen=True)
class Part:
    """A heading and what stands under it, in this order. Every text may hold what a stranger wrote: escape it.

    A `folded` part is detail that most do without: shown closed where a form can open and close, and left out where it
    cannot.
    """

    heading: str
    facts: tuple[tuple[str, str], ...] = ()
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    parts: tuple[Part, ...] = ()
    folded: bool = False
