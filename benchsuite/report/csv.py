"""A report as comma-separated values, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.report.escape import cell
from benchsuite.report.frame import frame
from benchsuite.report.sheet import Sheet


def document(sheets: Sequence[Sheet]) -> str:
    """Write one line a job and a run, nine significant digits as in the stored samples."""
    return str(frame(sheets, cell).to_csv(index=False, float_format="%.9g", lineterminator="\n"))
