"""What a run shows while it goes on: a live line on a terminal, plain lines elsewhere; drawn at events only."""

from __future__ import annotations

import statistics
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from benchsuite import harmless, units
from benchsuite.records import Job, Record
from benchsuite.runner.stopping import RelativeWidth


class Lines:
    """A line for every finished record."""

    def __init__(self, console: Console, jobs: int, rule: RelativeWidth, *, live: bool) -> None:
        self._console, self._jobs, self._rule = console, jobs, rule
        self._seen: set[str] = set()
        # The display is refreshed by us alone: a thread that redraws would wake the processor that is being measured.
        self._status = Status("", console=console, refresh_per_second=0.001) if live else None

    def __enter__(self) -> Lines:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def started(self, job: Job, number: int, left: float | None) -> None:
        """Show what runs, and how long the rest should take."""
        if self._status is None:
            return
        eta = f", about {_minutes(left)} left" if left is not None else ""
        self._status.update(
            f"round {number + 1}, {len(self._seen)} of {self._jobs} jobs measured{eta}: {_harmless(job.id)}"
        )

    def finished(self, record: Record) -> None:
        """Print how a job went."""
        self._seen.add(record.job.id)
        latency = record.measurement("time/latency")
        text = _harmless(record.reason)
        if record.status == "ok" and latency is not None:
            text = units.seconds(statistics.median(latency.samples))
        codes = f" [{', '.join(v.code for v in record.validity)}]" if record.validity else ""
        self._console.print(
            f"round {record.round + 1}  {record.status:7}  {_harmless(record.job.id)}  {text}{_harmless(codes)}",
            highlight=False,
            soft_wrap=True,
        )

    def round_done(self, number: int, seconds: float, left: float | None) -> None:
        """Print how long a round took, and what is left where anything is."""
        least, most = self._rule.least, self._rule.most
        bound = "" if least == most else "at least " if number < least else "at most "
        rest = f"; about {_minutes(left)} left" if left else ""
        self._console.print(
            f"round {number + 1} of {bound}{least if number < least else most} took {_minutes(seconds)}{rest}",
            highlight=False,
            soft_wrap=True,
        )


class Silent:
    """Nothing at all."""

    def started(self, job: Job, number: int, left: float | None) -> None:
        """Say nothing."""

    def finished(self, record: Record) -> None:
        """Say nothing."""

    def round_done(self, number: int, seconds: float, left: float | None) -> None:
        """Say nothing."""


def _harmless(text: str) -> str:
    """Text of a plug-in, neither obeyed by the terminal nor read as markup."""
    return escape(harmless.line(text))


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
