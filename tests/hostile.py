"""Files that no run wrote: a good one with something in it replaced, repeated, cut or put in, for hypothesis."""

from __future__ import annotations

import json
import random
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
    "-0", "1e-400", str(2**61 - 1), str(2**1023), '"\xc0\xaf"', '"\xed\xa0\x80"', '"\x00"', r'"\u2028\u0085::error::x"',
    r'"=1+1|</script><b>]]>$\\frac$"', '"../../x"', '{"a":1,"a":2}', "[" * 100_000,
]  # fmt: skip
# What a key may be: shown in a message it must do as little as a value.
KEYS = [
    r"\u001b[31m\u202e\n::error::x",
    "x" * 5000,
    "",
    r"\ud800",
    "../../x",
    "=1+1",
    "__class__",
    "samples",
    "status",
    "1",
]
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
    """Files with, at each place of the first lines, every sixth token, so that all come up."""
    lines = good.split(b"\n")
    for at in range(count):
        value = json.loads(lines[at])
        for number, place in enumerate(_places(value)):
            marked = _marked(value, place)
            for token in TOKENS[number % 6 :: 6]:
                yield b"\n".join([*lines[:at], _put(marked, token), *lines[at + 1 :]])


def _rekeyed(value: Any, place: tuple[Any, ...], key: str, *, added: bool) -> str:
    """The data as JSON with another key in the object at a place: beside the first of those there, or instead of it."""
    inside = json.loads(json.dumps(value))
    copy = {"": inside}
    inside = copy
    for step in ("", *place):
        inside = inside[step]
    if isinstance(inside, dict) and inside:
        first = next(iter(inside))
        content = inside[first] if added else inside.pop(first)
        inside[_MARK] = content
    return json.dumps(copy[""], separators=(",", ":")).replace(json.dumps(_MARK), f'"{key}"')


def each_rekeyed(good: bytes, count: int) -> Iterator[bytes]:
    """Files with, at each object of the first lines, a hostile key beside those there, then instead of one."""
    lines = good.split(b"\n")
    for at in range(count):
        value = json.loads(lines[at])
        for number, place in enumerate(_places(value)):
            text = _rekeyed(value, place, KEYS[number % len(KEYS)], added=number % 2 == 0)
            yield b"\n".join([*lines[:at], text.encode("latin-1"), *lines[at + 1 :]])


def changed(data: bytes, draw: random.Random) -> bytes:
    """A file of JSON lines, or of one JSON object, with one change."""
    lines = data.split(b"\n")
    at = draw.randrange(len(lines))
    kind = draw.choice(["value", "value", "value", "key", "bytes", "repeat", "swap", "drop", "cut"])
    if kind in ("value", "key"):
        lines[at] = _changed_line(lines[at], draw, keys=kind == "key")
    elif kind == "bytes":
        line, inside = lines[at], draw.randint(0, len(lines[at]))
        lines[at] = line[:inside] + draw.choice(BYTES) + line[inside + draw.randint(0, 3) :]
    elif kind == "repeat":
        lines.insert(draw.randint(0, len(lines)), lines[at])
    elif kind == "swap":
        other = draw.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == "drop":
        del lines[at]
    data = b"\n".join(lines)
    return data[: draw.randint(0, len(data))] if kind == "cut" else data


def _changed_line(line: bytes, draw: random.Random, *, keys: bool) -> bytes:
    try:
        value = json.loads(line)
        place = draw.choice(_places(value))
        if keys:
            return _rekeyed(value, place, draw.choice(KEYS), added=draw.random() < 0.5).encode("latin-1", "replace")
        return _put(_marked(value, place), draw.choice(TOKENS))
    except (ValueError, RecursionError):
        return line


@st.composite
def mutated(draw: st.DrawFn, good: bytes) -> bytes:
    """The same with up to three changes."""
    data = good
    for _ in range(draw(st.integers(1, 3))):
        data = changed(data, draw(st.randoms(use_true_random=False)))
    return data
