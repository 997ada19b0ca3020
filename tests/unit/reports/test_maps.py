"""The map page holds everything it needs, lets nothing else in, and runs no text of a plan."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.day_plans import HOSTILE_NAMES

from geo_engine.reports import maps
from geo_engine.reports.maps import PLAN_SCRIPTS, render_plan_map
from geo_engine.reports.model import PlanReport
from geo_engine.reports.one_file import inert_json
from geo_engine.reports.page_words import page_words
from geo_engine.words import Language

ASSETS = Path(maps.__file__).parent / "assets"


class Tags(HTMLParser):
    """Collects what the page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag and its attributes."""
        self.found.append((tag, dict(attrs)))


def tags_of(page: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return every tag of the page with its attributes."""
    reader = Tags()
    reader.feed(page)
    return reader.found


def test_no_tag_loads_anything_and_none_has_inline_style_or_handler(report: PlanReport) -> None:
    """Nothing has src or a remote link, no tag carries style or on… attributes."""
    tags = tags_of(render_plan_map(report))

    names = [name for _, attributes in tags for name in attributes]
    assert "src" not in names
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]
    assert "link" not in [tag for tag, _ in tags]


def test_the_policy_comes_first_and_allows_exactly_the_blocks_of_the_page(report: PlanReport) -> None:
    """The first tag of the head is the policy; its hashes are those of the scripts and styles, no more."""
    page = render_plan_map(report)

    tag, attributes = tags_of(page)[2]
    policy = attributes["content"] or ""
    blocks = re.findall(r"<(script|style)>(.*?)</\1>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for _, text in blocks]
    assert tag == "meta"
    assert attributes["http-equiv"] == "Content-Security-Policy"
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert re.findall(r"sha256-([^']+)", policy) == [
        *(digest for (kind, _), digest in zip(blocks, hashes, strict=True) if kind == "script"),
        *(digest for (kind, _), digest in zip(blocks, hashes, strict=True) if kind == "style"),
    ]


def test_hostile_names_stand_only_in_the_data(report: PlanReport) -> None:
    """No hostile name is anywhere in the page as it was written, and all are in the data."""
    page = render_plan_map(report)

    data = json.loads(page.split('id="plan-data">', 1)[1].split("</script>", 1)[0])
    names = [visit["name"] for route in data["routes"] for visit in route["visits"]]
    assert "window.ran = 1</script>" not in page
    assert "onerror=alert(1)>" not in page
    assert {name for name in HOSTILE_NAMES if name in names} == set(HOSTILE_NAMES)


def test_the_same_plan_gives_the_same_page(report: PlanReport) -> None:
    """Nothing random is in the page."""
    assert render_plan_map(report) == render_plan_map(report)


def test_the_page_opens_marked_with_the_reports_language(report: PlanReport) -> None:
    """The html tag carries the language before any script runs."""
    page = render_plan_map(replace(report, language=Language.ZH_CN))

    assert '<html lang="zh-CN">' in page
    assert "<title>当日计划</title>" in page


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_inert_json_is_the_same_value_without_a_character_of_html(value: object) -> None:
    """Whatever the value, its JSON reads back as it was and cannot end a script or begin a tag."""
    text = inert_json(value)

    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == value


def test_every_word_the_script_asks_for_exists_and_none_is_idle() -> None:
    """Each call of `word` in the page's scripts names its keys; together they are the keys of the catalogue."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in map(ASSETS.joinpath, PLAN_SCRIPTS))

    calls = re.findall(r"(?<!function )\bword\(([^,)]*)", scripts)
    asked = [set(re.findall(r'"(\w+)"', first)) for first in calls]
    assert all(asked)
    assert set().union(*asked) == set(page_words(Language.EN))


@pytest.mark.parametrize("key", sorted(page_words(Language.EN)))
def test_placeholders_are_the_same_in_every_language(key: str) -> None:
    """A word's placeholders are kept for the script, in all languages."""
    found = {language: sorted(re.findall(r"\{\w+\}", page_words(language)[key])) for language in Language}

    assert found[Language.EN] == found[Language.ZH_CN]
