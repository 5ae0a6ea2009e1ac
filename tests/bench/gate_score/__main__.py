"""`python -m tests.bench.gate_score`: replays the bank and writes results/gate-score.md, in a few minutes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from tests.bench.gate_score import bank, entries, slowed, table
from tests.bench.gate_score.score import Ours, Score, Tool, score, score_injected
from tests.bench.gate_score.tally import Tally

_TARGET = Path(__file__).parents[3] / "results" / "gate-score.md"
_PAGE = Path(__file__).with_name("page.md")
_PROCESSES = 2

_read = functools.cache(bank.read)


@functools.cache
def _sections() -> dict[str, Sequence[Tool | Ours]]:
    """The rows of each table; those on the project's own duets follow from what the bank holds."""
    found = _read()
    own, own_drawn = (entries.own_rows(found, drawn=drawn) for drawn in (False, True))
    tools = (*entries.SINGLE_PROCESS, *entries.SEVERAL_PROCESSES, *entries.HISTORIES, *entries.ONE_PAIR)
    real = entries.real_rows(found)
    return {
        "rules": (*tools, *entries.RECORDED, *own),
        "drawn": (*entries.DRAWN, *own_drawn),
        "schedules": entries.OTHER_SCHEDULES,
        "two": (*entries.TWO_THREADS, *own, *own_drawn),
        "injected": real,
        "injected, two": [replace(row, data=f"{row.data}, two threads") for row in real],
    }


def _score(section: str, index: int) -> tuple[Tally, int, tuple[float, ...]]:
    """One row; by number, since a rule that is a closure cannot be sent to another process."""
    entry, threads = _sections()[section][index], "two" if section.endswith("two") else "one"
    if isinstance(entry, Ours) and section.startswith("injected"):
        found = score_injected(entry, _read(), threads)
    else:
        found = score(entry, _read(), threads)
    return found.tally, found.independent, found.earlier


def main() -> int:
    """Score every row on two processors, then write the page."""
    with ProcessPoolExecutor(_PROCESSES) as pool:
        asked = {
            name: [(entry, pool.submit(_score, name, index)) for index, entry in enumerate(rows)]
            for name, rows in _sections().items()
        }
        found = {name: [Score(entry, *row.result()) for entry, row in rows] for name, rows in asked.items()}
    tables = {name: table.scores(found[name]) for name in ("rules", "drawn", "schedules", "two")}
    tables["honesty"] = table.honesty(found["drawn"])
    tables["matched"] = table.matched([*found["rules"], *found["drawn"]])
    tables["worst"] = table.worst([*found["rules"], *found["drawn"]])
    tables["told"] = table.told(found["two"])
    tables["injected"] = table.injected([*found["injected"], *found["injected, two"]])
    tables["slowed"] = slowed.table(slowed.slowed(_read()))
    text = _PAGE.read_text(encoding="utf-8")
    for name, rows in tables.items():
        text = text.replace(f"<!-- {name} -->\n", rows)
    _TARGET.write_text(text, encoding="utf-8")
    print(f"wrote {_TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
