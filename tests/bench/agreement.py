"""Whether two stored runs agree: for how many jobs each one's 95 % interval covers the other's estimate."""

from __future__ import annotations

import sys
from pathlib import Path

from benchsuite.analysis.estimate import Estimate
from benchsuite.analysis.summary import summarize
from benchsuite.store import read

WANTED = 0.9


def latencies(path: Path) -> dict[str, Estimate]:
    found = {s.job.id: s.estimates.get("time/latency") for s in summarize(read(path).records)}
    return {name: estimate for name, estimate in found.items() if estimate is not None and estimate.low is not None}


def covers(a: Estimate, b: Estimate) -> bool:
    return a.low is not None and a.high is not None and a.low <= b.value <= a.high


def main(first: str, second: str) -> int:
    one, two = latencies(Path(first)), latencies(Path(second))
    agreed = 0
    for name in sorted(one.keys() & two.keys()):
        a, b = one[name], two[name]
        both = covers(a, b) and covers(b, a)
        agreed += both
        widths = " and ".join(f"{100 * (e.relative_half_width or 0):.1f} %" for e in (a, b))
        print(f"{'agree ' if both else 'differ'} ratio {b.value / a.value:.3f}, half-widths {widths}: {name}")
    share = agreed / len(one.keys() & two.keys())
    print(f"{agreed} of {len(one.keys() & two.keys())} jobs agree ({100 * share:.0f} %), wanted {100 * WANTED:.0f} %")
    return int(share < WANTED)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
