"""`benchsuite run`: measure this machine, store every record, show the report."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from benchsuite import __version__
from benchsuite.analysis import summarize
from benchsuite.catalog import Entry, select, workloads
from benchsuite.cli.models import model_patterns
from benchsuite.cli.options import EFFORTS, Duration, Width, selection
from benchsuite.errors import UsageError
from benchsuite.probe import environment, physical_cores_usable
from benchsuite.records import PROTOCOL, SCHEMA, Record, Run, Settings
from benchsuite.runner.execute import Context, Watcher, execute, skipped
from benchsuite.runner.plan import Plan
from benchsuite.runner.stopping import RelativeWidth
from benchsuite.runner.watching import Telemetry
from benchsuite.store import Writer, read

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
Exit status: 0 fine, 2 wrong usage, 3 a job failed, was wrong or with --strict is in doubt, 130 interrupted."""
)
@selection
@click.option(
    "--rounds", type=click.IntRange(1, 1000), help="rounds of every job, whatever the intervals [default: by preset]"
)
@click.option(
    "--target-width", type=Width(), help="half-width of the 95 % interval at which a job is done [default: by preset]"
)
@click.option("--budget", type=Duration(), help="stop starting jobs when this much time is spent, such as 10m")
@click.option(
    "--timeout", type=Duration(), default="10m", show_default=True, help="kill a worker that takes longer than this"
)
@click.option("--corpus", type=click.Path(path_type=Path), help="a UTF-8 text to take token ids from")
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=0, show_default=True, help="of weights, order and layout"
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="file to store to [default: results/runs/DATE-PRESET.jsonl]"
)
@click.option("--resume", type=click.Path(path_type=Path), help="go on with this file: its settings, what is missing")
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
    output: Path | None,
    resume: Path | None,
    *,
    strict: bool,
    no_progress: bool,
) -> None:
    """Measure jobs, store each record as it comes, and show tables and plots at the end."""
    if resume is not None:
        path, header, earlier = _earlier(resume)
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
            extra_seconds=None if rounds or target_width or budget else effort.extra,
            corpus=_corpus(corpus),
            seed=seed,
        )
        path, earlier = output or _default_path(preset), ()
        header = Run(SCHEMA, PROTOCOL, __version__, time.time(), settings, environment())
        if output is not None and output.exists() and output.stat().st_size:
            raise UsageError(f"{output} exists: choose another --output, or go on with it by --resume {output}")
    header = dataclasses.replace(header, settings=dataclasses.replace(header.settings, budget_seconds=budget))
    stopped = _measure(path, header, earlier, timeout, quiet=no_progress, fresh=resume is None)
    _end(path, stopped, strict=strict)


def _measure(path: Path, header: Run, earlier: tuple[Record, ...], timeout: float, *, quiet: bool, fresh: bool) -> str:
    """Measure and store; says what stopped it."""
    settings = header.settings
    entries = select(settings.patterns, settings.backends, settings.precisions, settings.preset, settings.threads)
    plan = _plan(entries, settings, earlier)
    with Writer(path) as writer:
        if fresh:
            writer.append(header)
        else:
            writer.cut_torn_line()
        known = {record.job.id for record in earlier}
        for entry in entries:
            if entry.reason is not None and entry.job.id not in known:
                writer.append(skipped(entry.job, entry.reason))
        with _watcher(len(plan.jobs), quiet=quiet) as watcher, _terminable():
            environ = {"OMP_NUM_THREADS": str(settings.threads)}
            if settings.corpus:
                environ["BENCHSUITE_CORPUS"] = settings.corpus
            try:
                telemetry = Telemetry.of_this_machine(header.environment.cpu.nominal_hertz)
                return execute(plan, Context(settings, timeout, writer.append, watcher, environ, telemetry=telemetry))
            except KeyboardInterrupt:
                return "interruption"


def _plan(entries: tuple[Entry, ...], settings: Settings, earlier: tuple[Record, ...]) -> Plan:
    jobs = [entry.job for entry in entries if entry.reason is None]
    rule = RelativeWidth(settings.target_width, settings.min_rounds, settings.max_rounds)
    plan = Plan(jobs, rule, settings.seed, {name: w.kind for name, w in workloads().items()})
    for record in earlier:
        plan.learn(record)
    return plan


def _end(path: Path, stopped: str, *, strict: bool) -> None:
    """Show what there is, say how to go on, and leave with the status that tells."""
    from benchsuite.cli.report import QUICK, present

    stored = read(path)
    if any(r.status != "skipped" for r in stored.records):
        present([stored], path.with_suffix(""), QUICK)
    print(f"Stored {len(stored.records)} records in {path} (stopped by {stopped}).")
    if stopped in ("interruption", "budget"):
        print(f"Go on with: benchsuite run --resume {path}")
    if stopped == "interruption":
        sys.exit(_INTERRUPTED)
    doubted = _doubted(stored.records) if strict else ""
    if doubted:
        print(f"In doubt, which --strict does not let pass: {doubted}.")
    if doubted or any(r.status in ("failed", "wrong") for r in stored.records):
        sys.exit(3)


def _doubted(records: tuple[Record, ...]) -> str:
    """Every validity code and how many jobs have it; empty where none has any."""
    codes = Counter(doubt.code for summary in summarize(records) for doubt in summary.doubts)
    return ", ".join(f"{code} ({count} job{'s' if count > 1 else ''})" for code, count in codes.most_common())


def _earlier(path: Path) -> tuple[Path, Run, tuple[Record, ...]]:
    """A run to go on with. Raises UsageError where it was of another environment."""
    stored = read(path)
    here = environment()
    if stored.run.environment.fingerprint != here.fingerprint:
        raise UsageError(
            f"{path} was measured in another environment ({stored.run.environment.fingerprint}, here "
            f"{here.fingerprint}): its rounds cannot be mixed with this machine's; start a new run"
        )
    return path, stored.run, stored.records


def _runnable(entries: tuple[Entry, ...]) -> None:
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
        if not path.read_text(encoding="utf-8").strip():
            raise UsageError(f"--corpus {path} holds no text: name a file with some")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--corpus {path} cannot be read as UTF-8 text ({error}): name another file") from None
    return str(path.resolve())


def _default_path(preset: str) -> Path:
    return Path("results/runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{preset}.jsonl"


@contextlib.contextmanager
def _watcher(jobs: int, *, quiet: bool) -> Iterator[Watcher]:
    from rich.console import Console

    from benchsuite.cli.progress import Lines, Silent

    if quiet:
        yield Silent()
        return
    console = Console()
    with Lines(console, jobs, live=console.is_terminal) as lines:
        yield lines


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """A polite kill ends a run as Ctrl-C does."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
