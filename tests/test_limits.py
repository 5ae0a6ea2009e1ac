"""The limits that the README names are those that readers keep."""

import re
from pathlib import Path

import pytest

from benchsuite import medians, regular, store
from benchsuite.cli import policy
from benchsuite.imports import document
from benchsuite.remote import address, web
from benchsuite.worker import zygote

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
UNITS = {"MiB": 2**20, "GiB": 2**30, "min": 60, "characters": 1, "": 1}
LIMITS = {
    "a line, for `report`, `run --resume`, `gate --replay`": (store._LONGEST_LINE,),
    "a line, for `compare`, `history`, `export`": (medians.LONGEST_LINE,),
    "a stored run, for the first three; for the others": (store.MOST_BYTES, medians.MOST_BYTES),
    "records of a run": (store.MOST_RECORDS,),
    "names of a run's jobs, together": (medians.MOST_NAMES,),
    "a file of another tool": (document.LARGEST,),
    "a file at a URL; files and folders there; depth": (
        address.LARGEST, address._LONGEST_WAIT, address.MOST_FILES, address.DEEPEST,
    ),
    "a page of links; pages": (web._LARGEST_PAGE, web._MOST_PAGES),
    "a policy": (policy.LONGEST,),
    "a corpus: the rest is not read": (regular.LONGEST_TEXT,),
    "what a worker answers": (zygote._LONGEST_ANSWER,),
}  # fmt: skip


@pytest.mark.parametrize("what", LIMITS)
def test_a_limit_is_as_described(what: str) -> None:
    (cell,) = re.findall(rf"^\| {re.escape(what)} \| (.*) \|$", README, re.MULTILINE)
    found = re.findall(r"(\d[\d,]*) ?(MiB|GiB|min|characters|)", cell)
    assert tuple(int(number.replace(",", "")) * UNITS[unit] for number, unit in found) == LIMITS[what]


def test_readers_agree_on_records() -> None:
    assert store.MOST_RECORDS == medians.MOST_RECORDS
