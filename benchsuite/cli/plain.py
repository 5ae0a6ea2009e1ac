"""Printing where the terminal's encoding lacks our signs: a plain one stands in for each, and none ends a command."""

from __future__ import annotations

import codecs
import io
import sys

_PLAIN = {
    "★": "*",
    "☆": "+",
    "≈": "~",
    "±": "+-",
    "×": "x",
    "µ": "u",
    "†": "^",
    "…": ".",
    "–": "-",
    "−": "-",
    "━": "=",
    "─": "-",
    "≤": "<=",
    "°": "",
}
"""What tells marks apart where only ASCII can be printed; anything else is a question mark there."""


def print_plainly() -> None:
    """Let standard output and errors write what they cannot encode in plain signs."""
    codecs.register_error("benchsuite-plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what stands in for a terminal may be anything, or nothing
            stream.reconfigure(errors="benchsuite-plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(_PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end
