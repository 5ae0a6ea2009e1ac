"""Verdicts as they are read: one of each, in every format, and harmless whatever a stored file holds."""

import csv
import dataclasses
import io
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from rich.console import Console
from rich.text import Text

from benchsuite.records import Outcome, Verdict
from benchsuite.report import ratios, verdict_text
from benchsuite.report.ranking import OUTCOMES, Section, geometric_mean, groups, summary, worst_first
from benchsuite.report.verdicts import as_data, document, table, write
from tests.report import golden
from tests.report.hostile import TRICKS

METRIC = "time/latency"
LINES = (
    ("base", "before.jsonl (laptop, machine 0123456789ab)"),
    ("candidate", "after.jsonl (laptop, machine 0123456789ab)"),
    ("machines", "comparable with these differences"),
    ("had better be", "cpu.microcode: 0x1 in the base, 0x2 in the candidate (all jobs)"),
)


def decided(
    job: str, outcome: Outcome, ratio: float, width: float, smallest: float, base: float, reason: str = ""
) -> Verdict:
    low, high = ratio / (1 + width), ratio * (1 + width)
    return Verdict(job, METRIC, outcome, "s", base, base * ratio, ratio, low, high, smallest, 5, 8, reason)


def undecided(name: str, outcome: Outcome, base: float | None, candidate: float | None, reason: str) -> Verdict:
    known = Verdict(f"{name}@torch-eager-cpu/fp32/t2", METRIC, outcome, "s", base, candidate, reason=reason)
    return dataclasses.replace(known, base_rounds=5 if base else 0, candidate_rounds=5 if candidate else 0)


def of_every_kind() -> Section:
    """Each outcome at least once."""
    matmul = "matmul/size=2048@{}/fp32/t2"
    attention = "attention-self/batch=4,seq=512,heads=12,head_dim=64,implementation=sdpa@{}/bf16/t2"
    few = "2 and 5 rounds; a verdict takes 4 of each side: benchsuite run --rounds 4"
    short = Verdict("launch@torch-eager-cpu/fp32/t2", METRIC, "unclear", "s", 2e-6, 2.1e-6, 1.05, reason=few)
    other = "it is defined otherwise: definition 0123 in the base, 4567 in the candidate"
    wrong = "output differs from the reference: relative error 0.31, allowed 0.01"
    noisy = "16 pairs would miss a change of less than 24 %: too noisy here to gate"
    lost = "1 of 9 rounds lost in the base: killed"
    verdicts = (
        decided(matmul.format("torch-eager-cpu"), "same", 1.0021, 0.012, 0.034, 0.1204),
        decided(matmul.format("onnxruntime-cpu"), "slower", 1.1234, 0.04, 0.061, 0.0987),
        decided(matmul.format("torch-compile-cpu"), "slower", 2.5, 0.02, 0.05, 3.2e-5, lost),
        decided(attention.format("torch-eager-cpu"), "faster", 0.8, 0.03, 0.055, 0.0123),
        decided(attention.format("onnxruntime-cpu"), "unclear", 1.04, 0.11, 0.152, 4.1e-3),
        dataclasses.replace(short, base_rounds=2, candidate_rounds=5),
        decided("dataloader@torch-eager-cpu/fp32/t2", "ungateable", 1.07, 0.21, 0.31, 0.014, noisy),
        undecided("softmax", "incomparable", 1e-3, 2e-3, other),
        undecided("gpt2-forward/batch=1", "removed", 0.2, None, "not in the candidate"),
        undecided("gpt2-pretrain/batch=1", "failed", 1.5, None, "out of memory: 31 GiB wanted"),
        undecided("t5-train/batch=1", "wrong", 0.7, None, wrong),
        undecided("t5-forward/batch=1", "added", None, 0.05, "not in the base"),
    )
    return Section("after.jsonl against before.jsonl", LINES, verdicts, 0.03)


