"""`benchsuite report`: tables and plots of stored runs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from benchsuite.store import Stored, read


@click.command(
    epilog="""\b
Examples:
  benchsuite report results/runs/20260101-120000-quick.jsonl
  benchsuite report here.jsonl there.jsonl --output side-by-side
  benchsuite report run.jsonl --json"""
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="folder for report.md, report.csv and pictures [default: beside the first file]",
)
@click.option("--json", "as_json", is_flag=True, help="print JSON and write no files")
def command(files: tuple[Path, ...], output: Path | None, *, as_json: bool) -> None:
    """Print and write tables and plots of one or several stored runs."""
    from benchsuite.report import as_data

    stored = [read(path) for path in files]
    for run in stored:
        if run.torn:
            click.echo(f"note: {run.path}: {run.torn}", err=True)
    if as_json:
        print(json.dumps(as_data(stored), indent=1))
        return
    present(stored, output or files[0].with_suffix(""))


def present(stored: list[Stored], folder: Path) -> None:
    """Print the report and write its files, saying where they are. Raises UsageError where they cannot be written."""
    from rich.console import Console

    from benchsuite.errors import UsageError
    from benchsuite.report import show, write

    show(stored, Console())
    try:
        written = write(stored, folder)
    except OSError as error:
        raise UsageError(f"cannot write the report to {folder}: {error.strerror}; choose another --output") from None
    print(f"Written to {folder}: {', '.join(p.name for p in written)}")
