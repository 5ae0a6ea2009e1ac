"""`benchsuite report`: what stored runs say, as a page, text, tables and pictures."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchsuite.cli.terminal import say, unobeyed
from benchsuite.errors import UsageError
from benchsuite.report import FORMATS, USUAL
from benchsuite.store import Stored, read

if TYPE_CHECKING:
    from benchsuite.archive import Place

QUICK = ("html", "markdown", "csv")
"""What a run writes at its end: pictures take longer than all the rest, and the page has its own."""

_MOST_PROCESSES = 4


@click.command(
    epilog="""\b
Examples:
  benchsuite report results/runs/20260101-120000-quick.jsonl
  benchsuite report here.jsonl there.jsonl --output side-by-side
  benchsuite report fleet/ s3://bucket/runs/ --format html
  benchsuite report run.jsonl --json"""
)
@click.argument("names", nargs=-1, required=True, metavar="FILE...")
@click.option("--output", type=click.Path(path_type=Path), help="folder to write to [default: beside the first file]")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help=f"what to write; repeatable [default: {', '.join(USUAL)}]",
)
@click.option("--json", "as_json", is_flag=True, help="print JSON and write no files")
def command(names: tuple[str, ...], output: Path | None, formats: tuple[str, ...], *, as_json: bool) -> None:
    """Print and write what stored runs say, several side by side: files, folders of *.jsonl, and URLs of either."""
    stored = _read(names)
    for run in stored:
        if run.torn:
            say(f"note: {run.path}: {run.torn}", err=True)
    if as_json:
        from benchsuite.report.data import as_data

        print(json.dumps(as_data(stored), indent=1))
        return
    present(stored, output or _beside(names[0]), formats or USUAL)


def present(stored: Sequence[Stored], folder: Path, formats: Sequence[str]) -> None:
    """Print the report and write its files, saying where they are. Raises UsageError where they cannot be written."""
    from rich.console import Console

    from benchsuite.probe.cpu import usable_cpus
    from benchsuite.report import Report, show, write

    report = Report.of(stored)
    with unobeyed():
        show(report, Console())
    try:
        written = write(report, folder, formats, min(len(usable_cpus()), _MOST_PROCESSES))
    except OSError as error:
        raise UsageError(f"cannot write the report to {folder}: {error.strerror}; choose another --output") from None
    print(f"Written to {folder}: {_listed(written)}")


def _listed(written: Sequence[Path]) -> str:
    """Documents by name, pictures by number: there are many."""
    documents = [path.name for path in written if path.stem == "report"]
    counts = {kind: sum(path.suffix == f".{kind}" for path in written) for kind in ("png", "svg")}
    return ", ".join([*documents, *(f"{count} {kind.upper()} pictures" for kind, count in counts.items() if count)])


def _beside(name: str) -> Path:
    """Where a report goes that was not told where: beside what is named, or where that would be here if it is at a URL.

    Raises UsageError where that would be elsewhere.
    """
    from benchsuite.archive import at
    from benchsuite.cli.elsewhere import beside

    place = at(name)
    path = place if isinstance(place, Path) else beside(name)
    is_folder = path.is_dir() if isinstance(place, Path) else not path.suffix
    folder = path / "report" if is_folder else path.with_suffix("")
    if folder.is_symlink():
        raise UsageError(f"{folder} is a link, and where it leads nobody said: choose an --output")
    return folder


def _read(names: Iterable[str]) -> list[Stored]:
    # Nothing here is in cycles, and looking for them takes longer than reading where there are many records.
    gc.disable()
    stored = [_stored(place) for place in _records(names)]
    gc.freeze()
    gc.enable()
    return stored


def _stored(place: Place) -> Stored:
    from benchsuite.archive import here

    with here(place) as path:
        return dataclasses.replace(read(path), path=place)


def _records(names: Iterable[str]) -> list[Place]:
    """The files that are named and those in named folders, each once. Raises UsageError where a folder holds none."""
    from benchsuite.archive import at
    from benchsuite.remote import listed

    found: dict[str, Place] = {}
    for place in map(at, names):
        files: Sequence[Place]
        if isinstance(place, Path):
            files = sorted(place.glob("*.jsonl")) if place.is_dir() else [place]
        else:
            files = listed(place.url, (".jsonl",))
        if not files:
            raise UsageError(f"{place} holds no *.jsonl file: name a folder of stored runs")
        for file in files:
            # Of a link to itself `resolve` makes an error of its own.
            found.setdefault(os.path.realpath(file) if isinstance(file, Path) else file.url, file)
    return list(found.values())
