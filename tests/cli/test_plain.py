"""Signs where the encoding lacks them."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from benchsuite.cli.plain import print_plainly

GOLDEN = Path(__file__).parents[1] / "golden"
SIGNS = "★ ☆ ≈ ±1 2× 3 µs † – − ≤ 5 °C"


def printed(monkeypatch: pytest.MonkeyPatch, encoding: str, text: str) -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    print_plainly()
    stream.write(text)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("ascii", "* + ~ +-1 2x 3 us ^ - - <= 5 C"),
        ("latin-1", "* + ~ ±1 2× 3 µs ^ - - <= 5 °C"),
        ("utf-8", SIGNS),
    ],
)
def test_each_sign_has_a_plain_one(monkeypatch: pytest.MonkeyPatch, encoding: str, said: str) -> None:
    assert printed(monkeypatch, encoding, SIGNS) == said


def test_what_has_no_plain_sign_is_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(monkeypatch, "ascii", "é\udcff€") == "???"
    assert printed(monkeypatch, "utf-8", "é\udcff€") == "é?€"


def test_what_stands_in_for_a_terminal_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    print_plainly()


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_every_sign_of_what_is_printed_is_known(path: Path) -> None:
    print_plainly()
    text = path.read_text(encoding="utf-8")
    assert text.encode("ascii", "benchsuite-plain").count(b"?") == text.count("?")
