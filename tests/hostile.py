"""Files that no run wrote: a good one with something in it replaced, repeated, cut or put in, for hypothesis."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

# JSON, or what passes for it, that readers trip over.
TOKENS = [
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e308", "5e-324", "-0.0", "0", "-1", "1.5",
    "9" * 400, "-" + "9" * 400, "9" * 10_000, str(2**63), str(2**64), "true", "null", "[]", "{}", "[[1]]",
    '""', r'"\u0000"', r'"\ud800"', r'"\udc00\ud800"', r'"\u202e\u001b[31m"', '"nan"', '"-inf"', '"' + "x" * 5000 + '"',
    "[" * 500 + "]" * 500, "[" * 995 + "]" * 995, "[" * 50_000 + "]" * 50_000, '{"a":' * 980 + "1" + "}" * 980,
    "[1e999]", "[NaN]", "[0]", "[-1]", "[1e308,1e308]", "[null]", "[true]", '{"a":"b"}', '"\xff"', "", "'", "\\", ",",
]  # fmt: skip
BYTES = [
    b"\x00",
    b"\xff\xfe",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\n",
    b"\n\n",
    b"\r",
    b"\x1f\x8b",
    b"}{",
    b"\xef\xbb\xbf",
    b"",
]
_MARK = "\x00here\x00"


def _places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in plain data, its own among them."""
    found = [place]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += _places(item, (*place, key))
    return found


def _marked(value: Any, place: tuple[Any, ...]) -> str:
    """The data as JSON, with a mark at a place."""
    copy = {"": json.loads(json.dumps(value))}
    inside: Any = copy
    for key in ("", *place)[:-1]:
        inside = inside[key]
    inside[("", *place)[-1]] = _MARK
    return json.dumps(copy[""], separators=(",", ":"))


def _put(marked: str, token: str) -> bytes:
    """The JSON with `token` in place of the mark."""
    return marked.replace(json.dumps(_MARK), token).encode("latin-1")


def each_replaced(good: bytes, count: int) -> Iterator[bytes]:
    """Files with, at each place of the first lines, every third token, so that all come up."""
    lines = good.split(b"\n")
    for at in range(count):
        value = json.loads(lines[at])
        for number, place in enumerate(_places(value)):
            marked = _marked(value, place)
            for token in TOKENS[number % 3 :: 3]:
                yield b"\n".join([*lines[:at], _put(marked, token), *lines[at + 1 :]])


@st.composite
def mutated(draw: st.DrawFn, good: bytes) -> bytes:
    """A file of JSON lines, or of one JSON object, with up to three changes."""
    data = good
    for _ in range(draw(st.integers(1, 3))):
        lines = data.split(b"\n")
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(["value", "value", "value", "bytes", "repeat", "drop", "cut"]))
        if kind == "value":
            lines[at] = draw(_replaced(lines[at]))
        elif kind == "bytes":
            line, inside = lines[at], draw(st.integers(0, len(lines[at])))
            lines[at] = line[:inside] + draw(st.sampled_from(BYTES)) + line[inside + draw(st.integers(0, 3)) :]
        elif kind == "repeat":
            lines.insert(draw(st.integers(0, len(lines))), lines[at])
        elif kind == "drop":
            del lines[at]
        data = b"\n".join(lines)
        if kind == "cut":
            data = data[: draw(st.integers(0, len(data)))]
    return data


@st.composite
def _replaced(draw: st.DrawFn, line: bytes) -> bytes:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return line
    return _put(_marked(value, draw(st.sampled_from(_places(value)))), draw(st.sampled_from(TOKENS)))
