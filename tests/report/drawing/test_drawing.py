"""Static pictures, by what their axes hold; never by their pixels."""

import functools
import re
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from benchsuite.report import drawing
from benchsuite.report.charts.kinds import charts
from benchsuite.report.charts.model import Chart, Dots
from benchsuite.report.drawing import dress, planes
from benchsuite.report.sheet import sheets
from benchsuite.report.style import INK, style
from tests.report.charts.runs import alike, swept, traced
from tests.report.hostile import hostile
from tests.report.samples import accelerated, mixed, small

RUNS = {
    "mixed": lambda: [mixed()],
    "accelerated": lambda: [accelerated()],
    "two": lambda: [mixed(), accelerated()],
    "swept": lambda: [swept()],
    "hostile": lambda: [hostile(), small()],
    "traced": lambda: [traced()],
    "short": lambda: [traced(samples=20)],
    "ten": lambda: alike(10),
}


@functools.cache
def charted(runs: str) -> dict[str, Chart]:
    return {c.name: c for c in charts(sheets(RUNS[runs]()))}


@functools.cache
def drawn(runs: str, name: str) -> Figure:
    return drawing.draw(charted(runs)[name])


def every(runs: str) -> list[tuple[Chart, Figure]]:
    return [(c, drawn(runs, name)) for name, c in charted(runs).items()]


def held(ax: Axes, kind: str) -> list[tuple[list[float], list[float]]]:
    return [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines if line.get_gid() == kind]


def said(ax: Axes, kind: str) -> list[Text]:
    return [text for text in ax.texts if text.get_gid() == kind]


def test_every_dot_is_drawn_with_its_interval_and_its_words() -> None:
    found = charted("accelerated")["latency-kernels"]
    (ax,) = drawn("accelerated", "latency-kernels").axes
    panel = found.panels[0]
    assert isinstance(panel, Dots)
    values = sorted(x for xs, _ in held(ax, "value") for x in xs)
    assert values == sorted(dot.estimate.value for dot in panel.dots)
    lines = [xs for xs, _ in held(ax, "interval")]
    ends = sorted((xs[i], xs[i + 1]) for xs in lines for i in range(0, len(xs), 3))
    assert ends == sorted((dot.estimate.low, dot.estimate.high) for dot in panel.dots)
    assert [t.get_text() for t in said(ax, "label")] == [dot.label for dot in panel.dots]
    assert [t.get_text() for t in said(ax, "text")] == [dot.text for dot in panel.dots]
    assert len(said(ax, "heading")) == len({dot.case for dot in panel.dots})
    lines = [t.get_position()[1] for t in (*said(ax, "label"), *said(ax, "heading"))]
    assert len(set(lines)) == len(lines)


def test_ticks_and_ends_are_those_of_the_chart() -> None:
    for found, figure in every("swept"):
        for ax, panel in zip(figure.axes, found.panels, strict=False):
            axis = panel.axis if isinstance(panel, Dots) else panel.x
            assert ax.get_xlim() == (axis.low, axis.high)
            assert [t.get_text() for t in ax.get_xticklabels()] == [text for _, text in axis.ticks]
            assert list(ax.get_xticks()) == [value for value, _ in axis.ticks]
            assert ax.get_xlabel() == axis.heading


def test_curves_rules_and_bands_are_drawn_as_they_are() -> None:
    found = charted("swept")["break-even"]
    for ax, plane in zip(drawn("swept", "break-even").axes, found.panels, strict=True):
        assert held(ax, "curve") == [([p.x for p in c.places], [p.y.value for p in c.places]) for c in plane.curves]
        assert held(ax, "rule") == [tuple(map(list, zip(*rule.points, strict=True))) for rule in plane.rules]
        assert sum(patch.get_gid() == "band" for patch in ax.patches) == len(plane.bands)
    assert [t.get_text() for t in said(ax, "mark")] == []


def test_ends_and_marks_stand_beside_what_they_belong_to() -> None:
    found = charted("swept")["scaling-seq"]
    (ax,) = drawn("swept", "scaling-seq").axes
    assert {t.get_text() for t in said(ax, "end")} == {c.end for c in found.panels[0].curves}
    assert len(held(ax, "leader")) == len(found.panels[0].curves)
    roofline = charted("swept")["roofline-cuda"]
    (ax,) = drawn("swept", "roofline-cuda").axes
    wanted = {p.mark for c in roofline.panels[0].curves for p in c.places} - {""}
    assert {t.get_text() for t in said(ax, "mark")} == wanted | {roofline.panels[0].rules[0].text}


def test_long_traces_have_no_marks() -> None:
    ax = drawn("traced", "traces").axes[0]
    assert {str(line.get_marker()) for line in ax.lines if line.get_gid() == "curve"} == {"None"}
    ax = drawn("short", "traces").axes[0]
    assert {str(line.get_marker()) for line in ax.lines if line.get_gid() == "curve"} == {"o"}


