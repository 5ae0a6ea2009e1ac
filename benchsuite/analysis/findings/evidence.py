"""Evidence: what of a run can speak for or against a claim, with everything odd left out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchsuite.analysis.estimate import Estimate
from benchsuite.analysis.limits import Ceiling, Ceilings, device_kind
from benchsuite.analysis.scaling import is_time
from benchsuite.analysis.summary import Summary
from benchsuite.records import PRECISIONS, Work

Key = TypeVar("Key")
_MOST = 1e30


@dataclass(frozen=True)
class Evidence:
    """Good summaries, each with a time, and the ceilings that were measured; `kinds` are their devices, CPU first."""

    every: tuple[Summary, ...]
    limits: Ceilings

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of devices, `cpu` first whether it was measured or not."""
        return tuple(dict.fromkeys(["cpu", *(device_kind(s.job) for s in self.every)]))

    def on(self, kind: str, names: Sequence[str] = ()) -> list[Summary]:
        """Those on a kind of device, of some workloads if named, in the run's plain precision."""
        return [s for s in self.plain(names) if device_kind(s.job) == kind]

    def plain(self, names: Sequence[str] = ()) -> list[Summary]:
        """Those of some workloads, if named, in fp32, or where there is none in the first precision that there is."""
        chosen = self.of(names)
        known = {s.job.precision for s in chosen}
        precision = next((p for p in PRECISIONS if p in known), None)
        return [s for s in chosen if s.job.precision == precision]

    def of(self, names: Sequence[str] = ()) -> list[Summary]:
        """Those of some workloads, if named."""
        return [s for s in self.every if not names or s.job.case.workload in names]


def gathered(summaries: Iterable[Summary], limits: Ceilings) -> Evidence:
    """What can be evidence: jobs that are ok and have a time, without estimates, work and ceilings that cannot be."""
    every = (_sound(s) for s in summaries if s.status == "ok")
    return Evidence(
        tuple(s for s in every if s.pace is not None),
        Ceilings(
            _sound_ceilings(limits.best),
            _sound_ceilings(limits.flops),
            _sound_ceilings(limits.bytes),
            _sound_ceilings(limits.launches),
        ),
    )


def _sound(summary: Summary) -> Summary:
    return dataclasses.replace(
        summary,
        estimates={name: x for name, x in summary.estimates.items() if _is_sound(name, x)},
        prepared={state: x for state, x in summary.prepared.items() if is_time(x)},
        work=summary.work if summary.work is not None and _is_work(summary.work) else None,
    )


def _is_sound(metric: str, item: Estimate) -> bool:
    return is_time(item) if metric.startswith("time/") else 0 < item.value < _MOST


def _is_work(work: Work) -> bool:
    counts = work.items, work.flops, work.bytes, work.values, work.launches
    return all(math.isfinite(x) and 0 <= x < _MOST for x in counts)


def _sound_ceilings(found: Mapping[Key, Ceiling]) -> dict[Key, Ceiling]:
    return {key: c for key, c in found.items() if is_time(c.time) and 0 < c.amount < _MOST}
