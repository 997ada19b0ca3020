"""The field worker's page on phones and at a desk: read, acknowledged, printed; nothing too small, nothing foreign."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import PHONE, SMALL, View, Watch, enter, open_window, serious_findings, views
from support.companies import NOW, SCOPE, SERVICE_ON, add_company
from support.databases import Databases
from support.field_days import day_of, describe_site, publish_moves, read_news, stop_names, withdraw
from support.pages import Pages, add_people, login_of, pages_of_two
from support.web_server import WebServer, running_server

from geo_engine.planning.changes.readings import list_readers
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language

DAY = f"/field?date={SERVICE_ON}"
NOTES = "Ring twice.\n<script>alert(1)</script>\n后门密码 0000，请走货运电梯；" + "Aufzug" * 12
TOO_SMALL = """(least) => [...document.querySelectorAll("main a, main button, main summary")]
    .filter((one) => one.checkVisibility() && !one.closest("p, .change-what"))
    .map((one) => [one.innerText.trim(), one.getBoundingClientRect()])
    .filter(([, box]) => box.height < least || box.width < least).map(([text]) => text)"""


class Phone:
    """The worker, before a screen."""

    def __init__(self, page: Page, server: WebServer, pages: Pages) -> None:
        self.page = page
        self.pages = pages
        self._server = server

    def open_day(self, language: Language = Language.EN) -> None:
        """Sign in and open the day."""
        enter(self.page, self._server, company=self.pages.mine.code, login=login_of("worker"), language=language)
        self.look()

    def look(self, path: str = DAY) -> None:
        """Open a page of the same person."""
        self.page.goto(self._server.origin + path)

    def names(self) -> list[str]:
        """Return the names of the stops, in order."""
        return self.page.locator(".stop h2").all_inner_texts()


@pytest.fixture(scope="module")
def changed(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebServer, Pages]]:
    """Give pages on which the worker's day has changed since it was read, for tests that leave them so."""
    folder = tmp_path_factory.mktemp("field")
    with pages_of_two(databases, cache_dir=folder / "cache") as (own, pages):
        stops = day_of(pages.mine, "W2").ordered_visits
        moves = [(stops[1].visit.job_id, "W1", None), (stops[-1].visit.job_id, "W2", 1)]
        read_news(pages.mine, "W2")
        publish_moves(pages.mine, moves, now=NOW + timedelta(hours=1))
        phone = "王经理 +86 139 0000 1111; 010-8888 6666 转 801"
        describe_site(pages.mine, stops[0].site.id, phone=phone, notes=NOTES)
        describe_site(pages.mine, stops[-1].site.id, name="Very <b>long</b> name " * 6, phone="13900001111")
        with running_server(own, folder) as server:
            yield server, pages


@pytest.fixture
def own_phone(
    changed: tuple[WebServer, Pages], browser: Browser, watch: Watch, request: pytest.FixtureRequest
) -> Iterator[Phone]:
    """Give the worker of a company of the test's own a phone."""
    server, pages = changed
    database = pages.mine.database
    company = add_company(database, request.node.name)
    add_people(database, company.tenant_id)
    with ExitStack() as stack:
        yield _phone(browser, server, replace(pages, mine=company), watch, stack)


def _phone(
    browser: Browser,
    server: WebServer,
    pages: Pages,
    watch: Watch,
    stack: ExitStack,
    *,
    size: tuple[int, int] = PHONE,
    dark: bool = False,
) -> Phone:
    context = open_window(browser, size=size, dark=dark)
    stack.callback(context.close)
    page = context.new_page()
    watch.origin = server.origin
    watch.on(page)
    return Phone(page, server, pages)


