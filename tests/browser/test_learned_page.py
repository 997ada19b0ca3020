"""The dispatcher's page in the browser says which times were learned, from how many visits, and what was given."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.browser import View, Watch, both_ends, enter, open_window, serious_findings
from support.companies import NOW, SERVICE_ON, plan_company
from support.databases import Databases
from support.pages import login_of, pages_of_two
from support.stays import keep_stays
from support.web_server import WebServer, running_server

from geo_engine.ids import SiteId, WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.visits.learned import learn_times
from geo_engine.words import Language


@pytest.fixture(scope="module")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Give the pages of a company whose newest plan was made with what nine visits to S001 tell."""
    with pages_of_two(databases, cache_dir=Path("/nonexistent")) as (own, pages):
        company = pages.mine
        with own.app.bound(company.tenant_id) as session:
            last = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
            keep_stays(session, WorkerId("W1"), SiteId("S001"), took_s=[2_040.0] * 9, last=last)
            learn_times(session, by=OPERATOR, now=NOW)
        plan_company(own.app, company.tenant_id)
        with running_server(own, tmp_path_factory.mktemp("pages")) as made:
            yield made


@pytest.mark.parametrize("view", both_ends())
def test_a_learned_stop_says_so(browser: Browser, server: WebServer, watch: Watch, view: View) -> None:
    """In both languages: the stop its minutes, visits and given time, the plan the sum; the choice is learned."""
    size, language, dark = view
    context = open_window(browser, size=size, language=language, dark=dark)
    page = context.new_page()
    watch.origin = server.origin
    watch.on(page)
    enter(page, server, company="alpha", login=login_of("dispatcher"), language=language)

    page.goto(f"{server.origin}/dispatch?date={SERVICE_ON}")

    is_english = language is Language.EN
    stop = "32 min learned from 9 visits, given 15 min" if is_english else "据 9 次拜访学得 32 分钟，设定 15 分钟"
    plan = "Planned with learned times" if is_english else "按学得的时长排程"
    expect(page.locator(".learned", has_text=stop)).to_have_count(1)
    expect(page.locator(".banner.learned")).to_contain_text(plan)
    expect(page.locator("[name=times]")).to_have_value("learned")
    assert serious_findings(page) == []
    context.close()
