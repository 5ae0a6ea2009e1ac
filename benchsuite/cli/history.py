"""`benchsuite history`: jobs over many stored runs, where they stepped, and whether the newest runs are off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchsuite.cli.options import Width
from benchsuite.cli.terminal import say, unobeyed
from benchsuite.errors import UsageError, did_you_mean
from benchsuite.records import METRICS

if TYPE_CHECKING:
    from benchsuite.analysis.history import Gathering, Moment
    from benchsuite.report.history import Sighting

ALARM, TOO_SHORT, NOTHING = 1, 3, 5
_MOST_NOTES = 5
_FEWEST_DIGITS = 7


@click.command(
    epilog="""\b
Examples:
  benchsuite history results/runs
  benchsuite history results/nightly --anchor v1.2.jsonl --output history
  benchsuite history results/nightly --metric time/per_token --json
  benchsuite history https://ci.example.org/nightly/ s3://bucket/older

\b
Exit status: 0 no alarm, 1 the newest runs of a job are slower (than before, or than the anchor), 2 wrong usage,
3 with --strict: a job is unclear (too few runs, or only the newest is off), 5 nothing measured"""
)
@click.argument("names", nargs=-1, required=True, metavar="FOLDER_OR_FILE_OR_URL...")
@click.option("--metric", default="time/latency", show_default=True, help="what to follow")
@click.option(
    "--minimum-effect", "least", type=Width(), default="3%", show_default=True, help="the smallest change that counts"
)
@click.option(
    "--anchor", metavar="FILE_OR_COMMIT", help="also compare with this run, such as the last release: catches creep"
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="folder for history.md, history.json and pictures [default: none]"
)
@click.option(
    "--pictures", type=click.IntRange(0, 999), default=12, show_default=True, help="at most so many, worst first"
)
@click.option("--strict", is_flag=True, help="exit status 3 where a job is unclear")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    metric: str,
    least: float,
    anchor: str | None,
    output: Path | None,
    pictures: int,
    *,
    strict: bool,
    as_json: bool,
) -> None:
    """Follow jobs over stored runs: files, folders of them at any depth, and URLs of either."""
    from benchsuite.analysis.trend import trends
    from benchsuite.report.history import Sighting

    if metric not in METRICS:
        raise UsageError(f"unknown metric {metric!r}: {did_you_mean(metric, METRICS)}")
    found = _gather(names, metric, anchor)
    judged = trends(found.gathering.histories(), least, _anchors(found.places, anchor))
    if anchor is not None and all(trend.anchor is None for trend in judged):
        click.echo("note: no job is both in the anchor and long enough followed to compare", err=True)
    seen = Sighting(metric, found.gathering.moments, judged, found.left_out)
    _present(seen, output, pictures, as_json=as_json)
    context.exit(_status(seen, strict=strict))


@dataclass
class _Gathered:
    """What the files say: histories to be, each run with its place in them, and which files are left out, and why."""

    gathering: Gathering
    places: list[tuple[Moment, int]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def _gather(names: Sequence[str], metric: str, anchor: str | None) -> _Gathered:
    """What all files say. Raises UsageError where one that is named cannot be read; in folders, it is left out."""
    from benchsuite.analysis.history import Gathering
    from benchsuite.archive import Unreadable, called, digests, files
    from benchsuite.remote import is_url

    elsewhere = anchor is not None and (is_url(anchor) or Path(anchor).is_file())
    wanted = [*names, anchor] if anchor is not None and elsewhere else names
    named = set(map(called, wanted))
    found = _Gathered(Gathering())
    for digest in digests(files(wanted), metric):
        if not isinstance(digest, Unreadable):
            found.places.append((digest.moment, found.gathering.add(digest.moment, digest.columns)))
        elif digest.name in named:
            raise UsageError(digest.reason)
        else:
            found.left_out.append((digest.name, digest.reason))
    for _, reason in found.left_out[:_MOST_NOTES]:
        say(f"note: left out: {reason}", err=True)
    if len(found.left_out) > _MOST_NOTES:
        click.echo(f"note: {len(found.left_out) - _MOST_NOTES} more files were left out", err=True)
    return found


def _anchors(places: Sequence[tuple[Moment, int]], anchor: str | None) -> frozenset[int]:
    """Places of the runs that the anchor names: a file, the name of one, or the beginning of a commit."""
    if anchor is None:
        return frozenset()
    from benchsuite.archive import called

    name, path = called(anchor), Path(anchor).absolute()
    found = frozenset(place for moment, place in places if _is_anchor(moment, anchor, name, path))
    if not found:
        raise UsageError(
            f"no run is of the anchor {name!r}: name a file, or the first {_FEWEST_DIGITS} digits of a commit"
        )
    return found


def _is_anchor(moment: Moment, anchor: str, name: str, path: Path) -> bool:
    file = Path(moment.name)
    if moment.name == name or file.absolute() == path or anchor in (file.name, file.stem):
        return True
    return len(anchor) >= _FEWEST_DIGITS and moment.commit.startswith(anchor)


def _present(seen: Sighting, output: Path | None, pictures: int, *, as_json: bool) -> None:
    from benchsuite.report.history import as_data, show, write

    if as_json:
        print(json.dumps(as_data(seen), indent=1))
    else:
        from rich.console import Console

        with unobeyed():
            show(seen, Console())
    if output is None:
        return
    try:
        written = write(seen, output, pictures)
    except OSError as error:
        raise UsageError(f"cannot write to {output}: {error.strerror}; choose another --output") from None
    click.echo(f"Written to {output}: {', '.join(path.name for path in written)}", err=as_json)


def _status(seen: Sighting, *, strict: bool) -> int:
    if not any(trend.state != "ended" for trend in seen.trends):
        return NOTHING
    if any(trend.alarming for trend in seen.trends):
        return ALARM
    return TOO_SHORT if strict and any(trend.state == "unclear" for trend in seen.trends) else 0
