"""The table of what was really slowed."""

from dataclasses import replace

from tests.bench.gate_score import slowed
from tests.bench.gate_score.bank import Bank
from tests.gate_score.test_scoring import made


def test_every_job_that_was_really_slowed_has_a_row() -> None:
    duets = tuple(
        replace(d, load="quiet", schedule="time", workload="copy/x=1@slowed-torch-eager-cpu/fp32/t1", injected=change)
        for change in (0.0, 0.05)
        for d in made(pairs=8, injected=change).duets
        if d.load == "heavy"
    )
    (found,) = slowed.slowed(Bank((), duets))
    assert (found.load, found.kind, sorted(found.sizes)) == ("quiet", "time", [0.0, 0.05])
    header, _, row = slowed.table([found]).splitlines()
    assert header == "| job | load | pairs | same code | +5 % |"
    assert row.startswith("| copy, torch-eager, t1, time | quiet | 8 | ")
    assert "slower" in row.split(" | ")[4]
    assert "slower" not in row.split(" | ")[3]


def test_fewer_than_four_pairs_are_shown_without_a_verdict() -> None:
    few = [d for d in made(pairs=3).duets if d.load == "heavy"]
    duets = tuple(replace(d, load="quiet_two", schedule="work", injected=0.02) for d in few)
    (row,) = slowed.table(slowed.slowed(Bank((), duets))).splitlines()[2:]
    assert row.startswith("| copy, work | quiet_two | 3 | ")
    assert " to " in row.split("[")[1]
    assert "slower" not in row
