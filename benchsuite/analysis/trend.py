"""Trends: where a history stepped, and whether its newest run lies where the runs since the last step do.

The band is that of the current segment, so a step begins a new one and neither widens nor shifts it for long; nothing
expected is ever frozen. What creeps too slowly to step is caught by comparing with an anchor, such as the last release.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchsuite.analysis.changepoints import change_points
from benchsuite.analysis.estimate import t_quantile
from benchsuite.analysis.history import History, Moment
from benchsuite.analysis.prediction import FEWEST_RUNS, Level, drifting_spread, level

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

State = Literal["slower", "faster", "same", "unclear", "ended"]

NEWEST = 3
FAMILY_LEVEL = 0.01
_GONE_AFTER = 10
_RECENT = 10


@dataclass(frozen=True)
class Step:
    """A change of level between two runs. `ratio` is after over before; `state` is faster where that is the better."""

    at: int
    ratio: float
    state: State
    before: Moment
    after: Moment


@dataclass(frozen=True)
class Anchored:
    """The level of the newest runs over that of the anchor, with its 95 % interval."""

    state: State
    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class Trend:
    """What a history says. `newest` is its newest value over the level of the segment before it, None without a level.

    `starts` are where segments begin, the first being 0, and `levels` their medians in base units. `reach` is how far
    from the level a run must be to count as beyond, as a relative change; the level itself is `level`, in base units.
    `reason` says why the state is what it is.
    """

    history: History
    state: State
    reason: str
    starts: tuple[int, ...]
    levels: tuple[float, ...]
    steps: tuple[Step, ...] = ()
    level: float | None = None
    reach: float | None = None
    newest: float | None = None
    anchor: Anchored | None = None

    @property
    def alarming(self) -> bool:
        """Whether the newest runs are surely slower than those before them, or than the anchor."""
        return self.state == "slower" or (self.anchor is not None and self.anchor.state == "slower")


def trends(histories: Sequence[History], least: float, anchors: Collection[int] = ()) -> list[Trend]:
    """The trend of every history. `least` is the smallest change that counts, as a relative one; 0.03 is 3 %.

    `anchors` are places in the moments of the histories. Where nothing changed but noise that is normal and of no
    memory, the chance of any slower state is FAMILY_LEVEL, shared out over the histories, and the same of faster; and
    so it is for anchors.
    """
    ended = _ended(histories)
    chance = FAMILY_LEVEL / max(1, len(histories) - sum(ended))

    def one(history: History, gone: bool) -> Trend:
        return _ended_trend(history, least) if gone else _trend(history, least, chance, anchors)

    # Most of the time goes into sorting, which other threads need not wait for.
    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, histories, ended))


def _ended(histories: Sequence[History]) -> list[bool]:
    """Whether a history has no value of the last ten runs of its machine, or a newer definition or protocol."""
    runs: dict[str, list[float]] = {}
    for moment in histories[0].moments if histories else ():
        runs.setdefault(moment.machine, []).append(moment.started)
    since = {machine: sorted(started)[-_GONE_AFTER:][0] for machine, started in runs.items()}
    newest: dict[tuple[str, str, str], float] = {}
    for h in histories:
        key = (h.kind.job, h.kind.metric, h.machine)
        newest[key] = max(newest.get(key, -math.inf), _last(h))
    return [_last(h) < since[h.machine] or _last(h) < newest[h.kind.job, h.kind.metric, h.machine] for h in histories]


def _last(history: History) -> float:
    return history.moment(-1).started


def _ended_trend(history: History, least: float) -> Trend:
    starts, levels, steps = _segments(history, least)
    return Trend(history, "ended", "not in the last runs of this machine", starts, levels, steps)


def _trend(history: History, least: float, chance: float, anchors: Collection[int]) -> Trend:
    starts, levels, steps = _segments(history, least)
    before = history.logs[starts[-1] : -NEWEST]
    known = level(before)
    if known is None:
        since = "since the last step" if steps else "in all"
        runs = len(history) - starts[-1]
        reason = f"{runs} run{'s' if runs != 1 else ''} {since}, and {FEWEST_RUNS + NEWEST} are needed to say"
        return Trend(history, "unclear", reason, starts, levels, steps)
    bounds = _bounds(history, starts[-1], known, least, chance)
    state, reason = _newest(history, known, bounds)
    return Trend(
        history,
        state,
        reason,
        starts,
        levels,
        steps,
        math.exp(known.center),
        math.expm1(float(bounds[-1])),
        math.exp(float(history.logs[-1]) - known.center),
        _anchored(history, starts[-1], known, least, chance, anchors),
    )


def _segments(history: History, least: float) -> tuple[tuple[int, ...], tuple[float, ...], tuple[Step, ...]]:
    import numpy as np

    points = change_points(history.logs, math.log1p(least))
    parts = np.split(history.logs, points)
    levels = tuple(math.exp(float(np.median(part))) for part in parts)
    steps = tuple(_step(history, at, new / old) for at, old, new in zip(points, levels[:-1], levels[1:], strict=True))
    return (0, *points), levels, steps


def _step(history: History, at: int, ratio: float) -> Step:
    state: State = "slower" if _worse(history) * (ratio - 1) > 0 else "faster"
    return Step(at, ratio, state, history.moment(at - 1), history.moment(at))


def _worse(history: History) -> int:
    """The sign of a change for the worse."""
    return -1 if history.kind.better == "higher" else 1


def _bounds(history: History, start: int, known: Level, least: float, chance: float) -> Floats:
    """How far from the level each of the newest runs must be to count as beyond."""
    import numpy as np

    room = np.hypot(known.spread, _extra(history, start)) / known.spread if known.spread > 0 else np.ones(NEWEST)
    bounds: Floats = np.maximum(known.reach(chance) * room, math.log1p(least))
    return bounds


def _newest(history: History, known: Level, bounds: Floats) -> tuple[State, str]:
    """Slower or faster where the newest run and one of the two before it are beyond, on the same side."""
    import numpy as np

    off = history.logs[-NEWEST:] - known.center
    sides = np.where(np.abs(off) > bounds, np.sign(off), 0)
    if sides[-1] == 0:
        return "same", "the newest run is within the band"
    state: State = "slower" if sides[-1] == _worse(history) else "faster"
    count = int((sides == sides[-1]).sum())
    if count >= 2:
        return state, f"{count} of the last {NEWEST} runs are beyond the band"
    return "unclear", f"the newest run alone is beyond the band, on the {state} side: the next one decides"


def _extra(history: History, start: int) -> Floats:
    """Standard deviation that each of the newest runs has for having fewer rounds than the segment's runs do."""
    import numpy as np

    deviations, rounds = history.deviations[start:], history.rounds
    if np.isnan(deviations).all():
        return np.zeros(NEWEST)
    usual = float(np.median(rounds[start:]))
    extra: Floats = np.nanmedian(deviations) * np.sqrt(np.maximum(0, 1 / rounds[-NEWEST:] - 1 / usual))
    return extra


def _anchored(
    history: History, start: int, known: Level, least: float, chance: float, anchors: Collection[int]
) -> Anchored | None:
    """The newest ten runs since the last step over the anchor's, by t with the spread that is not drift."""
    import numpy as np

    at_anchor = history.logs[np.isin(history.when, list(anchors))]
    if not len(at_anchor):
        return None
    recent = history.logs[start:][-_RECENT:]
    change = float(np.median(recent) - np.median(at_anchor))
    # The variance of a median is that of a mean times pi / 2, at the most.
    error = drifting_spread(history.logs[start:]) * math.sqrt(math.pi / 2 * (1 / len(at_anchor) + 1 / len(recent)))
    # Differences that share a value tell less than so many independent ones, by a third.
    freedom = known.freedom * 2 / 3
    sure = abs(change) - t_quantile(freedom, 1 - 2 * chance) * error > 0
    limit = math.log1p(least)
    state: State = "unclear"
    if sure and abs(change) >= limit:
        state = "slower" if change * _worse(history) > 0 else "faster"
    elif abs(change) + t_quantile(freedom, 0.9) * error < limit:
        state = "same"
    half = t_quantile(freedom) * error
    return Anchored(state, math.exp(change), math.exp(change - half), math.exp(change + half))
