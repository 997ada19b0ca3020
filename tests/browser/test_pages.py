"""The pages in the browser: two dispatchers at once, every page in every view, hostile names, a server that dies."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import (
    DESKTOP,
    PHONE,
    SMALL,
    View,
    Watch,
    both_ends,
    enter,
    hard_to_touch,
    open_window,
    serious_findings,
    views,
)
from support.companies import SERVICE_ON
from support.databases import Databases, OwnDatabase
from support.pages import login_of, pages_of_two
from support.web_server import WebServer, running_server
from support.workers import WorkerProcess, running_worker

from geo_engine.db.roles import DatabaseRole
from geo_engine.words import Language

HOSTILE = "<img src=x onerror=alert(1)>"
# What of the bars is narrower than what it says: the pages, and the boxes one chooses from.
CUT = """() => {
    const natural = (box) => {
        const copy = box.cloneNode(true);
        copy.style.cssText = "position: absolute; width: max-content; max-width: none";
        box.parentElement.append(copy);
        const { offsetWidth } = copy;
        copy.remove();
        return offsetWidth;
    };
    const pages = [...document.querySelectorAll(".bar nav")].filter((one) => one.scrollWidth > one.clientWidth);
    const boxes = [...document.querySelectorAll(".day-bar select")].filter((one) => one.offsetWidth < natural(one));
    return [...pages, ...boxes].map((one) => one.outerHTML);
}"""


class Visitor:
    """Somebody before a browser."""

    def __init__(self, page: Page, server: WebServer, language: Language) -> None:
        self.page = page
        self._server = server
        self._language = language

    def open(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self._server.origin + path)

    def enter(self, role: str) -> None:
        """Be signed in, and read in one's language."""
        enter(self.page, self._server, company="alpha", login=login_of(role), language=self._language)

    def sign_in(self, role: str) -> None:
        """Sign in as people do, whoever was here before."""
        self._server.sessions.pop(("alpha", login_of(role)), None)
        self.enter(role)

    def open_day(self) -> None:
        """Open the dispatcher's day."""
        self.open(f"/dispatch?date={SERVICE_ON}")
        self.page.wait_for_selector("#panel h1")

    def version(self) -> str:
        """Return which version is shown."""
        return str(self.page.locator("[name=version]").input_value())


@pytest.fixture(scope="module")
def own_two(databases: Databases) -> Iterator[OwnDatabase]:
    """Give a database of two companies."""
    with pages_of_two(databases, cache_dir=Path("/nonexistent")) as (own, _):
        yield own


