"""`run --resume`: what must be as it was for rounds of one run to be mixed, and what may be asked anew."""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from benchsuite import __version__
from benchsuite.analysis.comparable import judge
from benchsuite.catalog import workloads
from benchsuite.errors import RecordError, UsageError
from benchsuite.probe import environment
from benchsuite.records import PROTOCOL, SCHEMA, Run
from benchsuite.store import Stored, read

_ANEW = ("resume", "budget", "timeout", "strict", "no_progress")
# Every container has a host name of its own, and a link to a device that has nothing to do grows narrow.
_MAY_DIFFER = ("host", "pcie_width")


def only_what_counts(context: click.Context) -> None:
    """Raise UsageError naming an option beside --resume that would be ignored."""
    for parameter in context.command.params:
        name = parameter.name or ""
        if name in _ANEW or context.get_parameter_source(name) in (None, ParameterSource.DEFAULT):
            continue
        given = parameter.opts[0] if isinstance(parameter, click.Option) else "a PATTERN"
        raise UsageError(
            f"{given} beside --resume: a run goes on with the settings that its file has; "
            f"leave {given} out, or start a new run without --resume"
        )


def earlier(path: Path) -> Stored:
    """A run to go on with. Raises UsageError where its rounds and those of here and now must not be mixed."""
    try:
        stored = read(path)
    except RecordError as error:
        if error.line > 1:
            raise
        raise UsageError(
            f"{error}. There is nothing to go on with: where its run was cut off before it began, "
            f"start that again, with {path} removed or another --output"
        ) from None
    _same_environment(stored)
    _same_sources(stored)
    return stored


def _same_environment(stored: Stored) -> None:
    run = stored.run
    here = Run(SCHEMA, PROTOCOL, __version__, run.started, run.settings, environment())
    found = [
        f"{d.field} was {d.base}, here {d.candidate}"
        for d in judge([run], [here]).differences
        if d.field.rpartition(".")[2] not in _MAY_DIFFER
    ]
    if run.version != here.version:
        found.append(f"benchsuite was {run.version}, here {here.version}")
    if found:
        raise UsageError(
            f"{stored.path} was measured in another environment ({'; '.join(found)}): "
            "its rounds cannot be mixed with those of here and now; start a new run"
        )


def _same_sources(stored: Stored) -> None:
    known = workloads()
    measured = {(r.job.case.workload, r.definition) for r in stored.records if r.definition}
    changed = sorted({name for name, definition in measured if name in known and definition != known[name].definition})
    if changed:
        raise UsageError(
            f"the source of {', '.join(changed)} has changed since {stored.path} was measured: its rounds cannot be "
            "mixed with new ones; start a new run, or go back to that source"
        )
