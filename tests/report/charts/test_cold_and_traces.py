"""Cold against warm, and single samples in order."""

import pytest

from benchsuite.report.charts.kinds import charts
from benchsuite.report.charts.model import Chart
from benchsuite.report.sheet import sheets
from benchsuite.store import Stored
from tests.fakes import job, rounds, stored
from tests.report.charts.runs import prepared, traced
from tests.report.samples import mixed


def found(*runs: Stored) -> dict[str, Chart]:
    return {c.name: c for c in charts(sheets(runs))}


def test_parts_of_a_cold_start_follow_each_other() -> None:
    times = {f"time/cold_{part}": 0.1 * i for i, part in enumerate(("python", "import", "build", "load", "first"), 1)}
    chart = found(stored(rounds(job("cold-start", prompt=16), None, times)))["cold-start"]
    (panel,) = chart.panels
    assert [dot.label for dot in panel.dots] == [
        "start Python",
        "import",
        "build the network",
        "load weights",
        "first token",
    ]
    assert [dot.estimate.value for dot in panel.dots] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5], rel=1e-2)
    assert "The longest is first token" in chart.caption
    assert chart.family == "around"


def test_first_iterations_against_later_ones() -> None:
    chart = found(mixed())["cold-first"]
    (plane,) = chart.panels
    places = [p for c in plane.curves for p in c.places]
    assert len(places) == 11
    assert all(p.y.value == pytest.approx(0.02, rel=0.01) for p in places)
    assert sum(p.across is None for p in places) == 1
    assert all(p.across is None or p.across[0] < p.x < p.across[1] for p in places)
    (equal,) = plane.rules
    assert all(x == y for x, y in equal.points)


def test_preparing_cold_against_warm() -> None:
    chart = found(stored([prepared("cold"), prepared("warm")]))["cold-prepare"]
    ((place,),) = [c.places for c in chart.panels[0].curves]
    assert (place.x, place.y.value) == pytest.approx((2.0, 8.0))
    assert "4.00×" in place.text
    assert "cold-prepare" not in found(stored([prepared("cold")]))


def test_traces_show_the_least_steady_and_a_typical_job_of_each_backend() -> None:
    chart = found(traced())["traces"]
    titles = [plane.title for plane in chart.panels]
    assert [title.split(",")[0] for title in titles] == ["least steady: layer-norm", "typical: embedding"] * 2
    assert ["torch-eager" in title for title in titles] == [True, True, False, False]
    plane = chart.panels[0]
    assert [c.label for c in plane.curves] == ["round 1", "round 2", "round 3", "round 4"]
    assert [text for _, text in plane.x.ticks] == ["1", "2", "3", "4"]
    assert all(len(c.places) == 60 for c in plane.curves)
    xs = [p.x for c in plane.curves for p in c.places]
    assert xs == sorted(set(xs))


def test_long_traces_are_thinned_from_end_to_end() -> None:
    plane = found(traced(count=20, samples=500))["traces"].panels[0]
    assert [c.label for c in plane.curves][:: len(plane.curves) - 1] == ["round 1", "round 20"]
    assert len(plane.curves) == 8
    first = plane.curves[0].places
    assert len(first) == 80
    assert (first[0].text[-19:], first[-1].text[-21:]) == ("sample 1 of round 1", "sample 500 of round 1")


def test_too_few_samples_show_nothing() -> None:
    assert "traces" not in found(traced(samples=7))
