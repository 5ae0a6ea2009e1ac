"""Records from strangers: whatever their strings hold, the page shows it and does nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchsuite.report import Report
from benchsuite.report.document import title
from benchsuite.report.escape import plain
from benchsuite.report.page import document
from tests.browser.conftest import Opened
from tests.report.hostile import hostile
from tests.report.page.examples import HOSTILE, parts

Open = Callable[..., Opened]
OWNED = "'owned' in window"
INJECTED = "<script>window.owned=1</script><img src='x' onerror='window.owned=1'>"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("words", HOSTILE)
def test_strings_are_shown_and_nothing_happens(opened: Open, tmp_path: Path, words: str) -> None:
    seen = opened(written(tmp_path / "report.html", document(parts(words), words)))
    seen.drawn()
    page = seen.page
    page.locator(".dots .view [fill=transparent]").first.hover()
    assert plain(words) in page.locator("#tip dd").all_text_contents()
    assert plain(words) in page.locator(".plane .view text").all_text_contents()
    page.locator("table[id] .sort:visible").first.click()
    page.locator(".switch").first.click()
    page.locator("figure.plane .save").click()
    page.click("#filter")
    page.fill("#text", plain(words))
    assert not page.inner_text("#count").startswith("0 ")
    page.wait_for_timeout(50)
    assert page.locator("h1").text_content() == plain(words)
    assert page.locator("img, iframe, object, embed, base, [onerror], a[href^='javascript']").count() == 0
    assert not page.evaluate(OWNED)
    assert seen.complaints == []


def test_a_whole_hostile_run_is_a_quiet_page(opened: Open, tmp_path: Path) -> None:
    report = Report.of([hostile(), hostile()])
    seen = opened(written(tmp_path / "report.html", document(report.parts, title(report.sheets))), 380)
    seen.drawn()
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 380
    assert seen.page.locator("img").count() == 0
    assert seen.complaints == []


def test_the_policy_would_stop_what_the_escaping_let_through(opened: Open, tmp_path: Path) -> None:
    text = document(parts(), "laptop").replace("</main>", f"{INJECTED}</main>")
    seen = opened(written(tmp_path / "report.html", text))
    seen.page.wait_for_timeout(50)
    assert not seen.page.evaluate(OWNED)
    assert sum("Content Security Policy" in each for each in seen.complaints) >= 2


def test_without_the_policy_the_same_would_run(opened: Open, tmp_path: Path) -> None:
    text = document(parts(), "laptop").replace("</main>", f"{INJECTED}</main>")
    seen = opened(written(tmp_path / "report.html", text.replace("Content-Security-Policy", "x-nothing")))
    assert seen.page.evaluate(OWNED)
