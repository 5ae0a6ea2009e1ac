"""`benchsuite merge`: parts of one measurement, such as the shards of a suite, as one run."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchsuite.cli.terminal import say
from benchsuite.errors import UsageError

if TYPE_CHECKING:
    from benchsuite.analysis.parts import Line, Part
    from benchsuite.archive import Place
    from benchsuite.records import Run


@click.command(
    epilog="""\b
Parts are stored runs of one environment, measured alike: shards of a suite, or further workloads.
Runs of several machines stand side by side in a report; several runs of one machine are sessions,
of which compare takes as many a side as there are.
\b
Examples:
  benchsuite merge shard-*.jsonl --output suite.jsonl
  benchsuite merge shards/ more.jsonl --output suite.jsonl
  benchsuite merge s3://bucket/shards/ --output s3://bucket/suite.jsonl"""
)
@click.argument("names", nargs=-1, required=True, metavar="FILE_OR_FOLDER_OR_URL...")
@click.option("--output", required=True, metavar="FILE_OR_URL", help="the file to store to, where there is none yet")
def command(names: tuple[str, ...], output: str) -> None:
    """Join stored runs that are parts of one measurement into one run."""
    from benchsuite.analysis.parts import HOSTS, join
    from benchsuite.archive import at, files

    places = files(names, (".jsonl",))
    if not places:
        raise UsageError(f"{', '.join(map(str, map(at, names)))} holds no *.jsonl file: name stored runs")
    target = at(output)
    _free(target, places)
    parts = _read(places)
    run, lines = join(parts)
    _write(target, run, lines)
    if HOSTS in run.environment.host:
        say(
            f"note: measured on {run.environment.host}: their jobs also differ by what the hosts do",
            err=True,
        )
    left_out = sum(len(part.lines) for part in parts) - len(lines)
    repeated = f"; {left_out} that only repeat what others say are left out" if left_out else ""
    jobs = len({line.job for line in lines})
    say(f"Merged {len(parts)} files into {target}: {len(lines)} records of {jobs} jobs{repeated}.")


def _free(target: Place, places: Sequence[Place]) -> None:
    """Raises UsageError where there is something at the target, above all one of the parts."""
    from benchsuite import remote

    if isinstance(target, Path):
        taken = target.exists() and target.stat().st_size > 0
        own = target.resolve() in [place.resolve() for place in places if isinstance(place, Path)]
    else:
        taken = remote.holds(target.url)
        own = target.url in [place.url for place in places if not isinstance(place, Path)]
    if own:
        raise UsageError(f"--output {target} is one of the files to merge: choose another")
    if taken:
        raise UsageError(f"{target} exists: choose another --output")


def _read(places: Iterable[Place]) -> list[Part]:
    """The parts, with a note of each torn line. Raises UsageError where they are more than a run may be."""
    from benchsuite.store import MOST_BYTES, MOST_RECORDS

    texts: dict[bytes, bytes] = {}
    parts = []
    for place in places:
        parts.append(_part(place, texts))
        if len(texts) > MOST_RECORDS or sum(map(len, texts)) > MOST_BYTES:
            raise UsageError(
                f"together these files are over the limit of {MOST_RECORDS} records and {MOST_BYTES} bytes a run: "
                "leave them apart; report and compare take several files"
            )
    return parts


def _part(place: Place, texts: dict[bytes, bytes]) -> Part:
    """One file. Nothing is kept of its lines but their bytes: in `texts`, once for all files that have them."""
    from benchsuite.analysis.parts import Line, Part
    from benchsuite.archive import here
    from benchsuite.store import walk

    lines: list[Line] = []
    with here(place) as path:
        run, torn = walk(path, lambda record, text: lines.append(Line.of(record, texts.setdefault(text, text))))
    if torn:
        say(f"note: {place}: {torn}", err=True)
    return Part(str(place), run, tuple(lines))


def _write(target: Place, run: Run, lines: Iterable[Line]) -> None:
    """A file that is whole or absent. Raises UsageError where it cannot be written."""
    from benchsuite import remote
    from benchsuite.store import line_of

    content = (line_of(run), *(line.text for line in lines))
    if not isinstance(target, Path):
        with tempfile.TemporaryDirectory(prefix="benchsuite-") as folder:
            whole = Path(folder, "run.jsonl")
            whole.write_bytes(b"".join(content))
            remote.put(whole, target.url)
        return
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("xb") as file:
            file.writelines(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror}; choose another --output") from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