@pytest.mark.parametrize("view", views(SMALL))
def test_the_day_reads_well_on_every_screen(
    changed: tuple[WebServer, Pages],
    browser: Browser,
    watch: Watch,
    view: View,
) -> None:
    """Nothing is wider than the screen or too small to touch; axe is content; no other host is asked; no script ran."""
    size, language, dark = view
    with ExitStack() as stack:
        phone = _phone(browser, *changed, watch, stack, size=size, dark=dark)
        phone.open_day(language)

        for details in phone.page.locator(".navigate summary").all():
            details.click()

        assert phone.page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert phone.page.evaluate(TOO_SMALL, 44) == []
        assert serious_findings(phone.page) == []
        expect(phone.page.locator(".notes")).to_have_text(NOTES)
        expect(phone.page.locator(".changes .badge").first).to_be_visible()
        watch.assert_clean()


def test_the_order_is_the_one_published(changed: tuple[WebServer, Pages], browser: Browser, watch: Watch) -> None:
    """The cards stand in the order of the newest version, and a change in the list of changes leads to its card."""
    with ExitStack() as stack:
        phone = _phone(browser, *changed, watch, stack)
        phone.open_day()

        phone.page.locator(".changes .reordered a").click()

        assert phone.names() == [name.strip() for name in stop_names(phone.pages.mine, "W2")]
        expect(phone.page.locator("#stop-1")).to_be_in_viewport()
        watch.assert_clean()


def test_a_list_is_read_as_soon_as_it_is_seen(own_phone: Phone, watch: Watch) -> None:
    """A page that lies behind another tells nothing; once it is before one's eyes it tells that it was opened."""
    own_phone.page.add_init_script("Object.defineProperty(document, 'visibilityState', { get: () => window.eyes })")
    own_phone.open_day()
    assert _unread(own_phone) == {"W2"}

    with own_phone.page.expect_response("**/field/acknowledge"):
        own_phone.page.evaluate("eyes = 'visible'; document.dispatchEvent(new Event('visibilitychange'))")

    assert _unread(own_phone) == set()
    own_phone.look()
    expect(own_phone.page.locator(".told")).to_have_text("Your dispatcher sees that you have read this list.")
    watch.assert_clean()


def _unread(phone: Phone) -> set[str]:
    company = phone.pages.mine
    with company.database.bound(company.tenant_id) as session:
        return {one.worker_id for one in list_readers(session, SCOPE, by=OPERATOR) if not one.has_read}


def test_a_change_is_read_and_acknowledged(own_phone: Phone, watch: Watch) -> None:
    """After a second publication the phone shows what changed; one touch, and it is read; a withdrawal is told too."""
    with own_phone.page.expect_response("**/field/acknowledge"):
        own_phone.open_day()
    expect(own_phone.page.locator(".changes")).to_have_count(0)
    first = day_of(own_phone.pages.mine, "W2").ordered_visits[0]

    publish_moves(own_phone.pages.mine, [(first.visit.job_id, "W1", None)])
    own_phone.look()
    expect(own_phone.page.locator(".changes .removed")).to_contain_text(first.site.name)
    own_phone.page.get_by_role("button", name="Got it").click()
    expect(own_phone.page.locator(".changes")).to_have_count(0)
    assert own_phone.names() == stop_names(own_phone.pages.mine, "W2")

    withdraw(own_phone.pages.mine)
    own_phone.look()
    expect(own_phone.page.get_by_role("heading", name="The plan was withdrawn")).to_be_visible()
    own_phone.page.get_by_role("button", name="Got it").click()
    expect(own_phone.page.locator(".empty-title")).to_have_text("No route is published for this day")
    watch.assert_clean()


def test_on_paper_the_stops_are_a_list(changed: tuple[WebServer, Pages], browser: Browser, watch: Watch) -> None:
    """Printed in dark mode: black on white, numbers to call in words, and nothing to touch."""
    with ExitStack() as stack:
        phone = _phone(browser, *changed, watch, stack, dark=True)
        phone.open_day()

        phone.page.emulate_media(media="print", color_scheme="dark")

        expect(phone.page.locator(".call").first).to_be_visible()
        for hidden in (".bar", ".navigate", ".changes form", ".day-head a"):
            expect(phone.page.locator(hidden).first).to_be_hidden()
        assert phone.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert phone.page.evaluate("getComputedStyle(document.querySelector('.stop h2')).color") == "rgb(0, 0, 0)"
