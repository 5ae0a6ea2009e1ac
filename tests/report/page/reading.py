"""A page as a reader of HTML sees it: its elements with their attributes and their text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = ("meta", "link", "input", "br", "img")


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    text: str = ""
    parents: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[Element] = []
        self.found: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {k: v or "" for k, v in attrs}, parents=[e.name for e in self.open])
        self.found.append(element)
        if tag not in _EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def elements(page: str) -> list[Element]:
    """Every element in order; fails where one is not closed where it should be."""
    reader = _Reader()
    reader.feed(page)
    assert not reader.open
    return reader.found
