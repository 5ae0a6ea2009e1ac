"""What stored records say: estimates with intervals, measured ceilings, speed-ups."""

from benchsuite.analysis.data_sheets import data_sheet, part_of_sheet
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
    "data_sheet",
    "device_kind",
    "estimate",
    "part_of_sheet",
    "ratio",
    "relative_half_width",
    "share",
    "speedup",
    "summarize",
]