@pytest.fixture(scope="module")
def worker(own_two: OwnDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """Give a worker of the queue."""
    addresses = {role: own_two.url(role) for role in (DatabaseRole.APP, DatabaseRole.OWNER)}
    with running_worker(addresses, tmp_path_factory.mktemp("worker") / "worker.log") as made:
        yield made


@pytest.fixture(scope="module")
def server(
    own_two: OwnDatabase, worker: WorkerProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    """Give the pages of both companies, for whom the worker plans."""
    with running_server(own_two, tmp_path_factory.mktemp("pages")) as made:
        yield made


@pytest.fixture
def visit(browser: Browser, server: WebServer, watch: Watch) -> Iterator[object]:
    """Return a function that opens a browser of a size for somebody; everything it must not do is written down."""
    with ExitStack() as opened:

        def visit(language: Language = Language.EN, *, size: tuple[int, int] = DESKTOP, dark: bool = False) -> Visitor:
            context = open_window(browser, size=size, language=language, dark=dark)
            opened.callback(context.close)
            page = context.new_page()
            watch.origin = server.origin
            watch.on(page)
            return Visitor(page, server, language)

        yield visit


def _move_a_stop_to(page: Page, worker_id: str, *, place: str) -> str:
    """Move the last stop of the first route to a worker, and return its name."""
    name = _ask_to_move_a_stop(page, worker_id, place=place)
    expect(page.locator("#move")).not_to_be_visible()
    return name


def _ask_to_move_a_stop(page: Page, worker_id: str, *, place: str) -> str:
    """Send the dialog for the last stop of the first route, and return its name."""
    page.locator(".route-open").first.click()
    stop = page.locator(".route").first.locator("button.stop-row").last
    name = stop.locator(".name").inner_text()
    stop.click()
    page.click(".leaflet-popup .buttons button")
    page.select_option("#move [name=worker_id]", worker_id)
    page.select_option("#move [name=number]", place)
    page.click("#move .primary")
    return str(name)


def test_the_second_of_two_dispatchers_is_told(visit, watch: Watch) -> None:  # noqa: ANN001
    """Whoever acts on a version that is no longer the newest reads so, and nothing is overwritten."""
    first, second = visit(), visit()
    for one in (first, second):
        one.enter("administrator")
        one.open_day()
    seen = int(first.version())
    _move_a_stop_to(first.page, "W2", place="1")
    expect(first.page.locator("[name=version]")).to_have_value(str(seen + 1))

    _ask_to_move_a_stop(second.page, "W2", place="1")

    expect(second.page.locator("dialog #toast")).to_contain_text("Somebody else changed the plan")
    expect(second.page.locator("#move [name=worker_id]")).to_have_value("W2")  # nothing chosen is lost
    assert serious_findings(second.page) == []
    second.page.click("dialog [data-close]")
    expect(second.page.locator("#toast")).not_to_be_visible()
    second.open_day()
    assert int(second.version()) == seen + 1
    watch.complaints.clear()  # the refusal itself, as Chromium notes every 409
    watch.assert_clean()


def test_a_page_outlives_its_server(visit, server: WebServer, worker: WorkerProcess, watch: Watch) -> None:  # noqa: ANN001
    """The server is killed while a plan is made: the page says so, and goes on by itself when it is back."""
    dispatcher = visit()
    dispatcher.enter("administrator")
    dispatcher.open_day()
    before, standing = int(dispatcher.version()), dispatcher.page.locator("#progress [role=status]")
    dispatcher.page.select_option("[name=time_limit_s]", "300")
    dispatcher.page.click("form[action$='/plan'] button")
    expect(standing).to_contain_text("of 300 s")

    server.kill()
    with worker.held():
        expect(standing).to_contain_text("The server cannot be reached")
        dispatcher.page.click("form[action$='/stop'] button")
        expect(dispatcher.page.locator("#toast")).to_contain_text("It is not known whether this was done")
        server.start()

        expect(standing).to_contain_text("of 300 s")
    dispatcher.page.click("form[action$='/stop'] button")
    expect(dispatcher.page.locator("[name=version]")).to_have_value(str(before + 1))
    watch.complaints.clear()  # what Chromium notes of a server that does not answer
    watch.assert_clean()


def test_an_answer_that_is_lost_is_no_promise(visit, watch: Watch) -> None:  # noqa: ANN001
    """A move that was made although its answer is lost, or is another's page, is not said to have changed nothing."""
    visitor = visit()
    visitor.enter("administrator")
    visitor.open_day()
    unsure, path = "It is not known whether this was done: load the page again.", "**/dispatch/move"

    visitor.page.route(path, lambda route: route.abort())
    _ask_to_move_a_stop(visitor.page, "W2", place="1")
    expect(visitor.page.locator("dialog #toast")).to_have_text(unsure)
    visitor.page.unroute(path)
    visitor.page.route(path, lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    visitor.page.locator("#toast").evaluate("(toast) => { toast.textContent = ''; }")
    visitor.page.click("#move .primary")

    expect(visitor.page.locator("dialog #toast")).to_have_text(unsure)
    watch.complaints.clear()  # what Chromium notes of both
    watch.assert_clean()


def test_a_move_is_undone_and_an_older_version_continued(visit, watch: Watch) -> None:  # noqa: ANN001
    """Undo adds the plan before the move; any older version can be gone on from, and what is shown says so."""
    visitor = visit()
    visitor.enter("administrator")
    visitor.open_day()
    before, order = int(visitor.version()), _stops(visitor.page)
    _move_a_stop_to(visitor.page, "W1", place="1")
    expect(visitor.page.locator("[name=version]")).to_have_value(str(before + 1))
    moved = _stops(visitor.page)

    visitor.page.get_by_role("button", name="Undo").click()
    expect(visitor.page.locator("[name=version]")).to_have_value(str(before + 2))
    assert moved != order == _stops(visitor.page)
    expect(visitor.page.locator("[name=version] option").first).to_contain_text(f"as version {before}")

    visitor.page.select_option("[name=version]", str(before + 1))
    visitor.page.get_by_role("button", name="Continue from this version").click()
    expect(visitor.page.locator("[name=version]")).to_have_value(str(before + 3))
    assert _stops(visitor.page) == moved
    watch.assert_clean()


@pytest.mark.parametrize("view", both_ends())
def test_an_offer_is_taken_with_one_click(visit, watch: Watch, view: View) -> None:  # noqa: ANN001
    """Why a site is left out can be opened; a button does what would make room, and the plan says what it breaks."""
    size, language, dark = view
    visitor = visit(language, size=size, dark=dark)
    visitor.enter("administrator")
    visitor.open_day()
    page, before = visitor.page, int(visitor.version())
    if page.locator(".sheet-toggle").is_visible():
        page.click(".sheet-toggle")
    why = page.locator("#unassigned .why-not").filter(has_text="alchemy")

    why.locator("summary").click()

    expect(why.locator("tbody tr")).to_have_count(2)
    expect(why.locator(".offers li").first).to_contain_text("alchemy")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert serious_findings(page) == []
    assert size != PHONE or [one for one in hard_to_touch(page) if "button" in one or "summary" in one] == []
    why.locator(".offers button").first.click()
    expect(page.locator("[name=version]")).to_have_value(str(before + 1))
    expect(page.locator("#unassigned .why-not")).to_have_count(0)
    expect(page.locator(".banner.broken li")).to_have_count(1)
    page.locator("form[action$='/restore'] button").first.click()
    expect(page.locator("[name=version]")).to_have_value(str(before + 2))
    expect(page.locator("#unassigned .why-not")).to_have_count(1)
    watch.assert_clean()


def _stops(page: Page) -> list[str]:
    """Return the stops of every route, as the list has them."""
    page.wait_for_selector(".route")
    return page.locator(".stops").all_text_contents()


@pytest.mark.parametrize("view", views())
def test_every_page_is_clean(visit, watch: Watch, view: View) -> None:  # noqa: ANN001
    """In every size, language and scheme: no other host, no complaint, nothing wider than the screen, axe content."""
    size, language, dark = view
    visitor = visit(language, size=size, dark=dark)
    visitor.open("/sign-in")
    _assert_fits(visitor.page, size)
    visitor.sign_in("administrator")

    for path, sign in (
        (f"/dispatch?date={SERVICE_ON}", ".stop"),
        ("/dispatch?date=2030-01-01", "#panel h1"),
        ("/field", "h1"),
    ):
        visitor.open(path)
        visitor.page.wait_for_selector(sign)
        _assert_fits(visitor.page, size)
    watch.assert_clean()


@pytest.mark.parametrize("size", [PHONE, SMALL])
@pytest.mark.parametrize("language", Language)
def test_on_a_phone_nothing_of_the_bars_is_cut(
    visit,  # noqa: ANN001
    size: tuple[int, int],
    language: Language,
) -> None:
    """Every page of the bar and every choice above the map can be read, in both languages."""
    visitor = visit(language, size=size)
    visitor.enter("dispatcher")

    visitor.open_day()

    assert visitor.page.evaluate(CUT) == []


def _assert_fits(page: Page, size: tuple[int, int]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert serious_findings(page) == []
    assert size not in {PHONE, SMALL} or hard_to_touch(page) == []


def test_names_are_shown_and_never_run(visit, watch: Watch) -> None:  # noqa: ANN001
    """A member's name with markup in it is text."""
    visitor = visit()
    visitor.enter("administrator")

    visitor.open("/field")

    expect(visitor.page.locator(".who summary")).to_have_text("administrator <b>王</b>")
    watch.assert_clean()
