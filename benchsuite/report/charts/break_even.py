"""Break-even: from which size on an accelerator overtakes the CPU, or one backend another on the same device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from benchsuite import units
from benchsuite.analysis import device_kind
from benchsuite.analysis.crossover import BreakEven, break_even, overtakings
from benchsuite.analysis.scaling import Point
from benchsuite.report.charts import axes, words
from benchsuite.report.charts.model import Band, Chart, Curve, Place, Plane, Rule
from benchsuite.report.charts.sweeps import Line, Sweep, fixed, sweeps
from benchsuite.report.escape import short
from benchsuite.report.sheet import Sheet

_PLANES = 6
_TOLD = 4
_READ = {
    "break-even": (
        "Time of an iteration of the CPU's fastest backend and of the accelerator's, transfer of inputs and outputs"
        " included where the title says so. Left of the dashed line the CPU is faster, right of it the accelerator; the"
        " band is its 95 % interval."
    ),
    "order": (
        "Backends of one device whose order changes with size: the dashed line is where they are equally fast, the band"
        " its 95 % interval."
    ),
}


@dataclass(frozen=True)
class _Side:
    """One of two curves, and what it is called."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class _Race:
    """Two sides over one axis, and where the second becomes the faster one; `name` is what a sentence calls it."""

    name: str
    title: str
    axis: str
    sides: tuple[_Side, _Side]
    found: BreakEven


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """CPU against accelerator wherever both were swept, and backends of one device where their order changes."""
    runs = len(sheets)
    against = [race for sheet in sheets for race in _devices(sheet, runs)]
    among = [race for sheet in sheets for race in _backends(sheet, runs)]
    found = []
    for name, title, races in (
        ("break-even", "CPU against accelerator", against),
        ("order", "Where the order of backends changes", among),
    ):
        caption = f"{_READ[name]}{_told(races)}{words.letters(sheets)}"
        found += words.paged(name, title, caption, [_plane(race) for race in races], _PLANES, "break-even")
    return found


def _devices(sheet: Sheet, runs: int) -> list[_Race]:
    races = []
    for each in overtakings([row.summary for row in sheet.rows], sheet.ceilings):
        job = each.cpu[0].job
        transfer = ", transfer included" if each.transfer == "included" else ", without transfer"
        title = _title(sheet.label, runs, f"{job.case.workload}, {job.precision}{transfer}", fixed(job, each.axis))
        sides = _Side("fastest on the CPU", each.cpu), _Side(f"fastest on {each.kind}", each.accelerator)
        races.append(_Race(_name(sheet.label, runs, job.case.workload), title, each.axis, sides, each.break_even))
    return races


def _backends(sheet: Sheet, runs: int) -> list[_Race]:
    races = []
    for sweep in sweeps([sheet], fewest=2):
        for one, other in combinations(sweep.lines, 2):
            if _alike(one, other) and (race := _race(sheet.label, runs, sweep, one, other)) is not None:
                races.append(race)
    return races


def _alike(one: Line, other: Line) -> bool:
    """Whether they differ in the backend alone, and one of them is plain PyTorch, which the other has to beat."""
    a, b = one.job, other.job
    same = (device_kind(a), a.precision, a.threads) == (device_kind(b), b.precision, b.threads)
    return same and any(job.backend.startswith("torch-eager") for job in (a, b))


def _race(run: str, runs: int, sweep: Sweep, one: Line, other: Line) -> _Race | None:
    for first, second in ((one, other), (other, one)):
        found = break_even(first.points, second.points)
        if found is not None and found.outcome == "from":
            sides = [_Side(short(line.job.backend), line.points) for line in (first, second)]
            title = _title(run, runs, f"{sweep.workload}, {first.job.precision}", sweep.fixed)
            return _Race(_name(run, runs, sweep.workload), title, sweep.axis, (sides[0], sides[1]), found)
    return None


def _name(run: str, runs: int, workload: str) -> str:
    return f"{workload} of run {run}" if runs > 1 else workload


def _title(run: str, runs: int, what: str, kept: str) -> str:
    return short(f"{f'Run {run}, ' if runs > 1 else ''}{what}{f': {kept}' if kept else ''}", words.LONGEST_CASE)


def _plane(race: _Race) -> Plane:
    points = [point for side in race.sides for point in side.points]
    x = axes.swept(words.axis_heading(race.axis), [point.n for point in points])
    y = axes.logarithmic(
        "time of an iteration, logarithmic", [v for p in points for v in words.ends(p.time)], axes.one_second_digit
    )
    rules, bands = [], []
    at = race.found.at
    if at is not None and x.low < at.value < x.high:
        rules.append(Rule(_range(race.found), ((at.value, y.low), (at.value, y.high)), dashed=True))
        if at.low is not None and at.high is not None:
            bands.append(Band("95 % interval of the break-even", max(x.low, at.low), min(x.high, at.high)))
    return Plane(race.title, x, y, tuple(_curve(race.axis, side) for side in race.sides), tuple(rules), tuple(bands))


def _curve(axis: str, side: _Side) -> Curve:
    """In the colour of the backend that is the fastest most often."""
    job = max(Counter(p.job.backend for p in side.points).items(), key=lambda item: item[1])[0]
    like = next(p.job for p in side.points if p.job.backend == job)
    places = tuple(
        Place(p.n, p.time, f"{words.told(p.time, units.seconds)} at {words.name(axis)}={p.n}, {short(p.job.backend)}")
        for p in side.points
    )
    return Curve(side.label, words.backend_family(like), words.on_cpu(like), places)


def _place(at: float) -> str:
    return f"{at:.0f}" if at >= 100 else units.significant(at, 3)


def _told(races: Sequence[_Race]) -> str:
    """How many cross, and the first few of them."""
    crossed = [race for race in races if race.found.outcome == "from" and race.found.at is not None]
    if not crossed:
        return words.sentence("In none of these is there a place where that changes.") if races else ""
    told = [f"{race.name} from {words.name(race.axis)} {_range(race.found)}" for race in crossed[:_TOLD]]
    more = f"; {len(crossed) - _TOLD} more" if len(crossed) > _TOLD else ""
    return words.sentence(f"It changes in {len(crossed)} of {len(races)}: {words.listed(told)}{more}.")


def _range(found: BreakEven) -> str:
    assert found.at is not None
    if found.at.low is None or found.at.high is None:
        return _place(found.at.value)
    return f"{_place(found.at.value)} ({_place(found.at.low)} to {_place(found.at.high)})"
