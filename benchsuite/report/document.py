"""The report before it is written: parts in the order of reading, the same for every form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from benchsuite.report.best_table import backend_table, best_table
from benchsuite.report.card import card
from benchsuite.report.charts.kinds import charts
from benchsuite.report.charts.model import Chart
from benchsuite.report.claims import claims
from benchsuite.report.device_table import device_table
from benchsuite.report.families import FAMILIES, Family, by_family
from benchsuite.report.job_table import job_tables, legend
from benchsuite.report.machine import when
from benchsuite.report.part import Part
from benchsuite.report.reproduce import reproduce
from benchsuite.report.sheet import Row, Sheet, reading_order
from benchsuite.report.soundness import in_doubt, without_result

__all__ = ["Part", "parts", "pictures", "title"]

_CHOICE = ("precision", "break-even")
_DOUBT = ("traces",)
_NO_ACCELERATOR = "No case has a result on both a CPU and an accelerator, so that there is nothing to compare."


def title(sheets: Sequence[Sheet]) -> str:
    """What this is a report of."""
    if len(sheets) == 1:
        run = sheets[0].stored.run
        return f"What {run.environment.host} can do, measured {when(run)}"
    hosts = list(dict.fromkeys(sheet.stored.run.environment.host for sheet in sheets))
    return f"What {', '.join(hosts)} can do: {len(sheets)} runs side by side"


def parts(sheets: Sequence[Sheet]) -> list[Part]:
    """What the machine is; what it says of claims; what it can do and on what; what to doubt; how to repeat it."""
    rows = sorted((row for sheet in sheets for row in sheet.rows if row.summary.estimates), key=reading_order)
    drawn, several = charts(sheets), len(sheets) > 1
    abilities = [_abilities(rows, several, drawn), _choice(rows, several, drawn), _details(rows, several, drawn)]
    return [
        card(sheets),
        claims(sheets),
        *(filter(_says_anything, abilities) if rows else []),
        in_doubt(sheets, _of_kinds(drawn, _DOUBT)),
        without_result(sheets),
        reproduce(sheets),
    ]


def pictures(found: Iterable[Part]) -> Iterator[Chart]:
    """Every chart of these parts, in the order of reading."""
    for part in found:
        yield from part.charts
        yield from pictures(part.parts)


def _says_anything(part: Part) -> bool:
    return bool(part.tables or part.charts or part.parts)


def _of_kinds(drawn: Sequence[Chart], kinds: Sequence[str]) -> tuple[Chart, ...]:
    return tuple(chart for kind in kinds for chart in drawn if chart.kind == kind)


def _abilities(rows: Sequence[Row], several: bool, drawn: Sequence[Chart]) -> Part:
    """The best of each workload, and every chart that has no closer place."""
    best = best_table(rows, several)
    charts = tuple(chart for chart in drawn if not chart.family and chart.kind not in (*_CHOICE, *_DOUBT))
    return Part("What it can do", tables=(best,) if best else (), charts=charts)


def _choice(rows: Sequence[Row], several: bool, drawn: Sequence[Chart]) -> Part:
    devices, backends = device_table(rows, several), backend_table(rows, several)
    first = Part(
        "CPU or accelerator",
        paragraphs=() if devices else (_NO_ACCELERATOR,),
        tables=(devices,) if devices else (),
        charts=_of_kinds(drawn, ("break-even",)),
    )
    second = Part(
        "Which backend, which precision",
        tables=(backends,) if backends else (),
        charts=_of_kinds(drawn, ("precision",)),
    )
    return Part("What to run it on", parts=(first, *([second] if second.tables or second.charts else [])))


def _details(rows: Sequence[Row], several: bool, drawn: Sequence[Chart]) -> Part:
    """Families of workloads, those that measure ceilings last: what they found stands at the beginning."""
    families = by_family(rows)
    ordered = sorted(families, key=lambda family: (family == FAMILIES[0], FAMILIES.index(family)))
    parts = tuple(_family(family, families[family], several, drawn) for family in ordered)
    return Part("Every job", paragraphs=(legend(rows),), parts=parts)


def _family(family: Family, rows: Sequence[Row], several: bool, drawn: Sequence[Chart]) -> Part:
    charts = tuple(c for c in drawn if c.family == family.name and c.kind not in (*_CHOICE, *_DOUBT))
    return Part(family.title, tables=tuple(job_tables(rows, several)), charts=charts)
