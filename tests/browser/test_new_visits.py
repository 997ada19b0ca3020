"""What came after the plan is told beside it: that plan is not said to place every visit."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect
from support.browser import DESKTOP, Watch, enter, open_window
from support.companies import SERVICE_ON, add_bare_company, plan_company
from support.databases import Databases
from support.todays_day import add_dispatcher
from support.web_server import WebServer, running_server

from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.db.session import Database
from geo_engine.geometry import Position
from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.versions.model import PlanScope
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.timespan import ClockWindow
from geo_engine.words import Language
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

_FILE = RowSource(file="new")
_HERE = Position(116.38, 39.90)
SAID = {
    "none": {Language.EN: "Every visit has its place.", Language.ZH_CN: "所有拜访均已安排。"},
    "new": {
        Language.EN: "Every visit of this plan has its place. Not planned yet: 2",
        Language.ZH_CN: "此计划中的拜访均已安排。待安排：2",
    },
}


@pytest.fixture(scope="module")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Give the pages of two companies whose plans place all of their visits; to one more have come since."""
    with databases.clone() as own:
        for code in SAID:
            _add_planned(own.app, code, new_count=2 if code == "new" else 0)
        with running_server(own, tmp_path_factory.mktemp("new")) as made:
            yield made


def _add_planned(database: Database, code: str, *, new_count: int) -> None:
    tenant_id, now = add_bare_company(database, code), datetime.now(UTC)
    shift = ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600)
    ann = Worker(id=WorkerId("W1"), name="Ann", start=_HERE, end=_HERE, shift=shift)
    with database.bound(tenant_id) as session:
        add_dispatcher(session, now)
        import_workers(session, [ann], source=_FILE, by=OPERATOR, now=now)
        import_sites(session, _sites("S", 3), source=_FILE, due_on=SERVICE_ON, by=OPERATOR, now=now)
    plan_company(database, tenant_id, PlanScope(service_on=SERVICE_ON))
    with database.bound(tenant_id) as session:
        import_sites(session, _sites("N", new_count), source=_FILE, due_on=SERVICE_ON, by=OPERATOR, now=now)


def _sites(letter: str, count: int) -> list[Site]:
    return [Site(id=SiteId(f"{letter}{number}"), name=letter, position=_HERE) for number in range(count)]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("code", SAID)
def test_every_visit_has_its_place_only_where_none_waits(
    server: WebServer, browser: Browser, watch: Watch, code: str, language: Language
) -> None:
    """The list of what is unassigned counts the visits that came after the plan, and else says that none is left."""
    watch.origin = server.origin
    with open_window(browser, origin=server.origin, size=DESKTOP, language=language, dark=False) as context:
        page = context.new_page()
        watch.on(page)
        enter(page, server, company=code, login="dispatcher", language=language)
        page.goto(f"/dispatch?date={SERVICE_ON}")

        expect(page.locator("#waiting li")).to_have_count(2 if code == "new" else 0)
        expect(page.locator("#unassigned p")).to_have_text(SAID[code][language])
    watch.assert_clean()