def test_levels_are_apart_and_near_what_was_wanted() -> None:
    assert planes.apart([0.1, 0.5, 0.9], 0.1) == [0.1, 0.5, 0.9]
    assert planes.apart([0.5, 0.5, 0.5], 0.1) == pytest.approx([0.5, 0.6, 0.7])
    assert planes.apart([0.95, 0.97, 0.99], 0.1) == pytest.approx([0.78, 0.88, 0.98])
    assert planes.apart([], 0.1) == []


def test_a_backend_has_one_colour_in_all_pictures() -> None:
    colours: dict[str, set[str]] = {}
    for found, figure in [*every("mixed"), *every("swept")]:
        for ax, panel in zip(figure.axes, found.panels, strict=False):
            members = panel.dots if isinstance(panel, Dots) else panel.curves
            drawn = {str(line.get_color()) for line in ax.lines if line.get_gid() in ("value", "curve")}
            assert drawn == {style(member.family).colour for member in members}
            for member in members:
                colours.setdefault(member.family, set()).add(style(member.family).colour)
    assert len(colours) == 4
    assert INK not in set.union(*colours.values())


def _overlapping(figure: Figure) -> list[tuple[str, str]]:
    figure.draw_without_rendering()
    found = [t for ax in figure.axes for t in (*ax.texts, *ax.get_xticklabels(), *ax.get_yticklabels(), ax.title)]
    found += [t for ax in figure.axes for t in (ax.xaxis.label, ax.yaxis.label, ax._left_title)]
    found += [t for legend in figure.legends for t in legend.get_texts()]
    boxes = [(t.get_text(), t.get_window_extent().padded(-1)) for t in found if t.get_text().strip()]
    return [(a, b) for i, (a, one) in enumerate(boxes) for b, other in boxes[:i] if one.overlaps(other)]


def _cut(figure: Figure) -> list[str]:
    found = [t for ax in figure.axes for t in (*ax.texts, ax._left_title, ax.xaxis.label)]
    found += [t for legend in figure.legends for t in legend.get_texts()] + list(figure.texts)
    edge = figure.bbox.padded(2)
    boxes = [(t.get_text(), t.get_window_extent()) for t in found if t.get_text().strip()]
    return [text for text, box in boxes if box.x0 < edge.x0 or box.x1 > edge.x1 or box.y0 < edge.y0 or box.y1 > edge.y1]


@pytest.mark.parametrize("runs", ["mixed", "accelerated", "two", "swept", "hostile", "traced"])
def test_no_words_overlap_or_are_cut(runs: str) -> None:
    for found, figure in every(runs):
        assert _overlapping(figure) == [], found.name
        assert _cut(figure) == [], found.name


@pytest.mark.parametrize("name", ["latency-kernels", "scaling-seq", "roofline-cuda", "precision", "memory-host-seq"])
def test_ten_machines_are_readable(name: str) -> None:
    figure = drawn("ten", name)
    assert _overlapping(figure) == []
    assert _cut(figure) == []
    assert len(figure.legends[0].get_texts()) <= 8


def test_both_files_are_written_small_and_the_same_each_time(tmp_path: Path) -> None:
    found = [charted("swept")[name] for name in ("latency-kernels", "roofline-cuda")]
    names = ["latency-kernels.png", "latency-kernels.svg", "roofline-cuda.png", "roofline-cuda.svg"]
    (tmp_path / "again").mkdir()
    paths, again = drawing.write(found, tmp_path), drawing.write(found, tmp_path / "again")
    assert [path.name for path in paths] == names
    assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in again]
    assert all(path.stat().st_size < 300_000 for path in paths if path.suffix == ".svg")
    (only,) = drawing.write(found[:1], tmp_path / "again", ("svg",))
    text = only.read_text(encoding="utf-8")
    assert ">torch-eager-cpu fp32</text>" in text
    assert "Time of one iteration" in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    found = list(charted("hostile").values())
    figure = drawn("hostile", "latency-others")
    assert any("$" in text.get_text() for text in figure.axes[0].texts)
    for path in drawing.write(found, tmp_path, ("svg",)):
        text = path.read_text(encoding="utf-8")
        assert "<img" not in text
        assert "\u202e" not in text


def test_text_is_wrapped_by_its_width() -> None:
    lines = dress.wrapped("one two three four five six seven eight nine ten", 1.0, 2).split("\n")
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(dress.text_inches(line, bold=True) < 1.2 for line in lines)
    (alone,) = dress.wrapped("x" * 200, 1.0).split("\n")
    assert dress.text_inches(alone, bold=True) <= 1.0
