"""The fences in the browser: drawn on the map or by figures, changed, deleted and had back, and told to the second."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from support.browser import DESKTOP, View, Watch, both_ends, enter, open_window, serious_findings
from support.databases import Databases
from support.pages import login_of, pages_of_two
from support.web_server import WebServer, running_server

from geo_engine.words import Language

CORNERS = ((0.3, 0.3), (0.6, 0.35), (0.6, 0.7), (0.35, 0.6))

type Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Give the pages of a company with sites, each with a fence."""
    folder = tmp_path_factory.mktemp("fences")
    with pages_of_two(databases, cache_dir=folder / "cache") as (own, _), running_server(own, folder) as server:
        yield server


@pytest.fixture
def visit(browser: Browser, server: WebServer, watch: Watch) -> Iterator[Visit]:
    """Return a function that signs an administrator in and opens the page, watched."""
    with ExitStack() as opened:

        def visit(language: Language = Language.EN, *, size: tuple[int, int] = DESKTOP, dark: bool = False) -> Page:
            context = open_window(browser, origin=server.origin, size=size, language=language, dark=dark)
            opened.callback(context.close)
            page = context.new_page()
            watch.origin = server.origin
            watch.on(page)
            enter(page, server, company="alpha", login=login_of("administrator"), language=language)
            page.goto("/fences")
            expect(page.locator("#list .fence").first).to_be_visible()
            return page

        yield visit


def _assert_clean(page: Page, size: tuple[int, int]) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert serious_findings(page) == []


def _row(page: Page, name: str):  # noqa: ANN202 - a locator
    return page.locator("#list .fence", has_text=name)


def _draw(page: Page, kind: str, name: str) -> None:
    page.click(f"[data-draw={kind}]")
    box = page.locator("#fence-map").bounding_box()
    assert box is not None
    for across, down in CORNERS:
        page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
    page.fill("#editor [name=name]", name)


@pytest.mark.parametrize("view", both_ends())
def test_an_area_is_drawn_on_the_map_changed_deleted_and_had_back(visit: Visit, watch: Watch, view: View) -> None:
    """Its corners stand beside it as figures; a corner that is dragged is another figure; nothing is lost for good."""
    size, language, dark = view
    page = visit(language, size=size, dark=dark)
    name = f"Yard <b>{size[0]}</b>"
    _assert_clean(page, size)

    _draw(page, "area", name)
    assert len(page.input_value("[data-corners]").splitlines()) == len(CORNERS)
    _assert_clean(page, size)
    page.click("#editor .save .primary")
    expect(page.locator("#one h1")).to_have_text(name)
    expect(page.locator(".history li")).to_have_count(1)
    _assert_clean(page, size)

    page.click("#one .primary")
    before = page.input_value("[data-corners]")
    corner = page.locator(".handle:not(.between)").nth(1).bounding_box()
    assert corner is not None
    page.mouse.move(corner["x"] + 6, corner["y"] + 6)
    page.mouse.down()
    page.mouse.move(corner["x"] + 30, corner["y"] + 40, steps=4)
    page.mouse.up()
    assert page.input_value("[data-corners]") != before
    page.click("#editor .save .primary")
    expect(page.locator(".history li")).to_have_count(2)

    page.click("#one .buttons button:last-child")
    page.click("#remove .primary")
    expect(_row(page, name)).to_have_count(0)
    page.click("#done button")
    expect(_row(page, name)).to_have_count(1)
    _assert_clean(page, size)
    watch.assert_clean()


