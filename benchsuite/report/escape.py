"""Making strings of a stored file harmless where they are shown: they may come from another machine."""

from __future__ import annotations

from benchsuite import harmless

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # some spreadsheets take the wide ones for the others
_MARKDOWN = str.maketrans({c: f"\\{c}" for c in "\\`*[]|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})


def plain(text: str) -> str:
    """One line without control, formatting or unpaired surrogate characters, and without spaces that show nothing."""
    return " ".join(harmless.line(text).split())


def markdown(text: str) -> str:
    """Text that Markdown shows as it is, also within a table."""
    return plain(text).translate(_MARKDOWN)


def cell(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    text = plain(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def short(text: str, longest: int = 50) -> str:
    """One harmless line of at most `longest` characters: no picture has room for what only a damaged file holds."""
    text = plain(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
