"""The map page does its work in a browser, asks no host, and runs no text of a plan."""

import json
import re
from dataclasses import replace
from importlib.resources import files
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.browser import DESKTOP, PHONE, OpenPage, View, Watch, serious_findings, views
from support.day_plans import HOSTILE_NAMES, day_plan, site, with_left, worker
from support.monaco_day import monaco_day

from geo_engine.geometry import Position
from geo_engine.planning import UnassignedReason
from geo_engine.planning.solver.baselines import Travel
from geo_engine.reports.model import PlanReport
from geo_engine.reports.page_words import page_words
from geo_engine.reports.plan_files import write_plan_files
from geo_engine.roads.straight import StraightRouter
from geo_engine.tables.model import RowProblem
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Language, Message

EVERY_VIEW = [(size, locale) for size in (DESKTOP, PHONE) for locale in ("zh-CN", "en-US")]
NO_ROOM = Message("No worker is available on this day.")
# Each pin's kind, and how far its middle is from its place on the map, in pixels to the right and down.
PIN_OFFSETS = """() => {
    const frame = map_plan.getContainer().getBoundingClientRect();
    const found = [];
    map_plan.eachLayer((layer) => {
        if (!(layer instanceof L.Marker)) return;
        const shape = layer.getElement().firstElementChild;
        const box = shape.getBoundingClientRect();
        const place = map_plan.latLngToContainerPoint(layer.getLatLng());
        found.push([shape.classList[0], box.left + box.width / 2 - frame.left - place.x,
            box.top + box.height / 2 - frame.top - place.y]);
    });
    return found;
}"""
# Which pins of the map lie under its note, its keys or its legend.
COVERED = """() => {
    const boxes = (names) => [...document.querySelectorAll(names)].map((one) => [one, one.getBoundingClientRect()]);
    const over = boxes(".map-note, .map-tools .zoom, .legend");
    const isUnder = (pin) => over.some(([, box]) =>
        pin.left < box.right && box.left < pin.right && pin.top < box.bottom && box.top < pin.bottom);
    return boxes(".leaflet-marker-icon").filter(([, pin]) => isUnder(pin)).map(([one]) => one.outerHTML);
}"""
# Whether nothing else lies over an element: asked at its middle and near its corners.
UNCOVERED = """(selector) => {
    const shape = document.querySelector(selector);
    const box = shape.getBoundingClientRect();
    return [[0.5, 0.5], [0.15, 0.3], [0.85, 0.3], [0.15, 0.7], [0.85, 0.7]].every(([x, y]) =>
        shape.contains(document.elementFromPoint(box.left + box.width * x, box.top + box.height * y)));
}"""
# How much of a text's box is inked, as a string of the pixels themselves.
DRAWN = """(text) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 48;
    const ctx = canvas.getContext("2d", { willReadFrequently: true });
    ctx.font = `40px ${getComputedStyle(document.body).fontFamily}`;
    ctx.fillText(text, 2, 40);
    return Array.from(ctx.getImageData(0, 0, 48, 48).data).filter((_, i) => i % 4 === 3).join();
}"""


def show_list(page: Page) -> None:
    """Open the sheet of a phone; beside the map of a desktop it always is."""
    if page.viewport_size and page.viewport_size["width"] == PHONE[0]:
        page.locator(".sheet-toggle").click(position={"x": 180, "y": 10})


def words_of(page: Page) -> str:
    """Return all text a reader or a screen reader gets."""
    seen = page.evaluate(
        """() => [document.title, document.body.innerText, ...[...document.querySelectorAll('*')].flatMap((node) =>
            ['aria-label', 'title', 'placeholder'].map((name) => node.getAttribute(name) ?? ''))].join('\\n')"""
    )
    assert isinstance(seen, str)
    return seen


def english_texts() -> list[str]:
    """Return the page's English words, and every other English sentence of the catalogue."""
    english, chinese = page_words(Language.EN), page_words(Language.ZH_CN)
    catalogue = json.loads(files("geo_engine").joinpath("words.zh-CN.json").read_text(encoding="utf-8"))
    sentences = [template for template in catalogue if len(template.split()) > 3]
    return sentences + [text for key, text in english.items() if text != chinese[key]]


def said(template: str, seen: str) -> bool:
    """Return whether a text with its placeholders filled stands in what is seen, as words of its own."""
    if any(part not in seen for part in re.split(r"\{\w+\}", template)):
        return False  # most are not, and to search for their patterns takes seconds
    pattern = re.sub(r"\\\{\w+\\\}", r"[^\n]{1,200}", re.escape(template))
    return re.search(rf"(?<![\w-]){pattern}(?![\w-])", seen) is not None


