"""The whole way in the browser: sites imported, planned, stopped early, moved, published, read on a phone, changed.

`GEO_ENGINE_WALK=http://127.0.0.1:8080/,out/monaco/sign-in.json` walks through a company that is served already, such
as that of `scripts/demo`, tomorrow.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import PHONE, Watch, languages, open_window, sign_in
from support.databases import Databases
from support.program import MONACO, Cells, run_program, write_csv
from support.web_server import running_server, served_environment
from support.workers import running_worker

from geo_engine.db.roles import DatabaseRole
from geo_engine.words import Language

TOMORROW = date.today() + timedelta(days=1)  # noqa: DTZ011 - as scripts/demo has it
GOOD_ROWS, BAD_ROWS = 30, 3
TOLD = {
    Language.EN: ("The id is missing.", "look swapped", "is not a clock time"),
    Language.ZH_CN: ("缺少编号", "似乎填反了", "08:30"),
}


@dataclass(frozen=True, kw_only=True)
class Office:
    """A company that is served, and how its people sign in."""

    origin: str
    company: str
    passwords: dict[str, str]

    def sign_in(self, page: Page, login: str, language: Language) -> None:
        """Sign somebody in."""
        who = {"company": self.company, "login": login, "password": self.passwords[login]}
        sign_in(page, self.origin, **who, language=language)

    def open(self, page: Page, path: str) -> None:
        """Open a page of tomorrow."""
        page.goto(f"{self.origin}{path}?date={TOMORROW}")


@pytest.fixture(scope="module")
def office(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give a company among real places on real roads, whose day is planned and published."""
    served = os.environ.get("GEO_ENGINE_WALK")
    if served is not None:
        address, _, kept = served.partition(",")
        yield _office(address.rstrip("/"), Path(kept))
        return
    folder = tmp_path_factory.mktemp("walk")
    with databases.clone() as own, ExitStack() as stack:
        environment = served_environment(own, folder)
        addresses = {role: own.url(role) for role in (DatabaseRole.APP, DatabaseRole.OWNER)}
        stack.enter_context(running_worker(addresses, folder / "worker.log", cache_dir=folder / "cache"))
        for words in (
            ("sample", MONACO, "--out", folder, "--sites", 60, "--workers", 4),
            ("tenant", "add", "acme", "--roads", MONACO),
            ("tenant", "import", "acme", "--sites", "sites.csv", "--workers", "workers.csv", "--due", TOMORROW),
            ("day", "plan", "acme", "--date", TOMORROW, "--solution-limit", 20, "--publish"),
            ("tenant", "people", "acme", "--date", TOMORROW, "--keep", "sign-in.json"),
        ):
            run = run_program(*words, folder=folder, environment=environment)
            assert run.code == 0, run.err
        server = stack.enter_context(running_server(own, folder))
        yield _office(server.origin, folder / "sign-in.json")


def _office(origin: str, kept: Path) -> Office:
    people = json.loads(kept.read_text(encoding="utf-8"))
    passwords = {one["login"]: one["password"] for one in people["people"]}
    return Office(origin=origin, company=people["company"], passwords=passwords)


