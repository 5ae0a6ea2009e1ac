"""Every kind of chart: each a function from sheets to the charts for which there are data."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.report.charts import break_even, cold, dots, memory, precision, roofline, scaling, traces
from benchsuite.report.charts.model import Chart
from benchsuite.report.sheet import Sheet

_KINDS = (dots, roofline, scaling, break_even, precision, memory, cold, traces)


def charts(sheets: Sequence[Sheet]) -> list[Chart]:
    """Every chart for which there are data, in the order of reading; the names are unique."""
    return [chart for kind in _KINDS for chart in kind.charts(sheets)]
