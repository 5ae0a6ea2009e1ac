"""Cold against warm: the parts of a start, first iterations against later ones, preparing with and without a cache."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite import units
from benchsuite.report.charts import axes, scatter, words
from benchsuite.report.charts.model import Chart, Dot, Dots
from benchsuite.report.charts.scatter import Times
from benchsuite.report.escape import short
from benchsuite.report.sheet import Row, Sheet, reading_order

_PARTS = {
    "python": "start Python", "import": "import", "build": "build the network", "load": "load weights",
    "first": "first token",
}  # fmt: skip


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """The parts of cold starts, first against later iterations, and preparing cold against warm."""
    return [*_starts(sheets), *_firsts(sheets), *_preparing(sheets)]


def _starts(sheets: Sequence[Sheet]) -> list[Chart]:
    rows = sorted((row for sheet in sheets for row in sheet.rows), key=reading_order)
    dots = [dot for row in rows for dot in _parts(row, len(sheets))]
    if not dots:
        return []
    ends = [v for dot in dots for v in words.ends(dot.estimate)]
    axis = axes.logarithmic("time of a part, logarithmic", ends, axes.one_second_digit)
    longest = max(dots, key=lambda dot: dot.estimate.value)
    caption = (
        "Parts of the way of a new process to its first token, one after another."
        f"{words.sentence(f'The longest is {longest.label}, {longest.text}.')}{words.letters(sheets)}"
    )
    return [Chart("cold-start", "Cold start, part by part", caption, (Dots(axis, tuple(dots)),), "cold", "around")]


def _parts(row: Row, runs: int) -> list[Dot]:
    """The run stands in the heading: parts of one start are read together."""
    job = row.summary.job
    case = short(f"{f'{row.run}: ' if runs > 1 else ''}{job.case.id} on {job.backend}", words.LONGEST_CASE)
    found = {told: row.summary.estimates.get(f"time/cold_{part}") for part, told in _PARTS.items()}
    return [
        Dot(case, told, words.backend_family(job), words.on_cpu(job), each, words.told(each, units.seconds), best=False)
        for told, each in found.items()
        if each is not None and words.drawable(each)
    ]


def _firsts(sheets: Sequence[Sheet]) -> list[Chart]:
    read = (
        "The first iteration after preparing against the later ones, a point a job; on the dashed line it takes as long"
        " as they do."
    )
    headings = "later iterations", "first iteration"
    times = {sheet.label: _first_and_later(sheet) for sheet in sheets}
    return scatter.charts("cold-first", "First iteration against later ones", read, headings, sheets, times)


def _first_and_later(sheet: Sheet) -> list[Times]:
    pairs = [(row, row.summary.estimates) for row in sheet.rows]
    return [
        Times(row, found["time/latency"], found["time/first"])
        for row, found in pairs
        if "time/latency" in found and "time/first" in found
    ]


def _preparing(sheets: Sequence[Sheet]) -> list[Chart]:
    read = (
        "Preparing (export or compile, and load) without a cache against preparing with it, a point a job; the"
        " distance to the dashed line is what the cache saves. One process of a run fills the cache, so"
        " that there is no interval above and below."
    )
    headings = "preparing, warm cache", "preparing, cold cache"
    times = {sheet.label: _cold_and_warm(sheet) for sheet in sheets}
    return scatter.charts("cold-prepare", "Preparing, cold against warm", read, headings, sheets, times)


def _cold_and_warm(sheet: Sheet) -> list[Times]:
    """Of each job that was prepared both ways. One process of a run fills the cache, so cold has no interval."""
    found = [(row, row.summary.prepared) for row in sheet.rows]
    return [Times(row, times["warm"], times["cold"]) for row, times in found if "warm" in times and "cold" in times]
