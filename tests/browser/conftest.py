"""A browser that opens pages from disk and keeps account of all that a page must not do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCREENS = Path(__file__).parent.parent.parent / "build" / "screens"


@dataclass
class Opened:
    """A page, and what it said, asked for and threw since it was opened."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def drawn(self) -> None:
        """Wait until every chart that is shown is drawn; the policy lets no script wait within the page."""
        left = "[...document.querySelectorAll('.view')].filter(v => v.clientWidth && !v.querySelector('svg')).length"
        for _ in range(400):
            if not self.page.evaluate(left):
                return
            self.page.wait_for_timeout(25)
        raise AssertionError(f"charts are not drawn: {self.complaints}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser on the PATH: none of {', '.join(BROWSERS)}")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=found)
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Opened]]:
    contexts = []

    def open_page(path: Path, width: int = 1280, **options: Any) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        made = Opened(context.new_page())
        made.page.on("console", lambda m: made.complaints.append(f"console: {m.text}"))
        made.page.on("pageerror", lambda e: made.complaints.append(f"error: {e}"))
        made.page.on("dialog", lambda d: (made.complaints.append(f"dialog: {d.message}"), d.dismiss()))
        made.page.on("request", lambda r: r.url != path.as_uri() and made.complaints.append(f"request: {r.url}"))
        made.page.goto(path.as_uri())
        return made

    yield open_page
    for context in contexts:
        context.close()
