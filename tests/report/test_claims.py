"""Findings in a report: which come first, and several runs side by side."""

from collections.abc import Sequence

import pytest

from benchsuite.analysis import Estimate
from benchsuite.analysis.findings.finding import Answer, Finding, Number
from benchsuite.report import claims
from benchsuite.report.part import Part
from benchsuite.report.quantity import quantity, with_interval, with_margin
from benchsuite.report.sheet import sheets
from tests.fakes import stored

SURE, UNSURE = Estimate(2.0, 1.9, 2.1, 5, 50), Estimate(2.0, None, None, 2, 20)


def finding(name: str, answer: Answer, *values: Estimate, reason: str = "As it is.") -> Finding:
    return Finding(name, f"Claim {name}.", answer, reason, tuple(Number("times as fast", v) for v in values))


def shown(monkeypatch: pytest.MonkeyPatch, *runs: Sequence[Finding]) -> Part:
    left = list(runs)
    monkeypatch.setattr(claims, "findings", lambda summaries, limits: left.pop(0))
    return claims.claims(sheets([stored([]) for _ in runs]))


def test_what_can_be_told_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(
        monkeypatch,
        [
            finding("a", "cannot tell"),
            finding("b", "cannot tell", UNSURE),
            finding("c", "not supported", SURE),
            finding("d", "supported", SURE),
        ],
    )
    assert [p.heading for p in found.parts] == ["Claim d", "Claim c", "Claim b", "Not measured: 1 claim"]
    assert [p.folded for p in found.parts] == [False, False, False, True]
    assert found.parts[0].facts == (("answer", "supported"), ("times as fast", "2.00, 95 % interval 1.90 to 2.10"))
    assert found.parts[3].tables[0].columns[0].cells == ("Claim a",)
    assert "Of 4, 1 cannot be told" in found.paragraphs[0]


def test_runs_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    first = [finding("a", "supported", SURE, reason="It gains."), finding("b", "cannot tell")]
    second = [
        finding("a", "cannot tell", reason="Measure it."),
        finding("b", "not supported", UNSURE, reason="It loses."),
    ]
    found = shown(monkeypatch, first, second)
    (table,) = found.parts[0].tables
    assert [(c.head, c.cells) for c in table.columns] == [
        ("run", ("A", "B")),
        ("answer", ("supported", "cannot tell")),
        ("times as fast", ("2.00 ±5.0 %", "")),
    ]
    assert table.columns[2].values == (2.0, None)
    assert found.parts[0].paragraphs == ("A: It gains.",)
    assert found.parts[1].paragraphs == ("B: It loses.",)


def test_a_reason_that_all_runs_share_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shown(monkeypatch, [finding("a", "supported", SURE)], [finding("a", "supported", SURE)])
    assert found.parts[0].paragraphs == ("As it is.",)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.00123, "s", "1.23 ms"),
        (2.0**31, "B", "2.00 GiB"),
        (0.0042, "J", "4.20 mJ"),
        (1500.0, "J", "1.50 kJ"),
        (1.92, "1", "1.92"),
        (512.0, "tokens", "512 tokens"),
        (1.5e6, "tokens/s", "1.50 M tokens/s"),
        (2e-12, "J", "0.00200 nJ"),
    ],
)
def test_quantities_are_scaled(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


def test_intervals_are_told_where_they_are() -> None:
    assert with_interval(SURE, "s") == "2.00 s, 95 % interval 1.90 s to 2.10 s"
    assert with_interval(UNSURE, "s") == "2.00 s, no interval"
    assert with_interval(Estimate(1.0, 1.0, 1.0, 5, 5), "1") == "1.00"
    assert with_margin(SURE, "1") == "2.00 ±5.0 %"
    assert with_margin(UNSURE, "1") == "2.00, no interval"
