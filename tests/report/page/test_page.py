"""The page as HTML: its outline, its tables, its policy, and that strings stay strings."""

import base64
import hashlib
import itertools
import json
import re
from functools import cache

import pytest

from benchsuite.report.escape import plain
from benchsuite.report.page import document, library
from benchsuite.report.part import Part
from tests.report.page.examples import HOSTILE, parts
from tests.report.page.reading import Element, elements


@cache
def page(words: str = "") -> str:
    return document(parts(words), words or "What laptop can do")


def named(name: str, text: str | None = None) -> list[Element]:
    return [e for e in elements(text or page()) if e.name == name]


def test_headings_descend_without_gaps_below_one_first() -> None:
    levels = [int(e.name[1]) for e in elements(page()) if re.fullmatch("h[1-6]", e.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))


def test_headings_never_pass_the_sixth_level() -> None:
    deep = Part("leaf")
    for _ in range(9):
        deep = Part("branch", parts=(deep,))
    levels = {e.name for e in elements(document([deep], "deep")) if re.fullmatch(r"h\d", e.name)}
    assert levels == {"h1", "h2", "h3", "h4", "h5", "h6"}


def test_every_link_leads_to_an_element_and_ids_are_unique() -> None:
    ids = [e.attributes["id"] for e in elements(page()) if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    targets = {e.attributes["href"].removeprefix("#") for e in named("a")}
    assert len(targets) == 3
    assert targets <= set(ids)


def test_tables_have_captions_and_scopes() -> None:
    tables = named("table")
    assert len(tables) == 3 + 2 + 2
    assert len(named("caption")) == len(tables)
    assert all(e.attributes.get("scope") in ("col", "row") for e in named("th"))
    rows = [e for e in named("tr") if "tbody" in e.parents]
    assert len([e for e in named("th") if e.attributes["scope"] == "row"]) == len(rows)


def test_what_a_group_has_in_common_is_in_every_row() -> None:
    cells = [e.text for e in named("td")]
    again = [e.text for e in named("span") if e.attributes.get("class") == "again"]
    assert cells.count("64") == 4
    assert again == ["8", "64"] * 2


def test_cells_carry_the_numbers_to_sort_by() -> None:
    values = {e.text: e.attributes.get("data-value") for e in named("td")}
    assert values["9.0 µs"] == "9e-06"
    assert values[""] is None


def test_statuses_are_told_apart_and_long_reasons_fold() -> None:
    states = {e.text: e.attributes["class"] for e in named("span") if "state" in e.attributes.get("class", "")}
    assert states == {"wrong": "state bad", "skipped": "state mute"}
    folded = [e for e in named("details") if e.attributes["class"] == "long"]
    assert len(folded) == 1
    assert folded[0].text.count("no device") > 30


def test_a_folded_part_is_closed() -> None:
    (part,) = [e for e in named("details") if e.attributes["class"] == "part"]
    assert "open" not in part.attributes
    assert "output differs from the reference" in part.text


def test_charts_of_one_family_are_shown_one_at_a_time() -> None:
    figures = named("figure")
    assert [("hidden" in e.attributes) for e in figures] == [False, True, False]
    options = [e.text for e in named("option") if e.attributes["value"]]
    assert options == ["Kernels: latency", "Kernels: share"]


def test_every_panel_has_a_text_alternative() -> None:
    views = [e for e in named("div") if e.attributes.get("class") == "view"]
    assert len(views) == 4
    assert all(e.attributes["role"] == "img" for e in views)
    assert "Steeper is worse." in views[-1].attributes["aria-label"]
    assert "ceiling 0.6 s" in page()


def test_the_policy_allows_this_page_and_nothing_else() -> None:
    (policy,) = [e.attributes["content"] for e in named("meta") if "http-equiv" in e.attributes]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "unsafe" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", page(), re.DOTALL)
    assert len(scripts) == 2
    assert rules["script-src"].split() == [f"'sha256-{hashed(s)}'" for s in scripts]
    (style,) = re.findall(r"<style>(.*?)</style>", page(), re.DOTALL)
    assert rules["style-src"] == f"'sha256-{hashed(style)}'"


def hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_nothing_is_said_within_an_element_that_only_a_looser_policy_would_allow() -> None:
    for element in elements(page()):
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")], element
    assert not [e for e in elements(page()) if "src" in e.attributes]


def test_a_page_without_charts_carries_no_library() -> None:
    assert len(document([Part("Words", paragraphs=("only",))], "short")) < 60_000


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_strings_are_text_and_change_no_element(words: str) -> None:
    harmless = "x" * len(words)
    shape = [(e.name, sorted(e.attributes), e.parents) for e in elements(page(harmless))]
    found = elements(page(words))
    assert [(e.name, sorted(e.attributes), e.parents) for e in found] == shape
    (first,) = [e.text for e in found if e.name == "h1"]
    assert first == plain(words)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_strings_are_the_data_of_charts_again(words: str) -> None:
    sources = re.findall(r'<script type="application/json">(.*?)</script>', page(words), re.DOTALL)
    assert len(sources) == 3
    assert not any(set(source) & set("<>&\u2028\u2029") for source in sources)
    labels = [row["label"] for row in json.loads(sources[0])[0]["datasets"]["rows"]]
    assert labels[0] == plain(words)


def test_the_library_is_made_once_for_each_version(monkeypatch: pytest.MonkeyPatch) -> None:
    first = library.script()
    monkeypatch.setitem(__import__("sys").modules, "vl_convert", None)
    assert library.script() == first
    assert "vegaEmbed" in first
    assert not re.search("</script|<!--", first, re.IGNORECASE)
