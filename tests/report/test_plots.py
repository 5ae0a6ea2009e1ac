"""Pictures, by what their axes hold."""

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchsuite.report import plots
from benchsuite.report.chart import Chart, charts
from benchsuite.report.sheet import sheets
from benchsuite.store import Stored
from tests.report.hostile import hostile
from tests.report.samples import accelerated, mixed, small


def chart(name: str, *runs: Stored) -> Chart:
    return next(c for c in charts(sheets(runs)) if c.name == name)


def drawn(name: str, *runs: Stored) -> Figure:
    figure = plots.draw(chart(name, *runs))
    figure.draw_without_rendering()
    return figure


def lines(ax: Axes, kind: str) -> list[tuple[float, ...]]:
    return [tuple(line.get_xdata()) for line in ax.lines if line.get_gid() == kind]


def test_every_value_has_its_dot_and_its_interval() -> None:
    (ax,) = drawn("latency", accelerated()).axes
    dots, bars = lines(ax, "value"), lines(ax, "interval")
    assert len(dots) == len(bars) == len(ax.get_yticks()) == 31
    assert all(low < value < high for (value,), (low, high) in zip(dots, bars, strict=True))
    assert ax.get_xscale() == "log"


def test_values_without_an_interval_say_so() -> None:
    (ax,) = drawn("latency", small()).axes
    assert lines(ax, "interval") == []
    assert sum("no interval" in text.get_text() for text in ax.texts) == 4


def test_every_unit_has_its_own_axis() -> None:
    figure = drawn("throughput", mixed())
    assert {ax.get_xlabel().split(" per ")[0] for ax in figure.axes} == {"products", "copies", "lookups", "tokens"}


def test_speed_ups_leave_out_what_they_are_over() -> None:
    (ax,) = drawn("speedup", mixed()).axes
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["torch-compile-cpu fp32", "onnxruntime-cpu fp32"] * 2
    assert [value for (value,) in lines(ax, "value")][:2] == pytest.approx([1 / 0.8, 1 / 0.805], rel=1e-3)
    assert any(list(line.get_xdata()) == [1.0, 1.0] for line in ax.lines)


def test_shares_start_at_zero_and_are_not_clipped() -> None:
    (ax,) = drawn("share", accelerated()).axes
    assert ax.get_xlim()[0] == 0
    assert max(value for (value,) in lines(ax, "value")) > 1.5
    assert ax.get_xlim()[1] > 1.6


def test_a_backend_has_one_colour_in_all_charts() -> None:
    colours: dict[str, set[str]] = {}
    for found in charts(sheets([mixed(), accelerated()])):
        figure = plots.draw(found)
        for ax, panel in zip(figure.axes, found.panels, strict=True):
            dots = [line for line in ax.lines if line.get_gid() == "value"]
            for dot, point in zip(dots, panel.points, strict=True):
                colours.setdefault(point.family, set()).add(str(dot.get_color()))
    assert len(colours) == 4
    assert all(len(found) == 1 for found in colours.values())
    assert len(set.union(*colours.values())) == 4


def test_several_runs_are_told_apart() -> None:
    (ax,) = drawn("latency", mixed(), accelerated()).axes
    assert {label.get_text()[:3] for label in ax.get_yticklabels()} == {"A: ", "B: "}


@pytest.mark.parametrize("name", ["latency", "throughput", "speedup", "share"])
@pytest.mark.parametrize("runs", [(mixed(),), (accelerated(),), (mixed(), accelerated())])
def test_no_words_overlap(name: str, runs: tuple[Stored, ...]) -> None:
    figure = drawn(name, *runs)
    for ax in figure.axes:
        for words in (ax.get_yticklabels(), [t for t in ax.get_xticklabels() if _within(t, ax)], ax.texts):
            boxes = [text.get_window_extent().padded(-1) for text in words if text.get_text()]
            assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_hostile_names_are_drawn_as_they_are() -> None:
    figure = drawn("latency", hostile())
    assert any("$" in text.get_text() for text in figure.axes[0].texts)


def _within(text, ax: Axes) -> bool:
    low, high = ax.get_xlim()
    return low <= text.get_position()[0] <= high
