"""Transfer: what inputs and outputs of a job come to in bytes, and how long this machine takes to move them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from benchsuite.analysis.estimate import Estimate
from benchsuite.analysis.limits import Ceiling, Ceilings, device_kind
from benchsuite.records import Job, Work

_ID_BYTES = 8


@dataclass(frozen=True)
class Load:
    """So many values, or ids of 8 B, for each point of the product of some axes."""

    count: int
    axes: tuple[str, ...]
    ids: bool = False

    def bytes(self, job: Job) -> float | None:
        """Bytes in the job's precision; None where its case lacks one of the axes."""
        sizes = [job.case.axes.get(axis) for axis in self.axes]
        numbers = [x for x in sizes if isinstance(x, int) and x > 0]
        if len(numbers) < len(sizes):
            return None
        values = float(self.count * math.prod(numbers))
        return _ID_BYTES * values if self.ids else Work(0, "", values=values).moved(job.precision)


_WIDE = ("batch", "seq", "width")
_HEADS = ("batch", "seq", "heads", "head_dim")
_IDS = Load(1, ("batch", "seq"), ids=True)
# What goes to the device for an iteration and what comes back; weights are there already.
_LOADS: Mapping[str, tuple[Load, Load]] = {
    "matmul": (Load(2, ("size", "size")), Load(1, ("size", "size"))),
    "rnn": (Load(1, _WIDE), Load(1, _WIDE)),
    "feed-forward": (Load(1, _WIDE), Load(1, _WIDE)),
    "layer-norm": (Load(1, _WIDE), Load(1, _WIDE)),
    "softmax": (Load(1, ("rows", "width")), Load(1, ("rows", "width"))),
    "attention-self": (Load(1, _HEADS), Load(1, _HEADS)),
    "attention-causal": (Load(3, _HEADS), Load(1, _HEADS)),
    "bert-classify": (_IDS, Load(2, ("batch",))),
    "minilm-embed": (_IDS, Load(1, ("batch", "width"))),
}


def carried(job: Job) -> tuple[float, float] | None:
    """Bytes to the device and bytes back in one iteration of `job`; None where that is not known of its workload."""
    loads = _LOADS.get(job.case.workload)
    if loads is None:
        return None
    there, back = (load.bytes(job) for load in loads)
    return None if there is None or back is None else (there, back)


def moving(job: Job, limits: Ceilings) -> Estimate | None:
    """Seconds to move inputs to the device of `job` and outputs back, at the best rates that were measured.

    At these rates large blocks move, so that it is the least that it takes. None where bytes or rates are not known,
    or where there is no way to go: the device is the host.
    """
    kind, bytes_both_ways = device_kind(job), carried(job)
    if kind == "cpu" or bytes_both_ways is None:
        return None
    ceilings = [_rate(limits, kind, direction) for direction in ("to", "from")]
    if ceilings[0] is None or ceilings[1] is None:
        return None
    there, back = (
        _scaled(ceiling.time, amount / ceiling.amount)
        for ceiling, amount in zip(ceilings, bytes_both_ways, strict=True)
        if ceiling is not None
    )
    return combined(there, back, 1)


def _rate(limits: Ceilings, kind: str, direction: str) -> Ceiling | None:
    name = f"transfer-{direction}-device"
    return limits.best.get((kind, f"{name} pinned")) or limits.best.get((kind, f"{name} pageable"))


def _scaled(time: Estimate, by: float) -> Estimate:
    low, high = (None if x is None else x * by for x in (time.low, time.high))
    return Estimate(time.value * by, low, high, time.rounds, time.samples)


def combined(a: Estimate, b: Estimate, sign: int) -> Estimate:
    """`a + sign b` for a sign of 1 or -1, independent, with an interval from theirs (Zou and Donner 2008).

    The distances from value to end add in squares; those of `b` change places where it is taken away.
    """
    value = a.value + sign * b.value
    rounds, samples = min(a.rounds, b.rounds), a.samples + b.samples
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return Estimate(value, None, None, rounds, samples)
    down, up = (b.value - b.low, b.high - b.value)[::sign]
    return Estimate(
        value, value - math.hypot(a.value - a.low, down), value + math.hypot(a.high - a.value, up), rounds, samples
    )
