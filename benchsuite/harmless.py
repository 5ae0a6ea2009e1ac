"""Foreign text made harmless where a terminal or a log shows it: it may come from a file, a plug-in or the machine."""

from __future__ import annotations


def line(text: str) -> str:
    """One line of `text`: white space is a space; control, formatting and unpaired surrogate characters are left out.

    Formatting characters are those that nobody sees, such as the ones that turn the direction of writing.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)


def lines(text: str) -> str:
    """The same of each of several lines."""
    return "\n".join(map(line, text.split("\n")))