def hostile() -> Section:
    """Strings that try to be more than strings, and numbers that are none."""
    job = f"{TRICKS}/{TRICKS}@{TRICKS}-cpu/{TRICKS}/t2"
    nan, inf = math.nan, math.inf
    verdicts = (
        Verdict(job, METRIC, "slower", TRICKS, 1.0, 2.0, 2.0, 1.5, 2.5, 0.1, 5, 5, TRICKS),
        Verdict(TRICKS, TRICKS, "unclear", TRICKS, inf, nan, inf, -inf, nan, inf, reason=TRICKS),
        Verdict("", METRIC, "same", "", 0.0, 1e300, 1e-300, 1e-300, 1e300, 1e300),
        Verdict(f"{job}," + "x" * 500, METRIC, "faster", "B", 2.0, 1.0, 0.5, 0.4, 0.6, 0.1, 5, 5),
    )
    return Section(TRICKS, ((TRICKS, TRICKS),), verdicts, 0.03)


EMPTY = Section("nothing against nothing", LINES[:2], ())


def shown(sections: Sequence[Section], width: int = 80, by: str | None = None, colour: bool = False) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=colour,
        color_system="truecolor" if colour else None,
        legacy_windows=False,
    )
    verdict_text.show(sections, console, by)
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_terminal_as_it_was(width: int) -> None:
    golden.check(f"verdicts-{width}.txt", shown([of_every_kind(), EMPTY], width))


@pytest.mark.parametrize("by", ["workload", "backend", "precision", "outcome"])
def test_groups_as_they_were(by: str) -> None:
    golden.check(f"verdicts-by-{by}.txt", shown([of_every_kind()], 120, by))


def test_files_as_they_were() -> None:
    golden.check("verdict.md", document([of_every_kind(), EMPTY], "backend", ["ratios.png"]))
    golden.check("verdict.csv", table([of_every_kind(), EMPTY]))
    golden.check("verdict.json", json.dumps(as_data([of_every_kind(), EMPTY]), indent=1))


def test_every_kind_of_verdict_is_among_them() -> None:
    assert {v.outcome for v in of_every_kind().verdicts} == set(OUTCOMES)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("section", [of_every_kind(), hostile(), EMPTY])
def test_no_line_is_wider_than_the_terminal(section: Section, width: int) -> None:
    assert max(map(len, shown([section], width).splitlines())) <= width


def test_colours_change_no_character() -> None:
    coloured = shown([of_every_kind()], colour=True)
    assert "\x1b[31m" in coloured
    assert Text.from_ansi(coloured).plain.split() == shown([of_every_kind()]).split()


def test_very_many_are_all_shown() -> None:
    many = [decided(f"job-{i}@torch-eager-cpu/fp32/t2", "unclear", 1.0, 0.1, 0.2, 1e-3) for i in range(5000)]
    text = shown([Section("many", (), many)], 120, colour=True)
    assert all(f"job-{i}@" in text for i in range(5000))


def test_hostile_strings_stay_where_they_are() -> None:
    text = shown([hostile()], 120)
    assert "[bold]" in text
    assert all(c.isprintable() for c in text.replace("\n", ""))
    lines = list(csv.reader(io.StringIO(table([hostile()]))))
    assert len({len(line) for line in lines}) == 1
    assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line)
    marked = document([hostile()], "workload")
    assert "<img" not in marked
    for line in (line for line in marked.splitlines() if line.startswith("|")):
        assert re.search(r"(?<!\\)[`\[]", line) is None
    assert all(c.isprintable() for c in marked.replace("\n", ""))
    json.dumps(as_data([hostile()]), allow_nan=False)


def test_the_worst_come_first() -> None:
    found = worst_first(of_every_kind().verdicts)
    order = [v.outcome for v in found]
    assert order == sorted(order, key=OUTCOMES.index)
    assert [v.ratio for v in found if v.outcome == "slower"] == [2.5, 1.1234]


def test_more_of_what_is_better_is_not_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchsuite.records import METRICS, Metric

    monkeypatch.setitem(METRICS, "rate", Metric("rate", "1/s", "higher", 1, "how often"))
    rates = [Verdict(f"{r}@b/p/t1", "rate", "slower", "1/s", 1.0, r, r, r, r) for r in (0.9, 0.5, 0.7)]
    assert [v.ratio for v in worst_first(rates)] == [0.5, 0.7, 0.9]


