"""A day under way in the browser: replanned and fitted in, its changes shown, then published; at a desk and by hand."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import PHONE, View, Watch, enter, hard_to_touch, open_window, serious_findings, views
from support.databases import Databases
from support.todays_day import add_orders, add_todays_day
from support.web_server import WebServer, running_server
from support.workers import running_worker

from geo_engine.customers import Site
from geo_engine.db.roles import DatabaseRole
from geo_engine.geometry import Position
from geo_engine.ids import SiteId
from geo_engine.timespan import ClockWindow
from geo_engine.words import Language

URGENT = "急单 urgent"
LATE, FOR_NOBODY = "迟单 overdue", "焊单 weld"
FACTS = {
    Language.EN: re.compile(
        r"^\d+ min more driving · (nobody late|[^:·]+: \d+ min late( · [^:·]+: \d+ min late)?"
        r"|([3-9]|\d\d) visits late, by up to \d+ min)( · (1 rule|([2-9]|\d\d) rules) broken)?$"
    ),
    Language.ZH_CN: re.compile(
        r"^多行驶 \d+ 分钟 · (无人迟到|[^：·]+：迟到 \d+ 分钟( · [^：·]+：迟到 \d+ 分钟)?"
        r"|([3-9]|\d\d) 次拜访迟到，最多 \d+ 分钟)( · 违反 \d+ 项规则)?$"
    ),
}
PROGRESS = re.compile(r"^(best plan so far: \d+ left out · \d+ of 300 s|目前最佳计划：未安排 \d+ 个 · \d+ / 300 秒)$")
PUBLISHED = {Language.EN: re.compile("published$"), Language.ZH_CN: re.compile("已发布$")}


@dataclass(frozen=True, kw_only=True)
class Office:
    """A server over a company for each view, and the date they live on."""

    server: WebServer
    today: date


@pytest.fixture(scope="module")
def office(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give companies in the middle of their day, with somebody at the queue."""
    folder = tmp_path_factory.mktemp("replan")
    with databases.clone() as own, ExitStack() as stack:
        (today,) = {add_todays_day(own.app, f"{kind}{_company(view)}") for view in _views() for kind in ("", "l")}
        for view in _views():
            add_orders(own.app, f"l{_company(view)}", today, _orders())
        addresses = {role: own.url(role) for role in (DatabaseRole.APP, DatabaseRole.OWNER)}
        stack.enter_context(running_worker(addresses, folder / "worker.log", cache_dir=folder / "cache"))
        yield Office(server=stack.enter_context(running_server(own, folder)), today=today)


def _views() -> list[View]:
    """Return a desk in English and a phone in Chinese, both light: the same colours are looked at dark elsewhere."""
    desk, _, phone, *_ = views()
    return [desk, phone]


def _orders() -> list[Site]:
    """Return an order whose window has passed when anybody leaves, and one for a skill that nobody has."""
    window, at = ClockWindow(earliest_s=8 * 3600, latest_s=8 * 3600 + 60), Position(116.392, 39.905)
    return [
        Site(id=SiteId("U2"), name=LATE, position=at, windows=(window,), service_s=600),
        Site(id=SiteId("U3"), name=FOR_NOBODY, position=at, skills=frozenset({"氩弧焊"}), service_s=600),
    ]


def _company(view: View) -> str:
    return f"c{view[0][0]}"


@pytest.mark.parametrize("view", _views(), ids=str)
def test_an_urgent_visit_is_fitted_in_and_the_rest_replanned(
    office: Office, browser: Browser, watch: Watch, view: View
) -> None:
    """The best place is taken, what that changes is shown first of all, a replan adds to it, and publishing ends it."""
    size, language, dark = view
    watch.origin = office.server.origin
    with open_window(browser, origin=office.server.origin, size=size, language=language, dark=dark) as context:
        page = context.new_page()
        watch.on(page)
        enter(page, office.server, company=_company(view), login="dispatcher", language=language)
        page.goto(f"/dispatch?date={office.today}")
        _show_list(page, size)

        page.locator("#waiting .fits-open").click()
        place = page.locator("#fits li").first
        expect(page.locator("#fits li .fit span:last-child")).to_have_text([FACTS[language]] * 3)
        expect(place).to_contain_text(re.compile("nobody late|无人迟到"))
        _assert_clean(page, size, "#fits")
        worker = place.locator(".name").inner_text().partition(" · ")[0]
        place.locator(".button").click()

        _show_list(page, size)
        added = page.locator("#changes li", has_text=URGENT)
        expect(added).to_contain_text(worker)
        expect(page.locator("#lists > section").first).to_have_id("changes")
        expect(page.locator("#waiting")).to_have_count(0)

        _lock(page, size)
        _replan(page, size)
        _show_list(page, size)
        expect(page.locator("#changes li", has_text=URGENT)).to_have_count(1)
        expect(page.locator("#unassigned .why-not")).to_have_count(2)
        expect(page.locator(".savings tbody td[colspan]")).to_have_count(1)  # of last month nothing is known
        _assert_clean(page, size)

        page.locator(".do .primary").click()
        expect(page.locator(".published")).to_be_visible()
        expect(page.locator("[name=version] option:checked")).to_have_text(PUBLISHED[language])
        expect(page.locator("#changes")).to_have_count(0)
    watch.assert_clean()


