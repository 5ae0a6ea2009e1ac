"""`benchsuite run`: measure this machine, store every record, show the report."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from benchsuite import __version__
from benchsuite.analysis import summarize
from benchsuite.catalog import Entry, broken, select, workloads
from benchsuite.cli.elsewhere import Copy, Target, begun, resumed
from benchsuite.cli.models import model_patterns
from benchsuite.cli.options import EFFORTS, Duration, Width, selection
from benchsuite.cli.resume import earlier, only_what_counts
from benchsuite.cli.terminal import say
from benchsuite.errors import UsageError
from benchsuite.probe import environment, physical_cores_usable
from benchsuite.records import PROTOCOL, SCHEMA, Record, Run, Settings
from benchsuite.regular import LONGEST_TEXT, read_text
from benchsuite.runner.costs import WALL
from benchsuite.runner.execute import Context, Watcher, execute, skipped
from benchsuite.runner.plan import Plan, spread_on
from benchsuite.runner.stopping import RelativeWidth
from benchsuite.runner.watching import Telemetry
from benchsuite.store import Stored, Writer, read

_NOT_COPIED = 4
_INTERRUPTED = 130


@click.command(
    epilog="""\b
A PATTERN is a workload, with * and ?, and may fix axes after a slash.
\b
Examples:
  benchsuite run
  benchsuite run --preset smoke
  benchsuite run 'gpt2-*' matmul memory-copy --backend 'torch-*' --precision fp32 --precision bf16
  benchsuite run 'attention-self/seq=128|512|2048' --budget 10m
  benchsuite run --model ~/models/gpt2-large matmul memory-copy
  benchsuite run --resume results/runs/20260101-120000-quick.jsonl
