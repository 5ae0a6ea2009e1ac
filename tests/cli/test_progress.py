"""The lines of a run where there is no terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from benchsuite.cli.progress import Lines
from benchsuite.runner.stopping import RelativeWidth


@pytest.mark.parametrize(
    ("least", "most", "number", "left", "line"),
    [
        (4, 8, 0, 236.0, "round 1 of at least 4 took 2 min; about 4 min left"),
        (4, 8, 4, 30.0, "round 5 of at most 8 took 2 min; about 30 s left"),
        (4, 4, 1, 240.0, "round 2 of 4 took 2 min; about 4 min left"),
        (4, 8, 7, 0.0, "round 8 of at most 8 took 2 min"),
        (1, 1, 0, None, "round 1 of 1 took 2 min"),
    ],
)
def test_each_round_says_what_it_took_and_what_is_left(
    least: int, most: int, number: int, left: float | None, line: str
) -> None:
    stream = io.StringIO()
    with Lines(Console(file=stream), 3, RelativeWidth(0.02, least, most), live=False) as lines:
        lines.round_done(number, 119.0, left)
    assert stream.getvalue() == f"{line}\n"
