"""Printing what may hold foreign text, for a person and where GitHub Actions reads along."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator

import click

from benchsuite import harmless


def say(text: str, *, err: bool = False) -> None:
    """Print one line, whatever it holds; `err` is where errors go."""
    click.echo(harmless.line(text), err=err)


def annotated() -> bool:
    """Whether GitHub Actions reads what is printed."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextlib.contextmanager
def unobeyed() -> Iterator[None]:
    """Let nothing that is printed meanwhile be a command to GitHub Actions, which takes them from any line's beginning.

    A long name that is folded may begin a line anywhere in it.
    """
    word = secrets.token_hex(16) if annotated() else None
    if word is not None:
        click.echo(f"::stop-commands::{word}")
    try:
        yield
    finally:
        if word is not None:
            click.echo(f"::{word}::")
