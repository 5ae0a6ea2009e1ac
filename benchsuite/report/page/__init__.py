"""The report as one HTML page that needs neither a server nor a network: opened from disk it is all there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from benchsuite.report.escape import plain
from benchsuite.report.page import library
from benchsuite.report.page.figure import drawings
from benchsuite.report.page.outline import Section, outline
from benchsuite.report.page.palette import properties
from benchsuite.report.part import Part

__all__ = ["document"]

_HERE = Path(__file__).parent
_SCRIPTS = ("theme.js", "tables.js", "labels.js", "layout.js", "charts.js", "reading.js")


def document(parts: Sequence[Part], title: str) -> str:
    """The page: `title`, a way to its parts, and the parts in their order; charts are drawn by the reader's browser."""
    import jinja2

    # Every string is data until the template says otherwise: it is made one harmless line, then escaped.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda item: plain(item) if type(item) is str else item,
    )
    sections = outline(parts)
    style = properties() + _read("style.css")
    scripts = [library.script(), _read(*_SCRIPTS)] if _drawn(sections) else [_read(*_SCRIPTS)]
    return environment.get_template("page.html").render(
        title=title,
        sections=sections,
        policy=_policy(scripts, style),
        style=style,
        scripts=scripts,
        drawings=drawings(),
    )


def _read(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def _drawn(sections: Sequence[Section]) -> bool:
    return any(section.pickers or _drawn(section.sections) for section in sections)


def _policy(scripts: Sequence[str], style: str) -> str:
    """Nothing loads, and nothing runs but the very scripts of this page, whatever a hostile record slipped in."""
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )


def _hash(text: str) -> str:
    """The hash of an inline element, as Content Security Policy Level 3 has it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
