"""`benchsuite list`: every job, as runnable or with why not."""

from __future__ import annotations

import json

import click

from benchsuite.catalog import Entry, broken, select, workloads
from benchsuite.cli.models import model_patterns
from benchsuite.cli.options import selection
from benchsuite.cli.terminal import say
from benchsuite.probe import physical_cores_usable


@click.command(
    epilog="""\b
Examples:
  benchsuite list
  benchsuite list 'gpt2-*' --backend 'onnxruntime-*'
  benchsuite list --preset full --precision bf16 --json
  benchsuite list --model ~/models/gpt2-large"""
)
@selection
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def command(
    patterns: tuple[str, ...],
    models: tuple[str, ...],
    backends: tuple[str, ...],
    precisions: tuple[str, ...],
    preset: str,
    threads: int | None,
    *,
    as_json: bool,
) -> None:
    """List every job as runnable or why not, as far as can be told without starting a device."""
    patterns += model_patterns(models)
    entries = select(patterns, backends, precisions or ("fp32",), preset, threads or physical_cores_usable())
    chosen = {e.job.case.workload for e in entries}
    others = [] if patterns else [name for name in workloads() if name not in chosen]
    if as_json:
        data = {"jobs": [_data(e) for e in entries], "not_in_preset": others, "broken": broken()}
        print(json.dumps(data, indent=1))
        return
    for name in dict.fromkeys(e.job.case.workload for e in entries):
        say(f"{name}: {workloads()[name].summary}")
        for entry in (e for e in entries if e.job.case.workload == name):
            say(f"  {'runnable' if entry.reason is None else 'no      '}  {entry.job.id}{_why(entry)}")
    for name in others:
        say(f"{name}: {workloads()[name].summary}")
        say(f"  not in the {preset} preset: runs where it is named")
    for name, why in broken().items():
        say(f"plug-in {name} {why}")
    runnable = sum(e.reason is None for e in entries)
    print(f"{runnable} of {len(entries)} jobs can run here.")


def _why(entry: Entry) -> str:
    return f"  ({entry.reason})" if entry.reason else ""


def _data(entry: Entry) -> dict[str, object]:
    job = entry.job
    return {
        "id": job.id,
        "workload": job.case.workload,
        "axes": dict(job.case.axes),
        "backend": job.backend,
        "precision": job.precision,
        "threads": job.threads,
        "runnable": entry.reason is None,
        "reason": entry.reason,
    }
