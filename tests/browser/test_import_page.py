"""An import in the browser: a file is sent, an address is placed by a click, and the rows are written."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import DESKTOP, View, Watch, enter, open_window, serious_findings, views
from support.companies import NOW, SERVICE_ON
from support.databases import Databases
from support.day_plans import HOSTILE_NAMES
from support.monaco_day import EXTRACT
from support.pages import login_of, pages_of_two
from support.program import write_csv
from support.web_server import WebServer, running_server

from geo_engine.roads.opening import choose_roads
from geo_engine.roads.service import use_roads
from geo_engine.settings import read_settings
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language

READY, TO_CORRECT, TO_PLACE = 0, 1, 2
ROWS = [
    *({"id": f"M{n:02d}", "name": f"网点 {n}", "lon": 7.415 + n / 4_000, "lat": 43.733 + n / 5_000} for n in range(20)),
    {"id": "H1", "name": HOSTILE_NAMES[1], "lon": 7.42, "lat": 43.74},
    {"id": "D1", "name": "<b>doubtful</b>", "address": "Avenue Princesse Grace"},
    {"id": "D2", "name": "unknown", "address": "zzzz qqqq 99"},
    {"id": "", "name": "no id", "lon": 7.42, "lat": 43.74},
    {"id": "B2", "name": "swapped", "lon": 43.74, "lat": 7.42},
]

SEND_TOO_MUCH = """async () => {
    const form = new FormData(document.getElementById("import"));
    form.set("file", new File([new Uint8Array(21000000)], "large.csv"));
    const answer = await fetch("/imports", { method: "POST", body: form, headers: { Accept: "application/json" } });
    return [answer.status, (await answer.json()).title];
}"""

type Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Give the pages of a company that plans on the bundled extract's roads."""
    cache_dir = read_settings().cache_dir
    with pages_of_two(databases, cache_dir=cache_dir) as (own, pages), ExitStack() as stack:
        choice = choose_roads(str(EXTRACT), cache_dir=cache_dir)
        with own.app.bound(pages.mine.tenant_id) as session:
            use_roads(session, choice, by=OPERATOR, now=NOW + timedelta(seconds=1))
        server = running_server(own, tmp_path_factory.mktemp("imports"), cache_dir=cache_dir)
        yield stack.enter_context(server)


