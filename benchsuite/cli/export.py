"""`benchsuite export`: a stored run in the form of another tool."""

from __future__ import annotations

import json
from pathlib import Path

import click

from benchsuite.errors import UsageError
from benchsuite.records import METRICS

_TIMES = [metric.name for metric in METRICS.values() if metric.unit == "s"]


@click.command(
    epilog="""\b
Examples:
  benchsuite export run.jsonl --format pytest-benchmark --output run.json
  benchsuite export run.jsonl --format pytest-benchmark --metric time/throughput"""
)
@click.argument("name", metavar="FILE_OR_URL")
@click.option(
    "--format",
    type=click.Choice(["pytest-benchmark"]),
    required=True,
    expose_value=False,
    help="the form to write it in",
)
@click.option(
    "--metric",
    type=click.Choice(_TIMES),
    default="time/latency",
    show_default=True,
    metavar="METRIC",
    help="what of it",
)
@click.option("--output", type=click.Path(path_type=Path), help="the file to write [default: print it]")
def command(name: str, metric: str, output: Path | None) -> None:
    """Write a stored run as another tool would have."""
    from benchsuite.archive import at, read
    from benchsuite.report.pytest_benchmark import document

    reading = read(at(name), metric)
    try:
        found = document(reading)
        text = json.dumps(found, indent=1, allow_nan=False) + "\n"
    except (OverflowError, ValueError):
        raise UsageError(f"{reading.name}, line 1: holds times beyond all bounds") from None
    if not found["benchmarks"]:
        raise UsageError(f"{reading.name} has no {metric}: choose another --metric")
    if output is None:
        print(text, end="")
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}; choose another --output") from None
