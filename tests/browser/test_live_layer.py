"""Where people are, on the dispatcher's day: on the map and in the list, as old as it is, moving, and unserved."""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import View, Watch, both_ends, enter, open_window, serious_findings
from support.companies import PASSWORD, add_bare_company, plan_company
from support.databases import Databases, OwnDatabase
from support.tracked import Tracked, fix_at, give_device
from support.web_server import WebServer, running_server

from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.geometry import Position
from geo_engine.ids import RoleId, SiteId, TenantId, WorkerId
from geo_engine.planning.versions.model import PlanScope
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy import service as tenancy
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.model import NewMember, TrackingGate, TrackingRule
from geo_engine.tenancy.sign_in import set_password
from geo_engine.tracks.ingest import Ingest
from geo_engine.words import Language
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

ZONE = ZoneInfo("Asia/Shanghai")
HERE = Position(116.397, 39.908)
FILE = RowSource(file="f")
DRIVER, WALKER = WorkerId("W1"), WorkerId("W2")
ASKED = re.compile(r"/live($|\?)")
WORDS = {
    Language.EN: (
        "On shift",
        re.compile("[89] min ago"),
        "Battery 12 %",
        "No connection: this is how it was at",
        "km/h",
    ),
    Language.ZH_CN: ("在岗", re.compile("[89] 分钟前"), "电量 12%", "连接中断：显示的是", "公里/时"),
}


@dataclass(frozen=True, kw_only=True)
class Town:
    """A company whose day is planned and whose two workers report, and another that has nobody who does."""

    own: OwnDatabase
    server: WebServer
    devices: dict[WorkerId, Tracked]

    def report(self, worker_id: WorkerId, position: Position, *, ago: timedelta, **figures: float) -> None:
        """Have a worker's device report."""
        at = datetime.now(UTC) - ago
        arrival = self.devices[worker_id].arrival(fix_at(at, position, **figures), received_at=at)
        Ingest(self.own.app).commit([arrival], now=at)


@pytest.fixture(scope="module")
def town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Give the two companies and a server."""
    with databases.clone() as own, ExitStack() as stack:
        tenant_id, lonely = (add_bare_company(own.app, code) for code in ("alpha", "beta"))
        for each in (tenant_id, lonely):
            _add_dispatcher(own, each)
        _add_day(own, tenant_id)
        since = datetime.now(UTC) - timedelta(days=1)
        devices = {one: give_device(own.app, tenant_id, one, worn_from=since) for one in (DRIVER, WALKER)}
        server = stack.enter_context(running_server(own, tmp_path_factory.mktemp("live")))
        yield Town(own=own, server=server, devices=devices)


def _add_dispatcher(own: OwnDatabase, tenant_id: TenantId) -> None:
    now = datetime.now(UTC)
    with own.app.bound(tenant_id) as session:
        new = NewMember(login="dispatcher", name="D", role_id=RoleId("dispatcher"))
        member = tenancy.add_member(session, new, member_id=uuid.uuid4(), by=OPERATOR, now=now)
        set_password(session, member.id, PASSWORD, by=OPERATOR, now=now)


def _add_day(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Plan today for one of two workers, both of whom are tracked at all times."""
    now = datetime.now(UTC)
    people = [Worker(id=DRIVER, name="王小芳", start=HERE), Worker(id=WALKER, name="<b>Ann</b> Lee", start=HERE)]
    site = Site(id=SiteId("S1"), name="S1", position=Position(116.42, 39.92), worker_ids=frozenset({DRIVER}))
    with own.app.bound(tenant_id) as session:
        tenancy.set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=now)
        import_workers(session, people, source=FILE, by=OPERATOR, now=now)
        import_sites(session, [site], source=FILE, due_on=_today(), by=OPERATOR, now=now)
    plan_company(own.app, tenant_id, PlanScope(service_on=_today()))


def _today() -> date:
    return datetime.now(ZONE).date()


def _open(page: Page, town: Town, language: Language, *, company: str = "alpha") -> None:
    enter(page, town.server, company=company, login="dispatcher", language=language)
    page.goto(f"{town.server.origin}/dispatch?date={_today()}")
    page.wait_for_selector("#live", state="attached")


def _ask_now(page: Page) -> None:
    """Have the page ask at once, as it does when its connection is back."""
    page.evaluate("dispatchEvent(new Event('online'))")


