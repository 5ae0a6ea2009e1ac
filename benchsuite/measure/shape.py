"""Whether a round's samples are of one time at all: times that drift, and times that keep to two levels.

Nothing is left out for it: a series of either shape is stored as it is, with a code that says what its median is worth.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence

from benchsuite.measure.warmup import theil_sen
from benchsuite.records import Measurement, Validity

FEWEST_SAMPLES = 40
SHAPE_LIMITS: dict[str, tuple[float, str]] = {
    "drifting": (0.02, "from the first tenth to the last: as much as a harness may err"),
    "bimodal": (0.02, "between two levels: as much as a harness may err"),
}
"""The limit of every code, and why it is where it is. What is smaller is not told, however clear it is."""

_BLOCKS = 20
# 3.29 standard deviations are two-sided 0.1 % of a normal.
_SURELY = 3.29
_TAIL, _SMALLEST_MODE = 0.05, 0.15
_EXPLAINED, _BETWEEN = 0.88, 0.05


def shape_doubts(measurements: Sequence[Measurement]) -> tuple[Validity, ...]:
    """Of the device's own time where there is one, else of the latency; too few samples raise no doubt."""
    series = {m.metric: m.samples for m in measurements}
    samples = series.get("time/device") or series.get("time/latency") or ()
    found = []
    change, moves = drift(samples), "The times moved in one direction: let the machine settle, or sample for longer."
    if change is not None and abs(change) > SHAPE_LIMITS["drifting"][0]:
        found.append(Validity("drifting", abs(change), SHAPE_LIMITS["drifting"][0], moves))
    apart, splits = (
        modes(samples),
        "The times keep to two levels: their median may fall on either; ask for more rounds.",
    )
    if apart is not None and apart > SHAPE_LIMITS["bimodal"][0]:
        found.append(Validity("bimodal", apart, SHAPE_LIMITS["bimodal"][0], splits))
    return tuple(found)


def drift(samples: Sequence[float]) -> float | None:
    """The relative change over a series that surely has one direction, None where that is not sure.

    The trend test of Mann (1945) and Kendall on the medians of 20 blocks, whose slope is that of Theil and Sen. It is
    wrong for 0.1 % of series of independent samples, whatever their distribution; for up to 1 % where each sample is
    correlated with the one before by a half.
    """
    if len(samples) < FEWEST_SAMPLES:
        return None
    size = len(samples) // _BLOCKS
    medians = [statistics.median(samples[i * size : (i + 1) * size]) for i in range(_BLOCKS)]
    score = sum((later > earlier) - (later < earlier) for earlier, later in itertools.combinations(medians, 2))
    deviation = math.sqrt(_BLOCKS * (_BLOCKS - 1) * (2 * _BLOCKS + 5) / 18)
    level = statistics.median(medians)
    if level <= 0 or (abs(score) - 1) / deviation <= _SURELY:
        return None
    return theil_sen(medians) * (_BLOCKS - 1) / level


def modes(samples: Sequence[float]) -> float | None:
    """How far the upper of two levels lies above the lower, relatively; None where there are not two.

    A twentieth is cut off either end. The split with the least variance within its two parts (Otsu 1979), each of them
    15 % or more, must explain 88 % of all variance, and a twentieth of the samples at most may lie in the middle third
    between the parts' medians. Of 40 independent samples of a normal, uniform, exponential, log-normal or Student's
    distribution (2 degrees of freedom) fewer than 0.1 % are split; levels six standard deviations apart always are.
    """
    if len(samples) < FEWEST_SAMPLES:
        return None
    cut = int(_TAIL * len(samples))
    kept = sorted(samples)[cut : len(samples) - cut]
    at, explained = _split(kept)
    low, high = statistics.median(kept[:at]), statistics.median(kept[at:])
    third = (high - low) / 3
    between = sum(low + third < x < high - third for x in kept) / len(kept)
    if low <= 0 or explained < _EXPLAINED or between > _BETWEEN:
        return None
    return high / low - 1


def _split(ordered: Sequence[float]) -> tuple[int, float]:
    """Where to part what is in order, and the share of its variance that the parting explains."""
    count = len(ordered)
    # About the middle, so that squares of large numbers with little between them lose no digits.
    middle = ordered[count // 2]
    sums = list(itertools.accumulate(x - middle for x in ordered))
    total = math.fsum((x - middle) ** 2 for x in ordered) - sums[-1] ** 2 / count
    least = math.ceil(_SMALLEST_MODE * count)

    def between(at: int) -> float:
        below, above = sums[at - 1], sums[-1] - sums[at - 1]
        return below**2 / at + above**2 / (count - at) - sums[-1] ** 2 / count

    best = max(range(least, count - least + 1), key=between)
    return best, between(best) / total if total > 0 else 0.0