@pytest.fixture
def visit(browser: Browser, server: WebServer, watch: Watch) -> Iterator[Visit]:
    """Return a function that opens the page of imports for an administrator, watched."""
    with ExitStack() as opened:

        def visit(language: Language = Language.EN, *, size: tuple[int, int] = DESKTOP, dark: bool = False) -> Page:
            context = open_window(browser, size=size, language=language, dark=dark)
            opened.callback(context.close)
            page = context.new_page()
            watch.origin = server.origin
            watch.on(page)
            enter(page, server, company="alpha", login=login_of("administrator"), language=language)
            page.goto(f"{server.origin}/imports")
            return page

        yield visit


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with good rows, bad ones, and addresses that are not sure."""
    return write_csv(tmp_path / "sites.csv", ROWS)


def _send(page: Page, file: Path) -> None:
    page.set_input_files("[name=file]", file)
    page.click("#import .primary")
    page.wait_for_selector("#preview")
    page.wait_for_selector(".folium-map .map-tools")


def _count(page: Page, which: int) -> int:
    return int(page.locator(".counts strong").nth(which).inner_text())


def _assert_clean(page: Page, size: tuple[int, int]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert serious_findings(page) == []


@pytest.mark.parametrize("view", views())
def test_a_file_is_sent_corrected_and_written(visit: Visit, watch: Watch, file: Path, view: View) -> None:
    """One address is placed by a click, taken back and placed again; what is ready is written; all of it is clean."""
    size, language, dark = view
    page = visit(language, size=size, dark=dark)
    _assert_clean(page, size)
    page.fill("[name=due]", SERVICE_ON.isoformat())
    _send(page, file)
    _assert_clean(page, size)
    assert [_count(page, which) for which in (READY, TO_CORRECT, TO_PLACE)] == [21, 2, 2]

    page.locator("[data-choose]").first.click()
    expect(page.locator("#hint")).to_contain_text("<b>doubtful</b>")
    page.locator(".folium-map").click(position={"x": 150, "y": 220})
    expect(page.locator(".is-placed")).to_have_count(1)
    assert _count(page, READY) == 22
    page.locator(".is-placed form button").click()
    expect(page.locator(".is-placed")).to_have_count(0)
    page.locator(".addresses form button").first.click()  # where the address was found
    expect(page.locator(".is-placed")).to_have_count(1)
    _assert_clean(page, size)
    page.click("form[action$='/confirm'] button")

    expect(page.locator(".written .done")).to_contain_text("22")
    _assert_clean(page, size)
    page.click(".written .primary")
    page.wait_for_selector("#panel h1")
    watch.assert_clean()


def test_a_file_is_dropped_and_one_that_is_no_table_is_told(visit: Visit, watch: Watch, tmp_path: Path) -> None:
    """Dropping is choosing; what cannot be read is told beside the choices, which stay."""
    page = visit()
    page.select_option("[name=crs]", "gcj02")
    transfer = page.evaluate_handle(
        "() => { const one = new DataTransfer(); one.items.add(new File(['a,b\\n1,2\\n'], 'wrong.csv')); return one; }"
    )

    page.dispatch_event(".drop", "drop", {"dataTransfer": transfer})
    expect(page.locator("#file-name")).to_have_text("wrong.csv")
    page.click("#import .primary")

    expect(page.locator("#refusal")).to_contain_text("wrong.csv needs id")
    expect(page.locator("[name=crs]")).to_have_value("gcj02")
    watch.complaints.clear()  # the refusal itself, as Chromium notes every 422
    watch.assert_clean()


def test_a_file_that_is_too_large_is_not_sent(visit: Visit, watch: Watch, tmp_path: Path) -> None:
    """21 MB are refused before they go anywhere, with the limit; sent all the same, the server says so as well."""
    large = tmp_path / "large.csv"
    large.write_bytes(b"x" * 21_000_000)
    page = visit()

    page.set_input_files("[name=file]", large)

    expect(page.locator("#refusal")).to_contain_text("at most 20 MB")
    assert page.locator("[name=file]").input_value() == ""
    assert page.evaluate(SEND_TOO_MUCH) == [413, "The file is too large: at most 20 MB are taken."]
    watch.complaints.clear()  # that refusal, as Chromium notes every 413
    watch.assert_clean()


def test_the_keyboard_alone_places_an_address_and_discards(visit: Visit, watch: Watch, file: Path) -> None:
    """Rows are chosen, placed in the middle of the map one after the other and the file discarded with no pointer."""
    page = visit()
    _send(page, file)

    page.locator("[data-choose]").last.focus()
    page.keyboard.press("Enter")
    page.locator("[data-centre]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".is-placed")).to_have_count(1)
    expect(page.locator(".addresses li:not(.is-placed) [data-choose]")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("[data-centre]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".is-placed")).to_have_count(2)
    expect(page.locator(".is-placed [data-choose]").first).to_be_focused()
    page.locator("[data-open]").focus()
    page.keyboard.press("Enter")
    page.locator("#discard .primary").focus()
    page.keyboard.press("Enter")

    page.wait_for_selector("#import")
    expect(page.locator(".waiting-list")).to_have_count(0)
    watch.assert_clean()


def test_a_change_in_another_window_is_seen_before_it_is_written(visit: Visit, watch: Watch, file: Path) -> None:
    """A button that says less than would be written writes nothing: the page says why, and shows what it is now."""
    page = visit()
    _send(page, file)
    other = page.context.new_page()
    other.goto(page.url)
    other.locator(".addresses form button").first.click()
    expect(other.locator(".is-placed")).to_have_count(1)

    page.click("form[action$='/confirm'] button")

    expect(page.locator("#toast")).to_contain_text("has changed since you looked at it")
    expect(page.locator(".is-placed")).to_have_count(1)
    page.click("form[action$='/confirm'] button")
    expect(page.locator(".written .done")).to_contain_text("22")
    watch.complaints.clear()  # the refusal itself, as Chromium notes every 409
    watch.assert_clean()


def test_whoever_is_no_longer_signed_in_is_told_and_keeps_the_list(visit: Visit, watch: Watch, file: Path) -> None:
    """A session that ends right after an address was placed leaves the rows where they are, with a sentence."""
    page = visit()
    _send(page, file)
    page.route("**/place", lambda route: route.fulfill(json={"go": page.url}))
    page.context.clear_cookies()

    page.locator(".addresses form button").first.click()

    expect(page.locator("#toast")).to_contain_text("no longer signed in")
    expect(page.locator("#preview [data-choose]")).to_have_count(2)
    watch.complaints.clear()  # the refusal itself, as Chromium notes every 401
    watch.assert_clean()
