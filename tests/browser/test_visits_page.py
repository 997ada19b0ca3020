"""The visits in the browser: a day, one with its evidence and its track, a decision, and a worker's own day."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import PHONE, SMALL, View, Watch, both_ends, hard_to_touch, open_window, serious_findings, sign_in
from support.companies import PASSWORD, SERVICE_ON
from support.databases import Databases
from support.pages import login_of, pages_of_two
from support.visited import tell_a_day
from support.web_server import WebServer, running_server

from geo_engine.photos.files import open_photo_files
from geo_engine.words import Language

A_DAY = f"/visits?on={SERVICE_ON}"
PURPOSE = "Asked for <b>by the worker</b>"

type Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Give the pages of a company on whose day much happened."""
    folder = tmp_path_factory.mktemp("visits")
    with pages_of_two(databases, cache_dir=folder / "cache") as (own, pages):
        tell_a_day(own.app, pages.mine.tenant_id, open_photo_files(None, state_dir=folder / "state"))
        with running_server(own, folder) as server:
            yield server


@pytest.fixture
def visit(browser: Browser, server: WebServer, watch: Watch) -> Iterator[Visit]:
    """Return a function that signs somebody in, watched."""
    with ExitStack() as opened:

        def visit(role: str, path: str, language: Language, *, size: tuple[int, int], dark: bool = False) -> Page:
            context = open_window(browser, origin=server.origin, size=size, language=language, dark=dark)
            opened.callback(context.close)
            page = context.new_page()
            watch.origin = server.origin
            watch.on(page)
            who = {"company": "alpha", "login": login_of(role), "password": PASSWORD}
            sign_in(page, server.origin, **who, language=language)
            page.goto(path)
            return page

        yield visit


def _assert_clean(page: Page, size: tuple[int, int]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert serious_findings(page) == []
    assert size not in {PHONE, SMALL} or hard_to_touch(page) == []


def _count_marks(page: Page) -> int:
    page.wait_for_selector(".visit-map .map-tools")
    return int(page.evaluate("Object.values(map_plan._layers).filter((one) => one instanceof L.CircleMarker).length"))


@pytest.mark.parametrize("view", both_ends())
def test_a_visit_is_looked_into_and_decided(visit: Visit, watch: Watch, view: View) -> None:
    """From the day to its evidence, with the photo; the track is drawn once its purpose is said; a word is kept."""
    size, language, dark = view
    page = visit("administrator", A_DAY, language, size=size, dark=dark)
    assert _count_marks(page) == page.locator(".visit").count()
    _assert_clean(page, size)

    page.click(".fold-all")
    expect(page.locator(".visit:visible")).to_have_count(0)
    _assert_clean(page, size)
    page.click(".fold-all")
    expect(page.locator(".visit:visible")).to_have_count(page.locator(".visit").count())

    page.click(".states a.confirmed")
    page.locator(".visit.confirmed h3 a").first.click()
    image = page.locator(".photos img")
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", value=True)
    assert image.evaluate("image => image.naturalWidth") > 0
    before = _count_marks(page)

    page.fill("[name=purpose]", PURPOSE)
    page.click(".look .button")
    expect(page.locator(".map-card .small").last).to_contain_text(PURPOSE)
    assert _count_marks(page) > before + 20
    _assert_clean(page, size)
    note = f"seen <b>there</b> at {size[0]}"
    page.fill(".decide [name=note]", note)
    page.click(".decide [value=accepted]")
    expect(page.locator(".beliefs .decided q").first).to_have_text(note)
    watch.assert_clean()


def test_a_day_is_found_again_as_it_was_left(visit: Visit, watch: Watch) -> None:
    """Loaded anew, gone back to and led back to: the same worker is open, the others are folded."""
    page = visit("administrator", A_DAY, Language.EN, size=PHONE)
    workers, shown = page.locator(".of-worker"), page.locator(".visit:visible")
    page.click(".fold-all")
    workers.last.locator("summary").click()
    count = workers.last.locator(".visit").count()
    expect(page).to_have_url(re.compile(r"[?&]open=[^&]+$"))

    page.reload()
    expect(shown).to_have_count(count)
    page.locator(".visit:visible h3 a").first.click()
    expect(page.locator(".visit-page")).to_be_visible()
    page.go_back()
    expect(shown).to_have_count(count)
    page.locator(".visit:visible h3 a").first.click()
    page.click(".back")
    expect(shown).to_have_count(count)
    expect(workers.last).to_be_in_viewport()
    watch.assert_clean()


def test_what_waits_is_decided_by_keyboard_and_the_second_is_told(visit: Visit, watch: Watch) -> None:
    """A stay is given to the site that is searched for; whoever still sees it waiting is told, and loses nothing."""
    first, second = (visit(role, "/visits/review", Language.EN, size=PHONE) for role in ("dispatcher", "manager"))
    _assert_clean(first, PHONE)
    count = first.locator(".case").count()
    second.locator(".case:has(.which) [name=note]").fill("mine")

    field = first.locator(".case:has(.which) [data-sites]")
    field.fill("S003")
    expect(first.locator("[role=option]").first).to_have_attribute("aria-selected", "true")
    first.keyboard.press("Enter")
    first.click(".case:has(.which) [value=assigned]")
    expect(first.locator(".done-note")).to_be_visible()
    expect(first.locator(".case")).to_have_count(count - 1)
    assert (watch.complaints, watch.requests) == ([], [])

    second.click(".case:has(.which) [value=accepted]")
    expect(second.locator("#toast")).to_contain_text("Somebody else has decided")
    expect(second.locator(".case:has(.which) [name=note]")).to_have_value("mine")


def test_a_worker_reads_what_was_recorded_on_a_small_phone(visit: Visit, watch: Watch) -> None:
    """From the day's stops to one's own visits, and into one with its track, which nobody has to explain."""
    page = visit("worker", f"/field?date={SERVICE_ON}", Language.ZH_CN, size=SMALL)

    page.goto(A_DAY)
    expect(page.locator("h1")).to_have_text("我的拜访")
    _assert_clean(page, SMALL)
    page.locator(".visit h3 a").first.click()
    expect(page.locator(".map-card a.button")).to_be_visible()
    expect(page.locator("[name=purpose]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL[0]
    watch.assert_clean()