@pytest.mark.parametrize("view", both_ends())
def test_people_are_on_the_map_and_in_the_list(town: Town, browser: Browser, watch: Watch, view: View) -> None:
    """Each with age, shift, battery and accuracy; who moves is followed, and who is chosen tells all there is."""
    size, language, dark = view
    on_shift, age, low, away, per_hour = WORDS[language]
    watch.origin = town.server.origin
    town.report(DRIVER, HERE, ago=timedelta(0), speed_mps=9.0, heading_deg=90.0)
    town.report(WALKER, Position(116.41, 39.915), ago=timedelta(minutes=8), accuracy_m=150.0)
    with open_window(browser, size=size, language=language, dark=dark) as context:
        page = context.new_page()
        watch.on(page)
        _open(page, town, language)
        people, rows = page.locator(".people-pane .person"), page.locator("#live .stop-row")
        expect(people).to_have_count(2)
        expect(people.and_(page.locator(".moving"))).to_have_text("小芳王小芳")
        expect(people.and_(page.locator(".late"))).to_have_text("<L<b>Ann</b> Lee")
        expect(page.locator(".accuracy")).to_have_count(1)

        if page.locator(".sheet-toggle").is_visible():
            page.click(".sheet-toggle")
        expect(rows.filter(has_text="Ann")).to_contain_text(on_shift)
        expect(rows.filter(has_text="Ann")).to_contain_text(age)
        rows.filter(has_text="王小芳").click()
        expect(page.locator(".person-card")).to_contain_text(per_hour)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert serious_findings(page) == []

        before = page.locator(".people-pane .moving").bounding_box()
        town.report(DRIVER, Position(116.398, 39.908), ago=timedelta(0), speed_mps=9.0, battery_percent=12.0)
        _ask_now(page)
        expect(rows.filter(has_text="王小芳").locator(".low")).to_have_text(low)
        expect(people.and_(page.locator(".fresh.low"))).to_have_count(1)
        after = page.locator(".people-pane .fresh.low").bounding_box()
        assert before is not None
        assert after is not None
        assert after["x"] > before["x"]

        watch.assert_clean()
        page.route(ASKED, lambda route: route.abort())
        _ask_now(page)
        expect(page.locator("#live .notice")).to_contain_text(away)
        page.unroute(ASKED)
        _ask_now(page)
        expect(page.locator("#live .notice")).to_be_empty()
    watch.complaints.clear()  # what Chromium notes of a server that does not answer
    watch.assert_clean()


FOLLOWED = """async () => {
  const { follow } = await import("/assets/now/web/live_feed.js");
  const begun = Date.now();
  Object.assign(window, { asked: [], code: 200, isHidden: false });
  Object.defineProperty(document, "hidden", { get: () => isHidden });
  window.fetch = async (url) => {
    asked.push([Math.round((Date.now() - begun) / 1000), url.searchParams.get("since") ?? "all"]);
    if (code === 0) throw new TypeError("nobody answers");
    return { status: code, json: async () => ({ cursor: "c", positions: [], title: "refused" }) };
  };
  const away = (isAway) => Object.assign(window, { isAway });
  follow("/live", { took() {}, away, refused: (told) => asked.push(told) });
}"""


def test_it_is_asked_as_often_as_somebody_looks_and_is_answered(town: Town, browser: Browser) -> None:
    """Who moved every five seconds, all each minute; ever rarer while nobody answers, and never on a hidden page."""
    with open_window(browser) as context:
        page = context.new_page()
        page.clock.install()
        page.goto(f"{town.server.origin}/sign-in")
        page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
        page.evaluate(FOLLOWED)

        def asked_within(seconds: int, **state: object) -> list[list[object]]:
            page.evaluate("(state) => { asked.length = 0; Object.assign(window, state); }", state)
            for _ in range(seconds // 5):
                page.clock.run_for(5_000)
            return list(page.evaluate("asked"))

        answered = asked_within(60, code=304)
        alone = asked_within(135, code=0)
        is_away = page.evaluate("isAway")
        hidden = asked_within(120, isHidden=True)
        page.evaluate("Object.assign(window, { isHidden: false, code: 200 })")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        again = page.evaluate("asked")
        refused = asked_within(120, code=403)

    assert answered == [*([seconds, "c"] for seconds in range(5, 60, 5)), [60, "all"]]
    assert (is_away, [seconds for seconds, _ in alone]) == (True, [65, 75, 95, 135, 195])
    assert hidden == []
    assert again == [[315, "all"]]
    assert refused == [[320, "c"], [325, "all"], "refused"]


def test_where_nobody_reports_the_page_says_how_to_begin(town: Town, browser: Browser, watch: Watch) -> None:
    """With the command for this very company and address."""
    watch.origin = town.server.origin
    with open_window(browser) as context:
        page = context.new_page()
        watch.on(page)
        _open(page, town, Language.EN, company="beta")

        expect(page.locator("#live .empty")).to_contain_text("Nobody has reported a position in the last 12 hours.")
        expect(page.locator("#live code")).to_contain_text("geo-engine devices add beta --worker W1")
        expect(page.locator("#live code")).to_contain_text(town.server.origin)
        assert serious_findings(page) == []
    watch.assert_clean()


def test_a_crowd_is_told_by_its_number(town: Town, browser: Browser, watch: Watch) -> None:
    """Of thousands each place has one mark, with how many are there; who is chosen in the list stands alone."""
    now = datetime.now(UTC).isoformat()
    figures = dict.fromkeys(("accuracy_m", "speed_mps", "heading_deg", "battery_percent"))
    crowd = [
        {"device": str(n), "worker": str(n), "name": f"N{n}", "tracked_at": now, "received_at": now, "on_shift": True}
        | {"lon": 116.405 + n % 50 / 25_000, "lat": 39.91 + n // 50 / 25_000}
        | figures
        for n in range(2_000)
    ]
    told = json.dumps({"cursor": "1-1-1", "now": now, "positions": crowd})
    with open_window(browser) as context:
        page = context.new_page()
        page.route(ASKED, lambda route: route.fulfill(content_type="application/json", body=told))
        _open(page, town, Language.EN)
        page.wait_for_selector(".crowd")

        counts = page.locator(".crowd").all_inner_texts()
        singles = page.locator(".people-pane .person").count()
        page.locator("#live .stop-row").first.click()

        assert sum(int(count.replace(",", "")) for count in counts) + singles == len(crowd)
        expect(page.locator(".person-card")).to_contain_text("N0")
        expect(page.locator("#live .more")).to_have_text(f"Show more ({len(crowd) - 6:,})")