def test_a_circle_for_a_site_and_a_corridor_are_drawn_by_keyboard(visit: Visit, watch: Watch) -> None:
    """A site that is searched for says where; a way can be typed; the site's own circle makes room."""
    page = visit()

    page.focus("[data-draw=circle]")
    page.keyboard.press("Enter")
    page.fill("[data-site]", "S003")
    expect(page.locator("[role=option]").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.fill("[name=radius_m]", "75")
    page.keyboard.press("Enter")
    expect(page.locator("#one dl")).to_contain_text("75 m")
    expect(page.locator("#one dl")).to_contain_text("S003")
    expect(page.locator("#one .promise")).to_contain_text("A visit of 10 minutes is found in 99 % of cases")
    page.click("#one .back")
    page.fill("#query", "S003")
    expect(page.locator("#list .fence")).to_have_count(1)

    page.click("[data-draw=corridor]")
    page.fill("#editor [name=name]", "Way")
    page.fill("[data-corners]", "116.3, 39.9\n116.31 39.91\nnowhere")
    expect(page.locator("#corners-wrong")).to_contain_text("Line 3")
    page.fill("[data-corners]", "116.3, 39.9\n116.31, 39.91")
    page.fill("[name=width_m]", "40")
    page.click("#editor .save .primary")

    expect(page.locator("#one dl")).to_contain_text("40 m")
    expect(page.locator("#one dl")).to_contain_text("1.4 km")
    expect(page.locator("#one .promise")).to_contain_text("Make it at least 118 m wide for 98 %.")
    watch.assert_clean()


def test_a_site_without_a_drawn_fence_is_given_one_of_its_own(visit: Visit, watch: Watch) -> None:
    """What the site had stands in the form already; saved, it takes that one's place."""
    page = visit()

    page.click("#list .fence:has(.automatic):has-text('S005')")
    page.click("#one .primary")
    expect(page.locator("#editor [data-lon]")).not_to_have_value("")
    page.click("#editor .save .primary")

    expect(page.locator("#one dl")).to_contain_text("S005")
    expect(page.locator("#one .note")).to_have_count(0)
    watch.assert_clean()


def test_the_second_of_two_is_told_and_sees_what_the_first_did(visit: Visit) -> None:
    """Nothing is overwritten; one press leads to the fence as it is now."""
    first, second = visit(), visit()
    for page in (first, second):
        _row(page, "院子").click()
        page.click("#one .primary")

    first.fill("[name=radius_m]", "150")
    first.click("#editor .save .primary")
    expect(first.locator("#one dl")).to_contain_text("150 m")
    second.fill("[name=radius_m]", "60")
    second.click("#editor .save .primary")
    expect(second.locator("#refused")).to_contain_text("Somebody else changed the fence")
    second.click("[data-again]")

    expect(second.locator("#one dl")).to_contain_text("150 m")


def test_a_file_is_looked_at_before_it_is_written(visit: Visit, watch: Watch, tmp_path: Path) -> None:
    """What is wrong is told by line, what is good is written on a second press."""
    page = visit()
    rows = "id,wkt,radius_m\nfrom-file,POINT (116.4 39.9),50\nbad,POINT (116.4 39.9),\n"
    (tmp_path / "fences.csv").write_text(rows, encoding="utf-8")

    page.click("[data-open=import]")
    page.set_input_files("#import [type=file]", tmp_path / "fences.csv")
    page.click("#import [name=preview]")
    expect(page.locator("#found")).to_contain_text("line 3: A point needs a radius")
    assert serious_findings(page) == []
    page.click("#import [data-write]")

    expect(_row(page, "from-file")).to_have_count(1)
    expect(page.locator("#done")).to_contain_text("1 new")
    watch.assert_clean()


@pytest.mark.parametrize(
    ("answer", "told"), [("[]", "There is no fence yet"), (None, "The fences could not be loaded.")]
)
def test_a_page_without_fences_says_so_and_why(visit: Visit, answer: str | None, told: str) -> None:
    """An empty company is told how to begin, a broken connection is told of and tried again."""
    page = visit()

    def answered(route: Route) -> None:
        if answer is None:
            route.abort()
        else:
            route.fulfill(body=answer, content_type="application/json")

    page.route("**/fences/list", answered)
    page.reload()
    expect(page.locator("#list")).to_contain_text(told)
    assert serious_findings(page) == []
    page.unroute("**/fences/list")
    if answer is None:
        page.click("#list .button")
        expect(page.locator("#list .fence").first).to_be_visible()
