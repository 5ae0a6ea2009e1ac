"""What charts call a job, and how they write a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from benchsuite import units
from benchsuite.analysis import Estimate, device_kind
from benchsuite.records import Job
from benchsuite.report.charts.model import Chart, Plane
from benchsuite.report.escape import short
from benchsuite.report.sheet import Sheet
from benchsuite.report.style import family

LONGEST_CASE = 100
_MOST_NAMED = 4
_AXES = {
    "batch": "batch size", "seq": "sequence length (tokens)", "size": "size of the square matrices",
    "mebibytes": "size (MiB)", "length": "length (tokens)", "prompt": "prompt (tokens)", "source": "source (tokens)",
    "new": "new tokens", "memory": "memory (tokens)", "width": "width (features)",
    "head_dim": "width of a head (features)",     "characters": "characters a document",
}  # fmt: skip
# Beyond these comes of a damaged file, and has no place on a logarithmic axis; the tables show it.
_LEAST, _MOST = 1e-30, 1e30


def drawable(found: Estimate | None) -> bool:
    """Whether there is a value, and a logarithmic axis has a place for it."""
    return found is not None and _LEAST < found.value < _MOST


def ends(found: Estimate) -> list[float]:
    """The value and the ends of its interval, as far as an axis has a place for them."""
    return [x for x in (found.value, found.low, found.high) if x is not None and _LEAST < x < _MOST]


def told(found: Estimate, show: Callable[[float, int], str], after: str = "") -> str:
    """A value with as many digits as its interval supports, what it is of, and its margin."""
    return f"{show(found.value, units.digits(found.value, found.half_width))}{after}{margin(found)}"


def margin(found: Estimate) -> str:
    """Half the interval, after a value; nothing for what is compared with itself."""
    if found.relative_half_width is None:
        return ", no interval"
    return f" {units.margin(found.relative_half_width)}" if found.relative_half_width > 0 else ""


def size(value: float, _count: int) -> str:
    """Bytes, whose digits do not follow the interval."""
    return units.size(value)


def namer(jobs: Sequence[Job], runs: int) -> Callable[[str, Job], str]:
    """Names for a run's job beside others: backend, and run, precision and threads where `jobs` differ in them."""
    precisions, threads = {job.precision for job in jobs}, {job.threads for job in jobs}

    def name(run: str, job: Job) -> str:
        letter = f"{run}: " if runs > 1 else ""
        precision = f" {job.precision}" if len(precisions) > 1 else ""
        return short(f"{letter}{job.backend}{precision}{f' t{job.threads}' if len(threads) > 1 else ''}")

    return name


def end(run: str, job: Job, beside: Sequence[Job], runs: int, note: str = "") -> str:
    """What stands where a line ends: the run's letter, what tells it from others of its colour, and a note."""
    same = [other for other in beside if other.backend == job.backend]
    precision = job.precision if len({other.precision for other in same}) > 1 else ""
    threads = f"t{job.threads}" if len({other.threads for other in same}) > 1 else ""
    return short(" ".join(filter(None, (run if runs > 1 else "", precision, threads, note))))


def backend_family(job: Job) -> str:
    """What gives a job its colour."""
    return short(family(job.backend))


def on_cpu(job: Job) -> bool:
    """Whether the job ran on the host."""
    return device_kind(job) == "cpu"


def letters(sheets: Sequence[Sheet]) -> str:
    """Which run is which, for the caption of a chart of several; empty for one, and for many their letters alone."""
    if len(sheets) < 2:
        return ""
    if len(sheets) > _MOST_NAMED:
        return f" Runs {sheets[0].label} to {sheets[-1].label}."
    hosts = [f"{sheet.label} is {short(sheet.stored.run.environment.host, 20)}" for sheet in sheets]
    return f" Run {listed(hosts)}."


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(text: str) -> str:
    """A further sentence of a caption, harmless and on one line."""
    return f" {short(text, 300)}"


def slug(text: str) -> str:
    """Text fit for the name of a file."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()[:30] or "axis"


def name(axis: str) -> str:
    """An axis of a workload, by the name that it has in a pattern."""
    return short(axis, 30)


def axis_heading(axis: str) -> str:
    """An axis of a workload with what it counts."""
    return f"{_AXES.get(axis, name(axis))}, logarithmic"


def paged(name: str, title: str, caption: str, planes: Sequence[Plane], most: int, kind: str = "") -> list[Chart]:
    """Planes as charts of at most `most` each; `kind` is what the name begins with unless it is given."""
    pages = [tuple(planes[i : i + most]) for i in range(0, len(planes), most)]
    return [
        Chart(
            f"{name}{f'-{number}' if number > 1 else ''}",
            f"{title}{f' ({number} of {len(pages)})' if len(pages) > 1 else ''}",
            caption,
            page,
            kind or name.split("-", 1)[0],
        )
        for number, page in enumerate(pages, start=1)
    ]
