"""A report as an Apache Parquet file: the columns of the CSV, with their types."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from benchsuite.errors import UsageError
from benchsuite.report.escape import plain
from benchsuite.report.frame import COUNTS, WORDS, frame
from benchsuite.report.sheet import Sheet


def require() -> None:
    """Raises UsageError where what writes Parquet is not installed."""
    if importlib.util.find_spec("pyarrow") is None:
        raise UsageError("--format parquet needs pyarrow: pip install 'benchsuite[parquet]'")


def write(sheets: Sequence[Sheet], path: Path) -> None:
    """Write one row a job and a run. Raises OSError where the disk refuses.

    A column has the same type in every file, also where all of it is missing, so that files can be put together.
    """
    table = frame(sheets, plain)
    types = {name: "string" if name in WORDS else "Int64" if name in COUNTS else "float64" for name in table}
    table.astype(types).to_parquet(str(path), engine="pyarrow", index=False)
