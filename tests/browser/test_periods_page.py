"""The pages of weeks in the browser: rules and planned weeks, and one with its calendar, at a desk and on a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import PHONE, View, Watch, both_ends, hard_to_touch, open_window, serious_findings, sign_in
from support.companies import NOW, PASSWORD, plan_weeks
from support.databases import Databases
from support.pages import login_of, pages_of_two
from support.stays import keep_learned
from support.web_server import WebServer, running_server

from geo_engine.ids import SiteId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.service import set_speeds


@pytest.fixture(scope="module")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Give the pages of a company that has planned weeks, three of them with learned times and by the hour."""
    folder = tmp_path_factory.mktemp("periods")
    with pages_of_two(databases, cache_dir=folder / "cache") as (own, pages):
        with own.app.bound(pages.mine.tenant_id) as session:
            keep_learned(session, SiteId("S001"), given_s=900, service_s=2100, factor=1.5, now=NOW)
            set_speeds(session, {"car": (*(100,) * 7, 60, 60, *(100,) * 15)}, by=OPERATOR, now=NOW)
        plan_weeks(own.app, pages.mine.tenant_id, week_count=3)
        with running_server(own, folder) as server:
            yield server


@pytest.mark.parametrize("view", both_ends(), ids=str)
def test_weeks_are_looked_at(browser: Browser, server: WebServer, watch: Watch, view: View) -> None:
    """From the rules to a period's calendar: no wider than the screen, and nothing that axe minds."""
    size, language, dark = view
    watch.origin = server.origin
    with open_window(browser, origin=server.origin, size=size, language=language, dark=dark) as context:
        page = context.new_page()
        watch.on(page)
        who = {"company": "alpha", "login": login_of("administrator"), "password": PASSWORD}
        sign_in(page, server.origin, **who, language=language)

        page.goto("/periods")
        _assert_clean(page, size)
        page.locator(".known a", has_text=re.compile(r"\b3\b")).click()
        expect(page.locator(".days tbody tr")).to_have_count(1)
        expect(page.locator("#learned-title, #speeds-title")).to_have_count(2)
        page.locator("details summary").last.click()
        _assert_clean(page, size)


def _assert_clean(page: Page, size: tuple[int, int]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert serious_findings(page) == []
    assert size != PHONE or hard_to_touch(page) == []
