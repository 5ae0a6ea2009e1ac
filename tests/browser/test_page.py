"""The page in a real browser: opened from disk, read, sorted, filtered, themed, pointed at, printed and saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchsuite.report import Report
from benchsuite.report.document import title
from benchsuite.report.page import document
from tests.browser.conftest import SCREENS, Opened
from tests.report.page.examples import parts
from tests.report.samples import accelerated, mixed

Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(document(parts(), "What laptop can do"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = Report.of([mixed(), accelerated()])
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(document(report.parts, title(report.sheets)), encoding="utf-8")
    return path


def texts(page: Any, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_text_contents()]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1280])
def test_opens_from_disk_without_a_word_and_fits(opened: Open, whole: Path, width: int, theme: str) -> None:
    seen = opened(whole, width, color_scheme=theme)
    seen.drawn()
    assert seen.complaints == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    assert seen.page.locator(".failed").count() == 0
    SCREENS.mkdir(parents=True, exist_ok=True)
    seen.page.screenshot(path=SCREENS / f"report-{width}-{theme}.png", full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_that_axe_knows_of_keeps_a_reader_out(opened: Open, example: Path, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    seen = opened(example, color_scheme=theme)
    seen.drawn()
    seen.page.click("#filter")
    for details in seen.page.locator("details").all():
        details.evaluate("element => { element.open = true; }")
    found = axe.Axe().run(seen.page).response["violations"]
    assert [(each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in found] == []


def test_a_heading_sorts_by_the_numbers_behind_the_cells(opened: Open, example: Path) -> None:
    page = opened(example).page
    table = page.locator("table", has_text="softmax").first
    head = table.locator("th", has_text="latency")
    latencies = "td:last-child"
    before = table.locator(f"tbody {latencies}").all_text_contents()
    for state, order in (
        ("ascending", ["30 ns", "9.0 µs", "1.0 ms", ""]),
        ("descending", ["1.0 ms", "9.0 µs", "30 ns", ""]),
    ):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == state
        assert table.locator(f"tbody {latencies}").all_text_contents() == order
        # Out of its group, a row says what the group had in common.
        assert table.locator(".again").first.evaluate("e => getComputedStyle(e).opacity") == "1"
    head.locator("button").click()
    assert head.get_attribute("aria-sort") is None
    assert table.locator(f"tbody {latencies}").all_text_contents() == before


def test_rows_are_filtered_over_all_tables_and_counted(opened: Open, example: Path) -> None:
    page = opened(example).page
    page.click("#filter")
    assert page.locator("#text").evaluate("e => e === document.activeElement")
    page.select_option("#backend", "onnxruntime-cpu")
    assert page.inner_text("#count") == "4 of 10 rows"
    page.select_option("#workload", "softmax")
    assert page.inner_text("#count") == "2 of 10 rows"
    assert page.locator("main > section table:visible").count() == 1
    page.fill("#text", "30 NS")
    assert page.inner_text("#count") == "1 of 10 rows"
    page.fill("#text", "nowhere")
    assert page.inner_text("#count") == "0 of 10 rows"
    page.click("#filters [type=reset]")
    page.wait_for_timeout(50)
    assert page.inner_text("#count") == ""
    assert page.locator("tbody tr[hidden]").count() == 0
    assert page.locator("#count").get_attribute("aria-live") == "polite"


def test_the_theme_is_the_systems_until_the_reader_chooses(opened: Open, example: Path) -> None:
    seen = opened(example, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dot = "getComputedStyle(document.querySelector('.view svg .mark-symbol path')).stroke"
    seen.drawn()
    dark = [seen.page.evaluate(each) for each in (ground, dot)]
    seen.page.click("#theme")
    light = [seen.page.evaluate(each) for each in (ground, dot)]
    assert light[0] == "rgb(255, 255, 255)"
    assert all(a != b for a, b in zip(dark, light, strict=True))
    seen.page.reload()
    assert seen.page.evaluate(ground) == light[0]
    assert seen.page.inner_text("#theme") == "Dark"
    assert seen.complaints == []


def test_pointing_at_a_dot_tells_its_job_value_and_interval(opened: Open, example: Path) -> None:
    seen = opened(example)
    seen.drawn()
    seen.page.locator(".dots .view [fill=transparent]").first.hover()
    told = dict(zip(texts(seen.page, "#tip dt"), texts(seen.page, "#tip dd"), strict=True))
    assert told == {
        "job": "matmul/size=64",
        "backend": "torch-eager-cpu",
        "value": "0.02 s ±2 %",
        "95 % interval": "−2.0 % to +2.0 %, 5 rounds",
    }
    seen.page.mouse.move(2, 2)
    assert seen.page.locator("#tip").is_hidden()


def test_pointing_at_a_place_of_a_curve_tells_it_too(opened: Open, example: Path) -> None:
    seen = opened(example)
    seen.drawn()
    seen.page.locator(".plane .view [fill=transparent]").first.hover()
    told = dict(zip(texts(seen.page, "#tip dt"), texts(seen.page, "#tip dd"), strict=True))
    assert (told["job"], told["at"], told["value"]) == ("torch-eager-cpu", "1", "0.2 s")


def test_the_legend_switches_series_and_the_axis_has_its_ticks(opened: Open, example: Path) -> None:
    seen = opened(example)
    seen.drawn()
    words = "figure.dots >> nth=0 >> .view svg text"
    assert {"1 ms", "10 ms", "100 ms", "1 s"} <= set(texts(seen.page, words))
    assert "onnxruntime-cpu" in texts(seen.page, words)
    switch = seen.page.locator(".switch", has_text="onnxruntime, CPU").first
    switch.press("Enter")
    assert switch.get_attribute("aria-pressed") == "false"
    assert "onnxruntime-cpu" not in texts(seen.page, words)
    switch.press("Space")
    assert "onnxruntime-cpu" in texts(seen.page, words)


def test_every_interval_is_a_line_across_its_dot(opened: Open, example: Path) -> None:
    seen = opened(example)
    seen.drawn()
    # The value without an interval has none; the fourth line is the reference.
    lines = seen.page.locator("figure.dots >> nth=0 >> .view .mark-rule.role-mark line")
    assert lines.count() == 4
    widths = [lines.nth(i).evaluate("e => e.getBoundingClientRect().width") for i in range(4)]
    assert sorted(width > 1 for width in widths) == [False, True, True, True]


def test_one_metric_is_picked_of_several(opened: Open, example: Path) -> None:
    seen = opened(example)
    figures = seen.page.locator("figure.dots")
    seen.page.select_option(".choice select", label="Kernels: share")
    seen.drawn()
    assert [figures.nth(i).is_visible() for i in range(2)] == [False, True]
    assert figures.nth(1).locator(".view svg").count() == 1


def test_a_narrow_chart_has_its_names_above_its_dots_and_cuts_nothing_off(opened: Open, example: Path) -> None:
    seen = opened(example, 380)
    seen.drawn()
    outside = """() => [...document.querySelectorAll('.view svg')].flatMap(svg => {
        const box = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()])
            .filter(([, t]) => t.width && (t.left < box.left - 1 || t.right > box.right + 1)).map(([name]) => name);
    })"""
    assert seen.page.evaluate(outside) == []


def test_a_saved_chart_stands_alone(opened: Open, example: Path, tmp_path: Path) -> None:
    seen = opened(example, accept_downloads=True)
    seen.drawn()
    with seen.page.expect_download() as waiting:
        seen.page.locator("figure.plane .save").click()
    assert waiting.value.suggested_filename == "scaling-batch.svg"
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    words = " ".join(e.text or "" for e in ElementTree.fromstring(text).iter() if e.tag.endswith("text"))
    assert all(each in words for each in ("Scaling", "torch-eager-cpu", "first", "second", "ceiling 0.6 s", "0.5 s"))
    assert "var(" not in text
    assert seen.complaints == []


def test_print_is_light_open_and_without_controls(opened: Open, example: Path) -> None:
    seen = opened(example, color_scheme="dark")
    seen.drawn()
    reasons = seen.page.locator("details.part")
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    seen.page.emulate_media(media="print")
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert reasons.get_attribute("open") is not None
    assert not any(seen.page.locator(each).first.is_visible() for each in (".bar", ".save", ".choice", ".data"))
    seen.page.emulate_media(media="screen")
    seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert reasons.get_attribute("open") is None
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert len(seen.page.pdf()) > 10_000


def test_everything_is_reached_by_the_keyboard_and_seen_where_it_is(opened: Open, example: Path) -> None:
    page = opened(example).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    wanted = page.locator("main :is(button, select, summary, [tabindex='0']):visible").count()
    met = set()
    for _ in range(wanted):
        page.keyboard.press("Tab")
        # A number for each element, and whether its focus is drawn.
        place, width = page.evaluate(
            "[[...document.querySelectorAll('*')].indexOf(document.activeElement),"
            " getComputedStyle(document.activeElement).outlineWidth]"
        )
        met.add(place)
        assert width == "2px", page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
    assert len(met) == wanted


def test_a_link_into_a_closed_part_opens_it(opened: Open, example: Path) -> None:
    page = opened(example).page
    name = page.locator("details.part h4").get_attribute("id")
    page.evaluate("name => { location.hash = name; }", name)
    page.wait_for_timeout(50)
    assert page.locator("details.part").get_attribute("open") is not None


def test_the_parts_are_named_in_the_bar(opened: Open, example: Path) -> None:
    page = opened(example).page
    assert texts(page, ".bar nav a") == ["This machine", "What it can do"]
    page.click(".bar nav a >> nth=1")
    assert re.search(r"#what-it-can-do-\d+$", page.url)
