"""Golden files: what a person reads, compared as a whole; `UPDATE_GOLDEN=1 pytest tests/report` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "golden"


def check(name: str, text: str) -> None:
    """Assert that `text`, less the blanks that pad its lines, is what the golden file `name` holds."""
    trimmed = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / name).write_text(trimmed, encoding="utf-8")
    expected = (FOLDER / name).read_text(encoding="utf-8")
    assert trimmed == expected, f"{name} is not as it was: look at it, then UPDATE_GOLDEN=1 pytest tests/report"
