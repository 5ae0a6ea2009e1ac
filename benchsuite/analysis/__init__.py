"""What stored records say: estimates with intervals, measured ceilings, speed-ups."""

from benchsuite.analysis.estimate import CONFIDENCE, FEWEST_ROUNDS, Estimate, estimate, ratio, relative_half_width
from benchsuite.analysis.limits import Ceiling, Ceilings, Share, ceilings, device_kind, share
from benchsuite.analysis.speedup import BASELINE, Speedup, speedup
from benchsuite.analysis.summary import Doubt, Summary, summarize

__all__ = [
    "BASELINE",
    "CONFIDENCE",
    "FEWEST_ROUNDS",
    "Ceiling",
    "Ceilings",
    "Doubt",
    "Estimate",
    "Share",
    "Speedup",
    "Summary",
    "ceilings",
    "device_kind",
    "estimate",
    "ratio",
    "relative_half_width",
    "share",
    "speedup",
    "summarize",
]
