"""`benchsuite report`: what stored runs say, as a page, text, tables and pictures."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from benchsuite.errors import UsageError
from benchsuite.report import FORMATS, USUAL
from benchsuite.store import Stored, read

QUICK = ("html", "markdown", "csv")
"""What a run writes at its end: pictures take longer than all the rest, and the page has its own."""

_MOST_PROCESSES = 4


@click.command(
    epilog="""\b
Examples:
  benchsuite report results/runs/20260101-120000-quick.jsonl
  benchsuite report here.jsonl there.jsonl --output side-by-side
  benchsuite report fleet/ --format html
  benchsuite report run.jsonl --json"""
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="folder to write to [default: beside the first file]")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help=f"what to write; repeatable [default: {', '.join(USUAL)}]",
)
@click.option("--json", "as_json", is_flag=True, help="print JSON and write no files")
def command(files: tuple[Path, ...], output: Path | None, formats: tuple[str, ...], *, as_json: bool) -> None:
    """Print and write what stored runs say, several side by side; of a folder, its *.jsonl files."""
    stored = _read(files)
    for run in stored:
        if run.torn:
            click.echo(f"note: {run.path}: {run.torn}", err=True)
    if as_json:
        from benchsuite.report.data import as_data

        print(json.dumps(as_data(stored), indent=1))
        return
    first = files[0]
    present(stored, output or (first / "report" if first.is_dir() else first.with_suffix("")), formats or USUAL)


def present(stored: Sequence[Stored], folder: Path, formats: Sequence[str]) -> None:
    """Print the report and write its files, saying where they are. Raises UsageError where they cannot be written."""
    from rich.console import Console

    from benchsuite.probe.cpu import usable_cpus
    from benchsuite.report import Report, show, write

    report = Report.of(stored)
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


def _read(paths: Iterable[Path]) -> list[Stored]:
    # Nothing here is in cycles, and looking for them takes longer than reading where there are many records.
    gc.disable()
    stored = [read(path) for path in _records(paths)]
    gc.freeze()
    gc.enable()
    return stored


def _records(paths: Iterable[Path]) -> list[Path]:
    """The files that are named and those in named folders, each once. Raises UsageError where a folder holds none."""
    found: dict[Path, Path] = {}
    for path in paths:
        files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not files:
            raise UsageError(f"{path} holds no *.jsonl file: name a folder of stored runs")
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values())