\b
Exit status: 0 fine, 2 wrong usage, 3 a job failed, was wrong or with --strict is in doubt, 4 only the copy to a URL
failed, 130 interrupted."""
)
@selection
@click.option(
    "--rounds", type=click.IntRange(1, 1000), help="rounds of every job, whatever the intervals [default: by preset]"
)
@click.option(
    "--target-width", type=Width(), help="half-width of the 95 % interval at which a job is done [default: by preset]"
)
@click.option("--budget", type=Duration(), help="end when this much time is spent, such as 10m")
@click.option(
    "--timeout", type=Duration(), default="10m", show_default=True, help="kill a worker that takes longer than this"
)
@click.option("--corpus", type=click.Path(path_type=Path), help="a UTF-8 text to take token ids from")
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=0, show_default=True, help="of weights, order and layout"
)
@click.option(
    "--output",
    metavar="FILE_OR_URL",
    help="where to store, also a URL (a folder there ends in /) [default: results/runs/DATE-PRESET.jsonl]",
)
@click.option("--resume", metavar="FILE_OR_URL", help="go on with this run: its settings, what is missing")
@click.option("--strict", is_flag=True, help="a job in doubt is a failure: leave with 3 where any has a validity code")
@click.option("--no-progress", is_flag=True, help="print nothing while measuring")
def command(
    patterns: tuple[str, ...],
    models: tuple[str, ...],
    backends: tuple[str, ...],
    precisions: tuple[str, ...],
    preset: str,
    threads: int | None,
    rounds: int | None,
    target_width: float | None,
    budget: float | None,
    timeout: float,
    corpus: Path | None,
    seed: int,
    output: str | None,
    resume: str | None,
    *,
    strict: bool,
    no_progress: bool,
) -> None:
    """Measure jobs, store each record as it comes, and show tables and plots at the end."""
    if resume is not None:
        only_what_counts(click.get_current_context())
        target, header, records = _gone_on_with(resume)
    else:
        patterns += model_patterns(models, download=True)
        entries = select(patterns, backends, precisions or ("fp32",), preset, threads or physical_cores_usable())
        _runnable(entries)
        effort = EFFORTS[preset]
        settings = Settings(
            patterns=patterns,
            backends=backends,
            precisions=precisions or ("fp32",),
            preset=preset,
            threads=entries[0].job.threads,
            min_rounds=rounds or effort.least,
            max_rounds=rounds or effort.most,
            target_width=target_width or effort.target,
            sample_seconds=effort.seconds,
            least_samples=effort.samples,
            extra_seconds=None if rounds or target_width else effort.extra,
            corpus=_corpus(corpus),
            seed=seed,
        )
        target, records = begun(output, preset), ()
        jobs = tuple(entry.job.id for entry in entries if entry.reason is None)
        header = Run(SCHEMA, PROTOCOL, __version__, time.time(), settings, environment(), jobs)
    header = dataclasses.replace(header, settings=dataclasses.replace(header.settings, budget_seconds=budget))
    stopped = _measure(target, header, records, timeout, quiet=no_progress, fresh=resume is None)
    _end(target, stopped, strict=strict)


def _gone_on_with(name: str) -> tuple[Target, Run, tuple[Record, ...]]:
    target = resumed(name)
    stored = earlier(target.path)
    _corpus(Path(stored.run.settings.corpus) if stored.run.settings.corpus else None)
    return target, stored.run, stored.records


def _measure(
    target: Target, header: Run, records: tuple[Record, ...], timeout: float, *, quiet: bool, fresh: bool
) -> str:
    """Measure and store; says what stopped it."""
    settings = header.settings
    entries = select(settings.patterns, settings.backends, settings.precisions, settings.preset, settings.threads)
    plan = _plan(entries, header, records)
    with Writer(target.path) as writer:
        try:
            if fresh:
                writer.append(header)
            else:
                writer.cut_torn_line()
            known = {record.job.id for record in records}
            for entry in entries:
                if entry.reason is not None and entry.job.id not in known:
                    writer.append(skipped(entry.job, entry.reason))
            with _watcher(plan, quiet=quiet) as watcher:
                environ = {"OMP_NUM_THREADS": str(settings.threads)}
                if settings.corpus:
                    environ["BENCHSUITE_CORPUS"] = settings.corpus
                save = Copy(target).after(writer.append)
                telemetry = Telemetry.of_this_machine(header.environment.cpu.nominal_hertz)
                before = sum(record.counters.get(WALL, 0.0) for record in records)
                return execute(
                    plan, Context(settings, timeout, save, watcher, environ, telemetry=telemetry, before=before)
                )
        except KeyboardInterrupt:
            return "interruption"


def _plan(entries: tuple[Entry, ...], header: Run, records: tuple[Record, ...]) -> Plan:
    settings = header.settings
    jobs = [entry.job for entry in entries if entry.reason is None]
    rule = RelativeWidth(settings.target_width, settings.min_rounds, settings.max_rounds)
    kinds = {name: workload.kind for name, workload in workloads().items()}
    plan = Plan(jobs, rule, settings.seed, kinds, spread=spread_on(header.environment))
    for record in records:
        plan.learn(record)
    return plan


def _end(target: Target, stopped: str, *, strict: bool) -> None:
    """Show what there is, say how to go on, and leave with the status that tells."""
    path = target.path
    if not path.stat().st_size:
        say("Interrupted before anything was stored.")
        sys.exit(_INTERRUPTED)
    try:
        copied, stored = _shown(target)
    except KeyboardInterrupt:
        say(f"Interrupted while the report was written. Write it with: benchsuite report {path}")
        sys.exit(_INTERRUPTED)
    print(f"Stored {len(stored.records)} records in {path} (stopped by {stopped}).")
    if copied and target.url is not None:
        print(f"Copied to {target.name}.")
    if unreached := stored.run.unreached(stored.records):
        say(f"Not measured, since the run ended before their turn ({len(unreached)}): {', '.join(unreached)}.")
    if stopped in ("interruption", "budget"):
        print(f"Go on with: benchsuite run --resume {target.name}")
    if stopped == "interruption":
        sys.exit(_INTERRUPTED)
    doubted = _doubted(stored.records) if strict else ""
    if doubted:
        print(f"In doubt, which --strict does not let pass: {doubted}.")
    if doubted or any(r.status in ("failed", "wrong") for r in stored.records):
        sys.exit(3)
    if not copied:
        sys.exit(_NOT_COPIED)


def _shown(target: Target) -> tuple[bool, Stored]:
    """Whether the copy is whole, and the run read back, which is reported on unless nothing was measured."""
    from benchsuite.cli.report import QUICK, present

    copied, stored = Copy(target).last(), read(target.path)
    if any(r.status != "skipped" for r in stored.records):
        present([stored], target.path.with_suffix(""), QUICK)
    return copied, stored


def _doubted(records: tuple[Record, ...]) -> str:
    """Every validity code and how many jobs have it; empty where none has any."""
    codes = Counter(doubt.code for summary in summarize(records) for doubt in summary.doubts)
    return ", ".join(f"{code} ({count} job{'s' if count > 1 else ''})" for code, count in codes.most_common())


def _runnable(entries: tuple[Entry, ...]) -> None:
    for name, why in broken().items():
        say(f"note: plug-in {name} {why}", err=True)
    if not entries:
        raise UsageError("these patterns choose no job: a workload that runs a model of your own needs it by --model")
    if all(entry.reason is not None for entry in entries):
        reasons = "; ".join(sorted({f"{e.job.backend}: {e.reason}" for e in entries}))
        raise UsageError(f"none of the {len(entries)} jobs can run here ({reasons}); see benchsuite list")


def _corpus(path: Path | None) -> str | None:
    """The corpus as an absolute path. Raises UsageError where it cannot be read as text."""
    if path is None:
        return None
    try:
        if not read_text(path, LONGEST_TEXT).strip():
            raise UsageError(f"--corpus {path} holds no text: name a file with some")
    except UnicodeDecodeError as error:
        raise UsageError(f"--corpus {path} cannot be read as UTF-8 text ({error}): name another file") from None
    return str(path.resolve())


@contextlib.contextmanager
def _watcher(plan: Plan, *, quiet: bool) -> Iterator[Watcher]:
    from rich.console import Console

    from benchsuite.cli.progress import Lines, Silent

    if quiet:
        yield Silent()
        return
    console = Console()
    with Lines(console, len(plan.jobs), plan.rule, live=console.is_terminal) as lines:
        yield lines