def test_means_are_geometric_and_leave_out_what_has_no_ratio() -> None:
    verdicts = [Verdict(f"{r}@b/p/t1", METRIC, "same", ratio=r) for r in (0.5, 2.0, 8.0)]
    verdicts += [Verdict("gone@b/p/t1", METRIC, "removed"), Verdict("odd@b/p/t1", METRIC, "same", ratio=math.inf)]
    assert geometric_mean(verdicts) == pytest.approx(2.0)
    assert geometric_mean(verdicts[3:]) is None
    found = groups(of_every_kind().verdicts, "workload")
    assert [g.name for g in found][:2] == ["matmul", "dataloader"]
    assert found[0].mean == pytest.approx((1.0021 * 1.1234 * 2.5) ** (1 / 3))
    assert [g.name for g in groups(of_every_kind().verdicts, "backend")] == [
        "torch-compile-cpu",
        "onnxruntime-cpu",
        "torch-eager-cpu",
    ]


def test_the_summary_counts_everything() -> None:
    text = summary(of_every_kind().verdicts)
    assert text.startswith(
        "1 wrong, 1 failed, 1 removed, 2 slower, 1 incomparable, 1 ungateable, 2 unclear, 1 same, 1 faster, 1 added"
    )
    assert "a change below 15 % may have gone unseen" in text
    assert summary(()) == "There is no job to compare."


def lines_of(figure: Figure, kind: str) -> list[tuple[float, ...]]:
    return [tuple(line.get_xdata()) for line in figure.axes[0].lines if line.get_gid() == kind]


def test_the_picture_has_a_dot_and_an_interval_for_each_ratio() -> None:
    section = of_every_kind()
    rows = ratios.drawable(section)
    figure = ratios.draw(section, rows)
    figure.draw_without_rendering()
    assert [value for (value,) in lines_of(figure, "value")] == [2.5, 1.1234, 1.07, 1.05, 1.04, 1.0021, 0.8]
    assert len(lines_of(figure, "interval")) == 6
    assert all(low < high for low, high in lines_of(figure, "interval"))
    low, high = figure.axes[0].get_xlim()
    assert low < 0.8 / 1.03
    assert high > 2.5 * 1.02
    assert any(patch.get_gid() == "band" for patch in figure.axes[0].patches)


def test_a_picture_has_at_most_sixty_rows(tmp_path: Path) -> None:
    many = [decided(f"job-{i}@torch-eager-cpu/fp32/t2", "same", 1.0, 0.01, 0.03, 1e-3) for i in range(61)]
    section = Section("many", (), many)
    assert [path.name for path in ratios.write([section], tmp_path)] == ["ratios.png", "ratios-2.png"]
    assert ratios.write([EMPTY], tmp_path) == []
    monster = Section("monster", (), many * 20)
    assert len(ratios.drawable(monster)) > ratios.ROWS * ratios.PICTURES


def test_no_words_of_a_picture_overlap() -> None:
    near, far = (decided("a@b/c/d", "slower", ratio, 0.05, 0.1, 1.0) for ratio in (1.08, 80.0))
    for section in (of_every_kind(), *(Section("one", (), [one]) for one in (of_every_kind().verdicts[0], near, far))):
        figure = ratios.draw(section, ratios.drawable(section))
        figure.draw_without_rendering()
        (ax,) = figure.axes
        low, high = ax.get_xlim()
        ticks = [t for t in ax.get_xticklabels() if low <= t.get_position()[0] <= high]
        assert len(ticks) >= 2
        assert "1×" in {tick.get_text() for tick in ticks}
        for words in (ax.get_yticklabels(), ticks, ax.texts):
            boxes = [text.get_window_extent().padded(-1) for text in words if text.get_text()]
            assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_everything_is_written(tmp_path: Path) -> None:
    found = write([of_every_kind(), hostile(), EMPTY], tmp_path / "new" / "folder", "backend")
    assert [path.name for path in found] == [
        "verdict.md",
        "verdict.csv",
        "verdict.json",
        "ratios.png",
        "ratios-2.png",
    ]
    assert "![ratios-2](ratios-2.png)" in found[0].read_text(encoding="utf-8")
    assert len(json.loads(found[2].read_text(encoding="utf-8"))) == 3
