"""Looking at tracks in the browser: a worker's day is asked for and played, and who passed leads to the moment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import DESKTOP, View, Watch, enter, open_window, serious_findings, views
from support.companies import NOW
from support.databases import Databases
from support.pages import login_of, pages_of_two
from support.tracked import HERE, give_device
from support.tracked_days import keep_day, there_and_back, track_always
from support.web_server import WebServer, running_server

from geo_engine.ids import WorkerId
from geo_engine.words import Language

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = datetime.now(ZONE).date()
YESTERDAY = TODAY - timedelta(days=1)
EIGHT = datetime.combine(YESTERDAY, datetime.min.time(), ZONE) + timedelta(hours=8)
PURPOSE = "客户投诉 <b>4711</b>"

type Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Give the pages of a company one of whose workers reported for two hours yesterday."""
    folder = tmp_path_factory.mktemp("tracks")
    with pages_of_two(databases, cache_dir=folder / "cache") as (own, pages), ExitStack() as stack:
        worn_from = EIGHT.astimezone(UTC) - timedelta(days=1)
        phone = give_device(own.app, pages.mine.tenant_id, WorkerId("W2"), worn_from=worn_from)
        track_always(own.app, phone, now=NOW)
        keep_day(own.app, phone, there_and_back(EIGHT, fix_count=7_200))
        yield stack.enter_context(running_server(own, folder))


@pytest.fixture
def visit(browser: Browser, server: WebServer, watch: Watch) -> Iterator[Visit]:
    """Return a function that signs somebody in, watched."""
    with ExitStack() as opened:

        def visit(
            role: str, language: Language = Language.EN, *, size: tuple[int, int] = DESKTOP, dark: bool = False
        ) -> Page:
            context = open_window(browser, origin=server.origin, size=size, language=language, dark=dark)
            opened.callback(context.close)
            page = context.new_page()
            watch.origin = server.origin
            watch.on(page)
            enter(page, server, company="alpha", login=login_of(role), language=language)
            return page

        yield visit


def _assert_clean(page: Page, size: tuple[int, int]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert serious_findings(page) == []


def _choose(page: Page, card: str, text: str) -> None:
    """Search a list by keyboard, and take what fits best."""
    page.locator(f"{card} [role=combobox]").fill(text)
    expect(page.locator(f"{card} [role=option]").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")


@pytest.mark.parametrize("view", views())
def test_a_day_is_asked_for_and_played_and_who_passed_leads_to_the_moment(
    visit: Visit, watch: Watch, view: View
) -> None:
    """By keyboard to a worker's day, which plays, first thinned, then whole; from a place on the map to a moment."""
    size, language, dark = view
    page = visit("auditor", language, size=size, dark=dark)
    page.goto("/tracks")
    _assert_clean(page, size)

    _choose(page, ".replay-card", "li w2")
    page.fill(".replay-card [name=date]", YESTERDAY.isoformat())
    page.fill(".replay-card [name=purpose]", PURPOSE)
    page.keyboard.press("Enter")
    expect(page.locator("#panel h1")).to_have_text("Li alpha")
    expect(page.locator(".why")).to_contain_text(PURPOSE)
    expect(page.locator(".clock")).to_have_text("08:00:00")
    page.click(".play")
    expect(page.locator(".clock")).not_to_have_text("08:00:00")
    _assert_clean(page, size)

    page.goto("/tracks")
    _choose(page, "#search", "S001")
    page.fill("[name=lon]", str(HERE.lon))
    page.fill("[name=lat]", str(HERE.lat))
    page.fill("[name=from]", f"{YESTERDAY}T08:30")
    page.fill("[name=until]", f"{YESTERDAY}T09:30")
    page.fill("#search [name=purpose]", PURPOSE)
    page.click("#search .primary")
    expect(page.locator("#passes tbody tr")).to_have_count(1)
    _assert_clean(page, size)
    page.click("#passes a")

    expect(page.locator("#panel h1")).to_have_text("Li alpha")
    expect(page.locator(".clock")).to_have_text("08:59:47")  # 100 m before the place, at 8 m/s
    assert "#t=" in page.url
    watch.assert_clean()