@pytest.mark.parametrize(("size", "locale"), EVERY_VIEW)
def test_it_opens_without_a_request_or_a_complaint(
    road_page: Path, open_page: OpenPage, watch: Watch, size: tuple[int, int], locale: str
) -> None:
    """In each size and language: no request to a host, no error, no policy violation, no dialog; the map is drawn."""
    page = open_page(road_page, size=size, locale=locale)

    page.wait_for_selector(".background-tile")
    assert page.locator(".pin").count() > 100
    assert page.evaluate("document.documentElement.lang") == ("zh-CN" if locale == "zh-CN" else "en")
    watch.assert_clean()


def test_the_policy_stops_what_is_not_in_the_page(road_page: Path, open_page: OpenPage, watch: Watch) -> None:
    """A script and an image added to the open page do not run and are not asked for."""
    page = open_page(road_page)

    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = 2";
            const image = document.createElement("img");
            image.src = "http://192.0.2.1/x.png";
            document.body.append(script, image);
        }"""
    )

    assert page.evaluate("window.ran") is None
    assert len(watch.complaints) == 2
    assert all("Content Security Policy" in complaint for complaint in watch.complaints)


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_hostile_names_are_shown_and_never_run(road_page: Path, open_page: OpenPage, watch: Watch, locale: str) -> None:
    """Names that would be code anywhere else stand letter by letter in list and popup."""
    page = open_page(road_page, locale=locale)
    page.locator("#search").fill("")

    names = page.locator(".stop-row .name").all_text_contents()
    row = page.locator(".stop-row .name", has_text="onerror")
    page.locator(".route", has=row).locator(".route-open").click()
    row.click()
    popup = page.locator(".leaflet-popup .card h2")
    expect(popup).to_contain_text(HOSTILE_NAMES[1])

    assert set(HOSTILE_NAMES) <= set(names)
    assert page.evaluate("window.ran") is None
    watch.assert_clean()


def test_a_checkbox_hides_a_route_with_its_stops(road_page: Path, open_page: OpenPage) -> None:
    """Taking the tick away takes the worker's pins from the map; putting it back brings them back."""
    page = open_page(road_page)
    pins = page.locator(".pin").count()

    page.locator(".route-head input").nth(1).uncheck()
    hidden = pins - page.locator(".pin").count()
    page.locator(".route-head input").nth(1).check()

    assert hidden == 13
    assert page.locator(".pin").count() == pins


def test_hide_all_leaves_only_what_is_unassigned(road_page: Path, open_page: OpenPage) -> None:
    """With every route hidden the unassigned sites stay on the map."""
    page = open_page(road_page)

    page.get_by_role("button", name="Hide all").click()

    assert page.locator(".pin").count() == page.locator(".pin .left").count() == 2


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_language_switch_changes_every_word(
    estimate_page: Path, open_page: OpenPage, size: tuple[int, int]
) -> None:
    """After the switch no sentence of the other language's catalogue is left, popup, legend and labels included."""
    page = open_page(estimate_page, size=size)
    show_list(page)

    before = words_of(page)
    page.get_by_role("button", name="中文").click()

    seen = words_of(page)
    assert len([text for text in english_texts() if said(text, before)]) > 30
    assert [text for text in english_texts() if said(text, seen)] == []
    assert "行程为估算值" in seen
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.get_by_role("button", name="EN").click()
    assert "行程为估算值" not in words_of(page)


def test_search_shows_only_what_it_finds(road_page: Path, open_page: OpenPage) -> None:
    """Searching opens the routes that have a hit, counts hits, and steps the others back on the map."""
    page = open_page(road_page)

    page.locator("#search").fill("casino")

    rows = page.locator(".stop-row:visible .name").all_text_contents()
    assert rows
    assert all("casino" in row.lower() for row in rows)
    assert page.locator("#found").text_content() == f"{len(rows)} found"
    assert page.locator(".pin .stop.dim, .pin .left.dim").count() == page.locator(
        ".pin .stop, .pin .left"
    ).count() - len(rows)
    page.locator("#search").fill("no such place")
    assert "Nothing matches" in page.locator("#lists").inner_text()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_stop_in_the_list_opens_on_the_map(road_page: Path, open_page: OpenPage, size: tuple[int, int]) -> None:
    """Choosing a stop zooms to it and shows its times, with nothing over it, also on a phone."""
    page = open_page(road_page, size=size)
    show_list(page)
    page.locator(".route-open").nth(2).click()

    page.locator(".route").nth(2).locator(".stop-row").nth(1).click()

    card = page.locator(".leaflet-popup .card")
    expect(card).to_contain_text("Arrival")
    expect(card).to_be_in_viewport(ratio=1)
    assert page.evaluate("map_plan.getZoom()") >= 16


