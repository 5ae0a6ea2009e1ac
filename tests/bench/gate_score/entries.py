"""Which rules are scored on which data: the rows of the table."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from tests.bench.gate_score import collect
from tests.bench.gate_score.bank import Bank
from tests.bench.gate_score.rules import history, one_pair, processes, single_process
from tests.bench.gate_score.score import MOST_PAIRS, Ours, Tool

_ADJACENT = "1 process a side, one after the other"
_STORED = "1 process against one stored a minute ago"
_BLOCKS = "{} processes a side, A B B A"
_HISTORY = "1 process against all before"

_pytest_median = single_process.pytest_benchmark(np.median, 5)
_median, _minimum = collect.history(np.median), collect.history(np.min)

SINGLE_PROCESS = [
    Tool("pytest-benchmark `median:5%`", _STORED, _pytest_median, collect.stored),
    Tool("pytest-benchmark `median:5%`", _ADJACENT, _pytest_median, collect.back_to_back),
    Tool("pytest-benchmark `mean:5%`", _ADJACENT, single_process.pytest_benchmark(np.mean, 5), collect.back_to_back),
    Tool("pytest-benchmark `min:5%`", _ADJACENT, single_process.pytest_benchmark(np.min, 5), collect.back_to_back),
    Tool("benchstat", _STORED, single_process.benchstat(), collect.stored),
    Tool("benchstat", _ADJACENT, single_process.benchstat(), collect.back_to_back),
    Tool("benchstat, from 5 % on", _ADJACENT, single_process.benchstat(0.05), collect.back_to_back),
    Tool("google-benchmark compare", _ADJACENT, single_process.google_benchmark, collect.back_to_back),
    Tool("criterion", _STORED, single_process.criterion, collect.stored),
    Tool("criterion", _ADJACENT, single_process.criterion, collect.back_to_back),
    Tool("nvbench, legacy", _ADJACENT, single_process.nvbench_legacy, collect.back_to_back),
    Tool("nvbench, robust", _ADJACENT, single_process.nvbench_robust, collect.back_to_back),
]

SEVERAL_PROCESSES = [
    Tool("asv continuous, factor 1.1", _BLOCKS.format(2), processes.asv(1.1), collect.interleaved(2)),
    Tool("asv continuous, factor 1.05", _BLOCKS.format(2), processes.asv(1.05), collect.interleaved(2)),
    Tool("pyperf compare_to", "6 processes a side, base first", processes.pyperf, collect.in_sequence(6)),
    Tool("pyperf compare_to", _BLOCKS.format(6), processes.pyperf, collect.interleaved(6)),
    Tool("hyperfine", "12 processes a side, base a minute before", processes.hyperfine, collect.stored_group),
    Tool("(ranks of all pooled samples)", _BLOCKS.format(6), processes.pooled_ranks, collect.interleaved(6)),
    Tool("(ranks of process medians)", _BLOCKS.format(6), processes.median_ranks, collect.interleaved(6)),
]

HISTORIES = [
    Tool("github-action-benchmark 200 %", _HISTORY, history.github_action_benchmark, _median),
    Tool("TorchBench 7 %", _HISTORY, history.torchbench(0.07), _median),
    Tool("TorchBench 30 %", _HISTORY, history.torchbench(0.30), _median),
    Tool("rustc-perf", _HISTORY, history.rustc_perf, _median),
    Tool("conbench, z of 5", _HISTORY, history.conbench(5), _minimum),
    Tool("bencher, t-test 0.99", _HISTORY, history.bencher_t_test, _median),
    Tool("bencher, 10 %", _HISTORY, history.bencher_percentage, _median),
    Tool("Perfherder", "12 processes after 24", history.perfherder, collect.windows),
]

HEAVY, MODERATE_15, MODERATE_2 = ("heavy", "15free"), ("moderate", "15free"), ("moderate", "2free")
_PAIR = {
    HEAVY: "1 pair, samples of 15 ms, heavy load",
    MODERATE_15: "1 pair, samples of 15 ms, moderate load",
    MODERATE_2: "1 pair, samples of 2 ms, moderate load",
}

ONE_PAIR = [
    *(Tool("tango", _PAIR[where], one_pair.tango, collect.one_pair(*where)) for where in _PAIR),
    Tool("tachometer", _PAIR[MODERATE_2], one_pair.tachometer, collect.one_pair(*MODERATE_2)),
]

_SCHEDULES = {
    "own": "2 ms",
    "time": "2 ms",
    "work": "2 ms",
    "15free": "15 ms",
    "2free": "2 ms",
    "15pin": "15 ms, both on one core",
    "2pin": "2 ms, both on one core",
    "15par": "15 ms, truly at the same time",
}


def ours(load: str, schedule: str, *, drawn: bool) -> list[Ours]:
    """The replicated duet in one stage and in two, on one schedule."""
    data = f"samples of {_SCHEDULES[schedule]}, {load} load"
    return [
        Ours("**benchsuite**, 8 pairs, one stage", data, load, schedule, 8, False, drawn),
        Ours("**benchsuite**, 12 pairs, one stage", data, load, schedule, 12, False, drawn),
        Ours("**benchsuite gate**", data, load, schedule, 0, False, drawn),
        Ours("(the same, limits raised to a noise floor)", data, load, schedule, 0, True, drawn),
    ]


RECORDED = [entry for where in (MODERATE_2, HEAVY) for entry in ours(*where, drawn=False)[:3]]
DRAWN = [entry for where in (MODERATE_2, HEAVY) for entry in ours(*where, drawn=True)]
OTHER_SCHEDULES = [
    entry
    for schedule in ("15free", "15pin", "2pin", "15par")
    for entry in (ours("moderate", schedule, drawn=True)[i] for i in (0, 2))
]
_FEW = ("pytest-benchmark `median:5%`", "benchstat", "criterion", "asv continuous, factor 1.1", "pyperf compare_to")
TWO_THREADS = [
    *(entry for entry in (*SINGLE_PROCESS, *SEVERAL_PROCESSES) if entry.name in _FEW and entry.data != _STORED),
    ONE_PAIR[0],
    *ours(*HEAVY, drawn=True),
]


def own_rows(bank: Bank, *, drawn: bool) -> list[Ours]:
    """Eight pairs and the gate on duets of the same code that were recorded by the project itself."""
    kinds = {(d.load, d.schedule) for d in bank.duets if d.injected == 0 and d.schedule in ("own", "time", "work")}
    return [row for kind in sorted(kinds) for row in _possible(bank, ours(*kind, drawn=drawn)[:3:2])]


def _possible(bank: Bank, rows: list[Ours]) -> list[Ours]:
    """Those that the bank has pairs for: a gate whose pairs end before it has decided would seem never to nominate."""
    counts = Counter((d.load, d.schedule, d.injected, d.workload) for d in bank.duets)

    def enough(row: Ours) -> bool:
        own = [n for (load, schedule, *_), n in counts.items() if (load, schedule) == (row.load, row.schedule)]
        return row.pairs > 0 or min(own) >= MOST_PAIRS

    return [row for row in rows if enough(row)]


def real_rows(bank: Bank) -> list[Ours]:
    """The same on duets whose candidate was really slowed."""
    kinds = {(d.load, d.schedule) for d in bank.duets if d.injected > 0}
    every = [ours(*kind, drawn=drawn)[:3:2] for kind in sorted(kinds) for drawn in (False, True)]
    rows = [row for rows in every for row in _possible(bank, rows)]
    told = {"own": "", "time": ", time added to each call", "work": ", more of the same work"}
    return [replace(row, data=row.data + told[row.schedule]) for row in rows]
