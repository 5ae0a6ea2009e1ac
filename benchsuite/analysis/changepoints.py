"""Change points: where the level of a series steps, found from ranks, so that the noise may have any shape.

In many overlapping intervals the split is sought that best parts the ranks (Pettitt 1979, standardised for the place of
the split), the intervals being those of seeded binary segmentation (Kovács, Bühlmann, Li and Munk 2023): their number
grows with n log n, and some interval holds each step well away from others. One outlier is one rank, however far off.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ranks = npt.NDArray[np.unsignedinteger]

SIGNIFICANCE = 0.001
SHORTEST_SEGMENT = 5
SHORTEST_SERIES = 20

# The strength that the strongest split of so many values in random order exceeds with a chance of SIGNIFICANCE. Ranks
# of values in random order are the same whatever the values, so this holds for noise of any distribution. From
# tests/bench/history_thresholds.py.
_LIMITS = {
    20: 3.33,
    40: 3.77,
    80: 4.13,
    160: 4.39,
    320: 4.55,
    640: 4.77,
    1280: 4.92,
    2560: 5.04,
    5120: 5.18,
    10240: 5.27,
}


class _Candidate(NamedTuple):
    strength: float
    start: int
    stop: int
    split: int


def change_points(values: Floats, least: float) -> tuple[int, ...]:
    """Positions at which a new level begins, in order, of steps of the median by `least` (more than 0) or more.

    None in fewer than 20 values. A series without a change has any with a chance of 0.001, whatever the distribution of
    its values, as long as these come in random order; noise that wanders by more than `least` is taken for steps.
    """
    if len(values) < SHORTEST_SERIES:
        return ()
    ranks, needed = _ranks(values), limit(len(values))
    return _placed(values, _kept(values, ranks, _chosen(_candidates(ranks, needed)), needed, least))


def strongest(values: Floats) -> float:
    """The largest standardised rank sum of any split in any interval: what the limits are quantiles of."""
    ranks = _ranks(values)
    return max(float(_strengths(windows).max()) for _, windows in _intervals(ranks))


def limit(count: int) -> float:
    """The strength that a step must have in a series of so many values."""
    import numpy as np

    return float(np.interp(math.log(count), [math.log(n) for n in _LIMITS], list(_LIMITS.values())))


def _ranks(values: Floats) -> Ranks:
    """Distinct whole numbers in the order of size, as short as they can be: sixteen bits sort fastest."""
    import numpy as np

    count = len(values)
    # Ties are broken by lot. In the order of time they would look like a trend.
    lots = np.random.default_rng(count).permutation(count)
    ranks = np.empty(count, np.min_scalar_type(count - 1))
    ranks[lots[np.argsort(values[lots], kind="stable")]] = np.arange(count)
    return ranks


def _intervals(ranks: Ranks) -> Iterator[tuple[Iterable[int], Ranks]]:
    """Starts, and the ranks of the intervals there: of each length two deep, lengths falling by the root of two."""
    import numpy as np

    count, length = len(ranks), float(len(ranks))
    while round(length) >= SHORTEST_SERIES:
        size = round(length)
        number = math.ceil(2 * (count - size) / size) + 1
        starts = np.unique(np.linspace(0, count - size, number).round().astype(int))
        yield starts.tolist(), np.lib.stride_tricks.sliding_window_view(ranks, size)[starts]
        length /= math.sqrt(2)


def _strengths(windows: Ranks) -> Floats:
    """Rank sums before each split over their standard deviation in random order (Wilcoxon), without sign.

    `windows` has a row an interval; the result has a column a split, from SHORTEST_SEGMENT values on either side.
    """
    import numpy as np

    rows, size = windows.shape
    order = np.argsort(windows, axis=1, kind="stable")
    order += np.arange(0, rows * size, size)[:, np.newaxis]
    centred = np.empty(rows * size, np.float32)
    centred[order] = np.arange(size, dtype=np.float32) - np.float32((size - 1) / 2)
    sums: Floats = np.cumsum(centred.reshape(rows, size), axis=1, dtype=np.float64)
    strengths = sums[:, SHORTEST_SEGMENT - 1 : size - SHORTEST_SEGMENT]
    before = np.arange(SHORTEST_SEGMENT, size - SHORTEST_SEGMENT + 1, dtype=np.float64)
    np.abs(strengths, out=strengths)
    strengths /= np.sqrt(before * (size - before) * (size + 1) / 12)
    return strengths


def _candidates(ranks: Ranks, needed: float) -> list[_Candidate]:
    found = []
    for starts, windows in _intervals(ranks):
        strengths = _strengths(windows)
        size = windows.shape[1]
        for start, split, strength in zip(starts, strengths.argmax(axis=1), strengths.max(axis=1), strict=True):
            if strength > needed:
                found.append(_Candidate(float(strength), start, start + size, start + SHORTEST_SEGMENT + int(split)))
    return found


def _chosen(candidates: Iterable[_Candidate]) -> list[int]:
    """Splits from the strongest on, each from an interval in which none was chosen before."""
    chosen: list[int] = []
    for candidate in sorted(candidates, reverse=True):
        place = bisect.bisect_right(chosen, candidate.start)
        if place == len(chosen) or chosen[place] >= candidate.stop:
            chosen.insert(place, candidate.split)
    return chosen


def _kept(values: Floats, ranks: Ranks, chosen: list[int], needed: float, least: float) -> tuple[int, ...]:
    """Those strong and large enough between their neighbours. The worst is left out first, then all are asked again."""
    edges = [0, *chosen, len(values)]

    def worth(i: int) -> float:
        return _worth(values, ranks, (edges[i], edges[i + 1], edges[i + 2]), needed, least)

    worths = [worth(i) for i in range(len(chosen))]
    while worths and min(worths) < 1:
        worst = worths.index(min(worths))
        del worths[worst], edges[worst + 1]
        for i in (worst - 1, worst):
            if 0 <= i < len(worths):
                worths[i] = worth(i)
    return tuple(edges[1:-1])


def _placed(values: Floats, points: tuple[int, ...]) -> tuple[int, ...]:
    """Each split where absolute deviations from the medians on its two sides are least.

    Ranks say surely that there is a step, but not how far off a value is: next to a large step they may be off by some.
    """
    import numpy as np

    edges = [0, *points, len(values)]
    for i in range(1, len(edges) - 1):
        start, split, stop = edges[i - 1 : i + 2]
        before, after = np.median(values[start:split]), np.median(values[split:stop])
        costs = np.cumsum(np.abs(values[start:stop] - before) - np.abs(values[start:stop] - after))
        allowed = costs[SHORTEST_SEGMENT - 1 : stop - start - SHORTEST_SEGMENT]
        edges[i] = start + SHORTEST_SEGMENT + int(allowed.argmin())
    return tuple(edges[1:-1])


def _worth(values: Floats, ranks: Ranks, edges: tuple[int, int, int], needed: float, least: float) -> float:
    """The lesser of the strength over what is needed and the step over the least, of the split between two edges."""
    import numpy as np

    start, split, stop = edges
    strength = _strengths(ranks[np.newaxis, start:stop])[0, split - start - SHORTEST_SEGMENT]
    step = abs(np.median(values[split:stop]) - np.median(values[start:split]))
    return float(min(strength / needed, step / least))