def test_it_works_with_the_keyboard_alone(road_page: Path, open_page: OpenPage) -> None:
    """Tab reaches a route's tick and its opener, and Space and Enter work them."""
    page = open_page(road_page)
    page.locator("#search").focus()

    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert not page.locator(".route-head input").first.is_checked()
    assert page.locator(".route-open").first.get_attribute("aria-expanded") == "true"


def test_an_estimate_is_said_unmistakably(estimate_page: Path, open_page: OpenPage, watch: Watch) -> None:
    """Beside the list and on the map stands that travel is estimated; on roads neither is there."""
    page = open_page(estimate_page)

    assert page.locator(".banner.estimate").is_visible()
    assert page.locator(".map-note").is_visible()
    watch.assert_clean()


@pytest.mark.parametrize(
    ("saved_m", "shown"),
    [
        (5230, ["5.2 km", "−40 min", "CN¥3.18"]),
        (-7400, ["−7.4 km", "−40 min", "−CN¥4.50"]),
        (None, ["not known"]),
    ],
)
def test_what_is_saved_is_told_against_each_other_way(
    tmp_path: Path, open_page: OpenPage, watch: Watch, saved_m: int | None, shown: list[str]
) -> None:
    """Less than nothing is said with its sign, what is not known in words, and by whose prices."""
    day = monaco_day(StraightRouter(), worker_count=1, visit_count=3, hostile=False)
    nearest = None
    if saved_m is not None:
        nearest = Travel(travel_m=day.plan.travel_m + saved_m, travel_s=day.plan.travel_s - 2400)

    page = open_page(write_plan_files(PlanReport(day_plan=replace(day, nearest=nearest)), tmp_path).map_page)

    rows = page.locator(".savings tbody tr")
    expect(rows.locator("th")).to_have_text(["the given order", "nearest stop first", "last month"])
    expect(rows.nth(1).locator("td")).to_have_text(shown)
    expect(rows.nth(2).locator("td")).to_have_text(["not known"])
    assert "assumed" in page.locator(".savings caption").inner_text()
    watch.assert_clean()


def test_each_route_says_how_its_worker_travels(tmp_path: Path, open_page: OpenPage) -> None:
    """Beside the figures of a route stands its mode, in the reader's language."""
    day = monaco_day(StraightRouter(), worker_count=2, visit_count=6, hostile=False)
    first, *others = day.workers.values()
    workers = {one.id: one for one in (replace(first, mode=TravelMode.BICYCLE), *others)}
    map_page = write_plan_files(PlanReport(day_plan=replace(day, workers=workers)), tmp_path).map_page

    texts = {
        locale: open_page(map_page, locale=locale).locator(".route-open .muted").all_inner_texts()
        for locale in ("en-US", "zh-CN")
    }

    assert [("by bicycle" in text, "by car" in text) for text in texts["en-US"]] == [(True, False), (False, True)]
    assert ["自行车" in text for text in texts["zh-CN"]] == [True, False]


