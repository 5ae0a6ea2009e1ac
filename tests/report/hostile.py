"""A run whose every string tries to be more than a string."""

from __future__ import annotations

import dataclasses

from benchsuite.records import Record, Validity, Work
from benchsuite.store import Stored
from tests.fakes import job, laptop, rounds, stored

TRICKS = '=HYPERLINK("x")|[bold]\x1b[31mred\n<img src=x>`$\\frac$`\u202e\ud800'


def hostile() -> Stored:
    """Names, units, codes, reasons and the machine itself are hostile."""
    mine = job(TRICKS, f"{TRICKS}-cpu", TRICKS, axis=TRICKS)
    doubt = Validity(TRICKS, float("nan"), float("inf"), TRICKS)
    records = rounds(mine, Work(1, TRICKS, 1.0, 1.0), {"time/latency": 1.0}, validity=(doubt,), notes={TRICKS: TRICKS})
    records += [Record(job(TRICKS, axis=2), 0, "failed", TRICKS)]
    return stored(records, dataclasses.replace(laptop(), host=TRICKS), f"{TRICKS.replace('/', '')}.jsonl")
