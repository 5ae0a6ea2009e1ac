"""Charts before they are drawn: what to show, in what order, with which labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchsuite import units
from benchsuite.analysis import BASELINE, Estimate, device_kind
from benchsuite.report.escape import plain
from benchsuite.report.sheet import Row, Sheet, reading_order


@dataclass(frozen=True)
class Point:
    """One job in a chart. `text` is its value in words, with the digits that the interval supports."""

    case: str
    label: str
    family: str
    on_cpu: bool
    estimate: Estimate
    text: str
    best: bool


@dataclass(frozen=True)
class Panel:
    """Points on one axis."""

    axis: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Chart:
    """A picture: one or more panels. `tick` writes a value on the axis; `reference` is a value to mark with a line."""

    name: str
    title: str
    panels: tuple[Panel, ...]
    tick: Callable[[float], str]
    logarithmic: bool = True
    reference: float | None = None


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """Every chart for which there are data."""
    rows = sorted((r for s in sheets for r in s.rows), key=reading_order)
    name = _namer(rows, len(sheets) > 1)
    found = [_latency(rows, name), _throughput(rows, name), _speedup(rows, name), _share(rows, name)]
    return [chart for chart in found if chart.panels]


def _latency(rows: Sequence[Row], name: Callable[[Row], str]) -> Chart:
    points = _points(rows, name, lambda r: r.summary.estimates.get("time/latency"), units.seconds)
    return Chart(
        "latency",
        "Latency: one iteration, synchronised",
        _panels("time of an iteration, logarithmic", points),
        _seconds,
    )


def _throughput(rows: Sequence[Row], name: Callable[[Row], str]) -> Chart:
    counted: dict[str, list[Row]] = {}
    for row in rows:
        if row.summary.work is not None:
            counted.setdefault(plain(row.summary.work.unit), []).append(row)
    panels: list[Panel] = []
    for unit, members in counted.items():
        panels += _panels(
            f"{unit} per second, logarithmic", _points(members, name, lambda r: r.throughput, units.scaled)
        )
    return Chart("throughput", "Throughput: iterations back to back", tuple(panels), _scaled)


def _speedup(rows: Sequence[Row], name: Callable[[Row], str]) -> Chart:
    others = [r for r in rows if r.speedup and r.speedup.over != r.summary.job]
    points = _points(others, name, lambda r: r.speedup.value if r.speedup else None, units.times)
    axis = f"times as fast as {BASELINE} (same precision, else fp32)"
    return Chart("speedup", f"Speed-up over {BASELINE}", _panels(axis, points), _times, reference=1.0)


def _share(rows: Sequence[Row], name: Callable[[Row], str]) -> Chart:
    points = _points(rows, name, lambda r: r.share.value if r.share else None, units.percent, _limiter)
    panels = _panels("attainable time / measured time", points)
    title = "Share of what the measured ceilings allow"
    return Chart("share", title, panels, units.percent, logarithmic=False, reference=1.0)


def _panels(axis: str, points: Sequence[Point]) -> tuple[Panel, ...]:
    return (Panel(axis, tuple(points)),) if points else ()


def _points(
    rows: Sequence[Row],
    name: Callable[[Row], str],
    pick: Callable[[Row], Estimate | None],
    show: Callable[[float, int], str],
    after: Callable[[Row], str] = lambda _: "",
) -> list[Point]:
    points = []
    for row in rows:
        found = pick(row)
        # Zero, or what only a damaged file holds, has no place on a logarithmic axis; the tables show it.
        if found is not None and 1e-30 < found.value < 1e30:
            text = show(found.value, units.digits(found.value, found.half_width))
            points.append(_point(row, name(row), found, f"{text}{after(row)}{_margin(found)}"))
    return points


def _margin(found: Estimate) -> str:
    if found.relative_half_width is None:
        return ", no interval"
    # What is compared with itself, such as the ceiling with the ceiling, has nothing to be unsure of.
    return f" {units.margin(found.relative_half_width)}" if found.relative_half_width > 0 else ""


def _point(row: Row, label: str, found: Estimate, text: str) -> Point:
    job = row.summary.job
    family = _short(job.backend.rpartition("-")[0] or job.backend)
    on_cpu, best = device_kind(job) == "cpu", row.rank == "best"
    return Point(_short(job.case.id, 110), _short(label), family, on_cpu, found, _short(text), best)


def _short(text: str, longest: int = 50) -> str:
    # A picture has no room for what only a damaged file holds.
    text = plain(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _namer(rows: Sequence[Row], several_runs: bool) -> Callable[[Row], str]:
    several_threads = len({r.summary.job.threads for r in rows}) > 1

    def name(row: Row) -> str:
        job = row.summary.job
        run = f"{row.run}: " if several_runs else ""
        return f"{run}{job.backend} {job.precision}{f' t{job.threads}' if several_threads else ''}"

    return name


def _limiter(row: Row) -> str:
    return f" of {row.share.limiter}" if row.share else ""


def _seconds(value: float) -> str:
    return units.seconds(value, 1)


def _scaled(value: float) -> str:
    return units.scaled(value, 1)


def _times(value: float) -> str:
    return units.times(value, 1)