@pytest.mark.parametrize("language", languages())
def test_the_whole_way(office: Office, browser: Browser, watch: Watch, tmp_path: Path, language: Language) -> None:
    """Bad rows are named; the worker sees the dispatcher's order, and what a second publication changed of it."""
    watch.origin = office.origin
    with ExitStack() as stack:
        dispatcher, worker = (_page(browser, watch, stack, size, language) for size in ((1440, 900), PHONE))
        office.sign_in(dispatcher, "dispatcher", language)
        office.sign_in(worker, "worker", language)

        _import_rows(office, dispatcher, write_csv(tmp_path / "more.csv", _rows(language)), language)
        _plan_and_stop(dispatcher)
        office.open(worker, "/field")
        name = worker.locator(".day-sum span").first.inner_text()
        _move(dispatcher, _stop_of_another(dispatcher, name), to=name)
        _publish(dispatcher)
        office.open(worker, "/field")
        first = _order(dispatcher, name)
        assert _stops(worker) == first
        _acknowledge(worker)

        gone = first[len(first) // 2]
        _move(dispatcher, (name, gone), to=_another(dispatcher, name))
        _publish(dispatcher)
        office.open(worker, "/field")
        second = _order(dispatcher, name)
        assert _stops(worker) == second
        assert second == [stop for stop in first if stop != gone]
        expect(worker.locator(".changes .removed s").last).to_have_text(gone)
        _acknowledge(worker)
        office.open(dispatcher, "/dispatch")
        expect(dispatcher.locator(".route:has(.read) .route-title .name")).to_have_text([name])
        watch.assert_clean()


def _page(browser: Browser, watch: Watch, stack: ExitStack, size: tuple[int, int], language: Language) -> Page:
    context = open_window(browser, size=size, language=language)
    stack.callback(context.close)
    page = context.new_page()
    watch.on(page)
    return page


def _rows(language: Language) -> list[Cells]:
    """Return thirty good rows and three bad ones."""
    good = [
        {
            "id": f"{language}-{n:02d}",
            "name": f"网点 {language} {n}",
            "lon": 7.412 + n / 2_500,
            "lat": 43.731 + n / 3_000,
        }
        for n in range(GOOD_ROWS)
    ]
    bad = [
        {"id": "", "name": "no id", "lon": 7.42, "lat": 43.74},
        {"id": f"{language}-swapped", "lon": 43.74, "lat": 7.42},
        {"id": f"{language}-late", "lon": 7.42, "lat": 43.74, "windows": "9-25:99"},
    ]
    assert len(bad) == BAD_ROWS
    return good + bad


def _import_rows(office: Office, page: Page, file: Path, language: Language) -> None:
    page.goto(f"{office.origin}/imports")
    page.set_input_files("[name=file]", file)
    page.fill("[name=due]", TOMORROW.isoformat())
    page.click("#import .primary")
    page.wait_for_selector("#preview")
    told = page.locator(".problems tbody tr").all_inner_texts()
    assert [any(words in line for line in told) for words in TOLD[language]] == [True] * BAD_ROWS, told
    assert [line.split()[0] for line in told] == [str(line) for line in range(GOOD_ROWS + 2, GOOD_ROWS + 5)]
    page.click("form[action$='/confirm'] button")
    expect(page.locator(".written .done")).to_contain_text(str(GOOD_ROWS))
    page.click(".written .primary")
    page.wait_for_selector("#panel h1")
    assert page.locator("#waiting .stop-row").filter(has_text=f"网点 {language} ").count() == GOOD_ROWS


def _plan_and_stop(page: Page) -> None:
    before = int(page.locator("[name=version]").input_value())
    page.select_option("[name=time_limit_s]", "300")
    page.click("form[action$='/plan'] button")
    expect(page.locator("#progress [role=status]")).to_contain_text("300")  # of 300 s: a first plan is there
    page.click("form[action$='/stop'] button")
    expect(page.locator("[name=version]")).to_have_value(str(before + 1))
    expect(page.locator("#waiting")).to_have_count(0)


def _routes(page: Page) -> dict[str, list[str]]:
    """Return the stops of every worker, in order, as the dispatcher's page has them."""
    data = json.loads(page.locator("#plan-data").inner_text())
    return {route["name"]: [visit["name"] for visit in route["visits"]] for route in data["routes"]}


def _order(page: Page, name: str) -> list[str]:
    return _routes(page)[name]


def _another(page: Page, name: str) -> str:
    return next(one for one in _routes(page) if one != name)


def _stop_of_another(page: Page, name: str) -> tuple[str, str]:
    other = _another(page, name)
    return other, _order(page, other)[0]


def _stops(page: Page) -> list[str]:
    return page.locator(".stop h2").all_inner_texts()


def _move(page: Page, stop: tuple[str, str], *, to: str) -> None:
    """Move a stop of a worker to another one, by the form."""
    owner, name = stop
    before = int(page.locator("[name=version]").input_value())
    route = page.locator(".route").filter(has_text=owner)
    route.locator(".route-open").click()
    route.locator("button.stop-row").filter(has=page.get_by_text(name, exact=True)).first.click()
    page.click(".leaflet-popup .buttons button")
    page.select_option("#move [name=worker_id]", label=to)
    page.click("#move .primary")
    expect(page.locator("[name=version]")).to_have_value(str(before + 1))
    assert name in _order(page, to)


def _acknowledge(page: Page) -> None:
    page.locator(".changes form button").click()
    expect(page.locator(".changes")).to_have_count(0)


def _publish(page: Page) -> None:
    page.click("form[action$='/publish'] button")
    page.wait_for_selector(".published")