@pytest.mark.parametrize("view", _views(), ids=str)
def test_what_is_too_late_or_for_nobody_and_what_is_begun_is_told_by_name_and_reason(
    office: Office, browser: Browser, watch: Watch, view: View
) -> None:
    """What is late is called by its name, what is for nobody says why, and a begun stop only that it stays."""
    size, language, dark = view
    watch.origin = office.server.origin
    with open_window(browser, origin=office.server.origin, size=size, language=language, dark=dark) as context:
        page = context.new_page()
        watch.on(page)
        enter(page, office.server, company=f"l{_company(view)}", login="dispatcher", language=language)
        page.goto(f"/dispatch?date={office.today}")
        _show_list(page, size)

        page.locator("#waiting li", has_text=LATE).locator(".fits-open").click()
        expect(page.locator("#fits li .bad").first).to_contain_text(LATE)
        _assert_clean(page, size, "#fits")
        page.locator("#fits [data-close]").click()
        page.locator("#waiting li", has_text=FOR_NOBODY).locator(".fits-open").click()
        expect(page.locator("#fits li")).to_contain_text("氩弧焊")
        _assert_clean(page, size, "#fits")
        page.locator("#fits [data-close]").click()

        page.locator("#routes .route-open").first.click()
        page.locator("#routes .route").first.locator(".stop-row").first.click()
        expect(page.locator(".leaflet-popup .stays")).to_be_visible()
        expect(page.locator(".leaflet-popup .buttons button")).to_have_count(0)
        _assert_clean(page, size)
    watch.assert_clean()


def _lock(page: Page, size: tuple[int, int]) -> None:
    """Lock who makes the last visit of the first route."""
    page.locator("#routes .route-open").first.click()
    page.locator("#routes .route").first.locator(".stop-row").last.click()
    page.locator(".leaflet-popup [aria-pressed]").click()
    page.locator("#lock [value=worker]").check()
    _assert_clean(page, size, "#lock")
    with page.expect_navigation():
        page.locator("#lock .primary").click()


def _replan(page: Page, size: tuple[int, int]) -> None:
    """Replan all that is left until there is a plan, and wait for the version it makes."""
    page.locator("[data-open=replan]").click()
    _assert_clean(page, size, "#replan")
    page.locator("#replan [name=reach]").select_option("whole_day")
    page.locator("#replan [name=time_limit_s]").select_option("300")
    page.locator("#replan .primary").click()
    expect(page.locator("#progress [role=status]")).to_have_text(PROGRESS, timeout=60_000)  # a first plan is there
    page.locator("form[action$='/stop'] button").click()
    expect(page.locator("[name=version] option")).to_have_count(3)


def _show_list(page: Page, size: tuple[int, int]) -> None:
    page.wait_for_selector("#live", state="attached")
    if size == PHONE:
        page.locator(".sheet-toggle").click(position={"x": 180, "y": 10})


def _assert_clean(page: Page, size: tuple[int, int], dialog: str | None = None) -> None:
    """Nothing is wider than the screen or its box, nothing that axe minds or a finger would miss."""
    boxes = "#panel-body" if dialog is None else f"#panel-body, {dialog}"
    wider = "boxes => boxes.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.id)"
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.locator(boxes).evaluate_all(wider) == []
    assert serious_findings(page) == []
    assert size != PHONE or hard_to_touch(page) == []