def test_a_day_without_a_route_says_so(empty_page: Path, open_page: OpenPage, watch: Watch) -> None:
    """An empty plan opens, says that nothing was placed, and lists why."""
    page = open_page(empty_page)

    assert "No visit could be placed" in page.locator("#routes").inner_text()
    assert page.locator("#unassigned .stop-row").count() == 2
    watch.assert_clean()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_every_pin_stands_on_its_place(road_page: Path, open_page: OpenPage, size: tuple[int, int]) -> None:
    """At every size of pins the middle of a stop, a home and an unassigned site is where the map has the place."""
    page = open_page(road_page, size=size)

    for zoom, scale in ((16, "near"), (13, "mid"), (10, "far")):
        page.evaluate("(zoom) => { map_plan.setZoom(zoom, { animate: false }); }", zoom)  # without its answer, the map

        offsets = page.evaluate(PIN_OFFSETS)
        assert page.locator(".folium-map").get_attribute("data-scale") == scale
        assert {kind for kind, _, _ in offsets} == {"stop", "home", "left"}
        assert [offset for offset in offsets if max(abs(offset[1]), abs(offset[2])) > 1] == []


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_estimate_is_readable_on_a_phone(estimate_page: Path, open_page: OpenPage, locale: str) -> None:
    """Nothing covers the note on the map, with the legend closed and open."""
    page = open_page(estimate_page, size=PHONE, locale=locale)

    closed = page.evaluate(UNCOVERED, ".map-note")
    page.locator(".legend summary").click()

    assert closed
    assert page.evaluate(UNCOVERED, ".map-note")
    expect(page.locator(".map-note")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_brief_of_a_phone_is_whole_and_beside_the_languages(
    road_page: Path, open_page: OpenPage, locale: str
) -> None:
    """The line of figures under the title ends above the header's edge, and the switch lies beside it."""
    page = open_page(road_page, size=PHONE, locale=locale)

    header, brief, switch = (page.locator(f"#panel {one}").bounding_box() for one in ("header", ".brief", ".languages"))

    assert header is not None
    assert brief is not None
    assert switch is not None
    assert brief["y"] + brief["height"] <= header["y"] + header["height"]
    assert brief["x"] + brief["width"] <= switch["x"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_whole_day_is_in_sight(tmp_path: Path, open_page: OpenPage, size: tuple[int, int]) -> None:
    """What stands over the map, the note, the keys and the legend, covers no pin of a day that fills it."""
    columns, rows = (29, 45) if size == PHONE else (60, 45)
    places = [(x, y) for x, y in product(range(columns), range(rows)) if x == columns - 1 or y in {0, rows - 1}]
    edge = [site(i, Position(7.41 + 0.001 * x, 43.72 + 0.001 * y)) for i, (x, y) in enumerate(places)]
    day = day_plan([(worker(0, edge[0].position), edge)], left=[], router=StraightRouter())

    page = open_page(write_plan_files(PlanReport(day_plan=day), tmp_path).map_page, size=size)

    assert page.locator(".pin .stop").count() == len(edge)
    assert page.evaluate(COVERED) == []


def test_unassigned_sites_can_be_hidden_and_lie_beneath_stops(tmp_path: Path, open_page: OpenPage) -> None:
    """A tick hides their pins; choosing one in the list brings them back; a stop at the same place is on top."""
    day = monaco_day(StraightRouter(), worker_count=2, visit_count=12, hostile=False)
    stops = [visit.position for route in day.plan.routes for visit in route.planned_visits]
    crowded = with_left(
        day, [site(500 + i, at) for i, at in enumerate(stops)], detail=NO_ROOM, reason=UnassignedReason.NO_ROOM
    )
    page = open_page(write_plan_files(PlanReport(day_plan=crowded), tmp_path).map_page)
    tick = page.get_by_role("checkbox", name="Show unassigned sites on the map")

    on_top = page.evaluate(UNCOVERED, ".pin .stop")
    before = page.locator(".pin .left").count()
    tick.uncheck()
    hidden = page.locator(".pin .left").count()
    page.locator("#unassigned .stop-row").first.click()

    assert on_top
    assert (before, hidden) == (14, 0)
    assert page.locator(".pin .left").count() == 14
    assert tick.is_checked()


def test_unassigned_sites_stand_under_their_reason(tmp_path: Path, open_page: OpenPage) -> None:
    """A sentence that many sites share is said once, with all of them under it, also while searching."""
    day = monaco_day(StraightRouter(), worker_count=2, visit_count=12, hostile=False)
    left = [site(500 + i, Position(7.42 + i * 0.0004, 43.74)) for i in range(30)]
    crowded = with_left(day, left, detail=NO_ROOM, reason=UnassignedReason.NO_ROOM)
    page = open_page(write_plan_files(PlanReport(day_plan=crowded), tmp_path).map_page)
    shared = page.locator("#unassigned .reason-group").filter(has_text=NO_ROOM.template)

    groups = page.locator("#unassigned .reason-group").count()
    together = shared.locator(".stop-row").count()
    page.locator("#search").fill("Site 51")

    assert (groups, together) == (2, 30)
    assert shared.count() == 1
    assert shared.locator(".stop-row").count() == 10
    assert page.locator("#lists").inner_text().count(NO_ROOM.template) == 1


def test_one_reason_in_many_sentences_has_one_heading(tmp_path: Path, open_page: OpenPage) -> None:
    """Three sites are out of somebody's hours, each by hours of its own: the reason and their number stand once."""
    day = monaco_day(StraightRouter(), worker_count=2, visit_count=12, hostile=False)
    for number, shifts in enumerate(("09:00–17:00", "10:00–18:00", "10:00–18:00")):
        detail = Message(
            "Its time window {windows} is outside every shift ({shifts}).", {"windows": "", "shifts": shifts}
        )
        left = [site(500 + number, Position(7.42 + number * 0.0004, 43.74))]
        day = with_left(day, left, detail=detail, reason=UnassignedReason.OUTSIDE_SHIFTS)
    page = open_page(write_plan_files(PlanReport(day_plan=day), tmp_path).map_page)

    group = page.locator("#unassigned .reason-group").filter(has_text="Outside shifts")

    assert group.count() == 1
    assert group.locator("h3 .count").inner_text() == "3"
    assert group.locator("p:text('is outside every shift')").count() == 2
    assert group.locator(".stop-row").count() == 3


def test_a_far_outlier_does_not_spoil_the_first_view(tmp_path: Path, open_page: OpenPage) -> None:
    """The routes fill the map though an unassigned site lies far away; without any route all sites are shown."""
    day = monaco_day(StraightRouter(), worker_count=2, visit_count=12, hostile=False)
    far = with_left(day, [site(500, Position(2.35, 48.86))], detail=NO_ROOM, reason=UnassignedReason.NO_ROOM)
    idle = replace(far, plan=replace(far.plan, routes=()))

    first, second = (
        open_page(write_plan_files(PlanReport(day_plan=each), tmp_path / name).map_page)
        for name, each in (("routes", far), ("idle", idle))
    )

    assert first.evaluate("map_plan.getZoom()") > 12
    assert second.evaluate(
        "map_plan.getBounds().contains([48.86, 2.35]) && map_plan.getBounds().contains([43.73, 7.42])"
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_rows_that_could_not_be_read_are_told_beside_the_figures(
    tmp_path: Path, open_page: OpenPage, size: tuple[int, int]
) -> None:
    """A plan that lacks rows of its input says how many and where, and does not say that every visit has its place."""
    day = monaco_day(StraightRouter(), worker_count=2, visit_count=60, hostile=False)
    placed = replace(day, plan=replace(day.plan, unassigned=()))
    unread = tuple(RowProblem(file="sites.csv", line=line, column="lon", reason=NO_ROOM) for line in (3, 9, 14))
    report = PlanReport(day_plan=placed, problems=unread)
    page = open_page(write_plan_files(report, tmp_path).map_page, size=size)

    brief = page.locator(".brief").text_content()
    show_list(page)
    told = page.locator(".banner.unread").inner_text()
    page.locator("#search").fill("casino")
    page.locator(".banner.unread button").click()

    assert "3" in told
    assert "Rows to correct" in told
    assert "3 rows to correct" in (brief or "")
    assert "Every visit has its place" not in words_of(page)
    expect(page.locator("#problems .problem").last).to_be_in_viewport()


def test_a_plan_without_a_problem_says_that_every_visit_has_its_place(tmp_path: Path, open_page: OpenPage) -> None:
    """With all rows read and all visits placed there is no banner about rows."""
    day = monaco_day(StraightRouter(), worker_count=2, visit_count=12, hostile=False)
    placed = replace(day, plan=replace(day.plan, unassigned=()))

    page = open_page(write_plan_files(PlanReport(day_plan=placed), tmp_path).map_page)

    assert "Every visit has its place" in page.locator("#unassigned").inner_text()
    assert page.locator(".banner.unread").count() == 0


@pytest.mark.parametrize("view", views())
def test_axe_finds_nothing_serious(road_page: Path, open_page: OpenPage, view: View) -> None:
    """With list and a stop's popup open, axe has no serious or critical finding."""
    size, language, dark = view
    page = open_page(road_page, size=size, locale=language.value, dark=dark)
    show_list(page)
    page.locator(".route-open").first.click()
    page.locator(".stop-row").first.click()
    page.wait_for_selector(".leaflet-popup .card")
    show_list(page)

    assert serious_findings(page) == []


def test_chinese_is_drawn_with_glyphs_not_boxes(road_page: Path, open_page: OpenPage) -> None:
    """A Chinese character's pixels differ from those of a code point no font has, and from nothing."""
    page = open_page(road_page, locale="zh-CN")

    box, nothing, *drawn = (page.evaluate(DRAWN, text) for text in ("\U0003fffd", " ", *"王芳公里站"))

    assert not {box, nothing} & set(drawn)


def test_printing_shows_map_and_every_stop(road_page: Path, open_page: OpenPage) -> None:
    """On paper the map comes with all stops of all workers, on white, without buttons."""
    page = open_page(road_page, dark=True)

    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")

    assert page.locator(".stops").first.is_visible()
    assert not page.locator("#search").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
