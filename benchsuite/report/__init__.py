"""Reports of stored runs: for a terminal, as a page, as Markdown, as tables of data, as pictures."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from benchsuite.report.charts.model import Chart
    from benchsuite.report.part import Part
    from benchsuite.report.sheet import Sheet
    from benchsuite.store import Stored

__all__ = ["FORMATS", "USUAL", "Report", "show", "write"]

FORMATS = ("html", "markdown", "csv", "parquet", "png", "svg")
USUAL = ("html", "markdown", "csv", "png", "svg")
"""Those that need nothing beyond what is always installed."""

_WORTH_PROCESSES = 12


@dataclass(frozen=True)
class Report:
    """What stored runs say, worked out once for all forms."""

    sheets: tuple[Sheet, ...]
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, stored: Sequence[Stored]) -> Report:
        """The report of one or several runs, side by side."""
        from benchsuite.report.document import parts
        from benchsuite.report.sheet import sheets

        found = sheets(stored)
        return cls(found, tuple(parts(found)))


def show(report: Report, console: Console) -> None:
    """Write a report to a terminal."""
    from benchsuite.report import text

    text.show(report.parts, console)


def write(report: Report, folder: Path, formats: Sequence[str] = USUAL, processes: int = 1) -> list[Path]:
    """Write report.html, report.md, report.csv, report.parquet and a picture a chart; return what was written.

    Many pictures are drawn by further processes where there may be several; each begins by importing the main module.
    Raises UsageError where a format needs what is not installed, OSError where the disk refuses.
    """
    if "parquet" in formats:
        from benchsuite.report import parquet

        parquet.require()
    from benchsuite.report.place import own

    folder.mkdir(parents=True, exist_ok=True)
    with _drawing(report, folder, [kind for kind in ("png", "svg") if kind in formats], processes) as drawn:
        written = []
        for name, (file, content) in _documents(report, {path.name for path in drawn}).items():
            if name in formats:
                written.append(own(folder / file))
                written[-1].write_text(content(), encoding="utf-8")
        if "parquet" in formats:
            written.append(own(folder / "report.parquet"))
            parquet.write(report.sheets, written[-1])
    return [*written, *drawn]


def _documents(report: Report, drawn: set[str]) -> dict[str, tuple[str, Callable[[], str]]]:
    """File and content of each format that is text; what is heavy is imported when it is asked for."""
    from benchsuite.report.document import title

    name = title(report.sheets)

    def page() -> str:
        from benchsuite.report.page import document

        return document(report.parts, name)

    def markdown() -> str:
        from benchsuite.report.markdown import document

        return document(report.parts, name, drawn)

    def csv() -> str:
        from benchsuite.report.csv import document

        return document(report.sheets)

    return {"html": ("report.html", page), "markdown": ("report.md", markdown), "csv": ("report.csv", csv)}


@contextlib.contextmanager
def _drawing(report: Report, folder: Path, kinds: Sequence[str], processes: int) -> Iterator[list[Path]]:
    """Which pictures there will be; they are drawn meanwhile, and are there in the end."""
    from benchsuite.report.document import pictures

    charts = list(pictures(report.parts)) if kinds else []
    paths = [folder / f"{chart.name}.{kind}" for chart in charts for kind in kinds]
    if processes < 2 or len(charts) < _WORTH_PROCESSES:
        yield paths
        _draw(charts, folder, kinds)
        return
    from concurrent.futures import ProcessPoolExecutor

    # Nothing that this process has read is of use to a drawing, so that a fresh one is smaller than a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        running = [pool.submit(_draw, [chart], folder, kinds) for chart in charts]
        yield paths
        for future in running:
            future.result()


def _draw(charts: Sequence[Chart], folder: Path, kinds: Sequence[str]) -> None:
    if charts:
        from benchsuite.report import drawing

        drawing.write(charts, folder, kinds)
