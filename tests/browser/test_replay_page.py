"""A replay plays in a browser on true time, says what is not known, and asks no host for anything."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import DESKTOP, PHONE, OpenPage, View, Watch, open_window, serious_findings, views
from support.day_plans import HOSTILE_NAMES
from support.module_page import serve_replay
from support.replays import at, day_replay, place, replay_of

from geo_engine.reports.replay import render_replay
from geo_engine.reports.replay_data import replay_document
from geo_engine.reports.replay_words import replay_words
from geo_engine.tracks import Fix, Flag, Gap
from geo_engine.tracks.driven import DrivenTrip
from geo_engine.tracks.model import GapCause
from geo_engine.words import Language

# How much of a place of the map is painted in a pane, 0 to 255: the most opaque pixel around it.
PAINTED = """([pane, lon, lat]) => {
    const at = map_plan.latLngToContainerPoint([lat, lon]);
    const frame = map_plan.getContainer().getBoundingClientRect();
    let most = 0;
    for (const canvas of document.querySelectorAll(`.leaflet-${pane}-pane canvas`)) {
        const box = canvas.getBoundingClientRect();
        const scale = canvas.width / box.width;
        const x = (frame.left + at.x - box.left) * scale, y = (frame.top + at.y - box.top) * scale;
        const pixels = canvas.getContext("2d").getImageData(x - 3, y - 3, 7, 7).data;
        for (let i = 3; i < pixels.length; i += 4) most = Math.max(most, pixels[i]);
    }
    return most;
}"""
# Where the marker stands on the map, in degrees.
MARKER = """() => {
    let found = null;
    map_plan.eachLayer((layer) => {
        if (layer.options.pane === "now" && layer instanceof L.Marker) found = layer.getLatLng();
    });
    return [found.lng, found.lat];
}"""


@pytest.fixture(scope="module")
def day_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the replay of a day with all there is."""
    return _written(tmp_path_factory.mktemp("replay") / "day.html", render_replay(day_replay()))


def _written(path: Path, html: str) -> Path:
    path.write_text(html, encoding="utf-8")
    return path


def _at(page: Page) -> str:
    return page.locator(".clock").inner_text()


def _go(page: Page, minutes: float, more: str = "") -> None:
    """Follow a link to a moment of the day, as it was copied."""
    moment = at(minutes).isoformat().replace("+00:00", "Z")
    page.evaluate("(hash) => { location.hash = hash; }", f"#t={moment}{more}")
    page.wait_for_timeout(50)


def test_it_plays_on_true_time_by_hand_and_by_keyboard(day_page: Path, open_page: OpenPage, watch: Watch) -> None:
    """Space plays and stops; time goes on as fast as chosen; arrows, page keys, Home and End go where they say."""
    page = open_page(day_page)

    page.select_option(".rate select", "600")
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("Space")
    expect(page.locator(".clock")).not_to_have_text("08:00:00")
    page.keyboard.press("Space")
    stopped = _at(page)
    visited = []
    for key in ("Home", "ArrowRight", "Shift+ArrowRight", "PageDown", "Shift+PageDown", "PageUp", "End", "ArrowLeft"):
        page.keyboard.press(key)
        visited.append(_at(page))

    assert page.locator(".play").get_attribute("aria-label") == "Play"
    assert _at(page) != stopped
    assert visited == [
        *("08:00:00", "08:00:10", "08:05:10", "08:10:00"),
        *("08:40:00", "08:10:00", "09:20:00", "09:19:50"),
    ]
    assert page.locator(".offset").inner_text() == "UTC+01:00"
    watch.assert_clean()


def test_reasons_stand_below_each_other(day_page: Path, open_page: OpenPage) -> None:
    """A reason without moments to go to is no row of its own kind: all begin at the same place."""
    page = open_page(day_page)

    lefts = [box["x"] for one in page.locator(".reasons .name").all() if (box := one.bounding_box())]

    assert page.locator(".plain-reason").count() == 1
    assert len(lefts) == 3
    assert max(lefts) - min(lefts) < 0.1


def test_a_link_leads_to_exactly_what_was_seen(day_page: Path, open_page: OpenPage, watch: Watch) -> None:
    """Moment to the millisecond, speed, map, line, colours and doubtful fixes come back from the address."""
    page = open_page(day_page)
    hash_ = "#t=2026-10-25T07:05:12.345Z&speed=300&map=15/43.741000/7.410000&track=both&colour=accuracy&flagged=1"

    page.evaluate("(hash) => { location.hash = hash; }", hash_)
    page.wait_for_function("document.querySelector('.clock').textContent === '08:05:12'")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(400)

    assert page.evaluate("location.hash") == hash_
    assert page.locator(".rate select").input_value() == "300"
    assert page.locator('.look [aria-pressed="true"]').all_inner_texts()[:2] == ["Both", "Accuracy"]
    watch.assert_clean()


def test_a_gap_is_no_way_and_nobody_moves_in_it(day_page: Path, open_page: OpenPage) -> None:
    """Where there is a gap no track is painted but a dashed, named line; the marker holds, and the page says so."""
    page = open_page(day_page)
    _go(page, 55, "&track=raw")

    middle, driven = place(15_000), place(9_000)
    assert page.evaluate(PAINTED, ["track", driven.lon, driven.lat]) > 200
    assert page.evaluate(PAINTED, ["trail", driven.lon, driven.lat]) > 200
    assert page.evaluate(PAINTED, ["track", middle.lon, middle.lat]) == 0
    assert page.evaluate(PAINTED, ["trail", middle.lon, middle.lat]) == 0
    assert page.evaluate(PAINTED, ["gaps", middle.lon, middle.lat]) > 0
    expect(page.locator(".gap-pin")).to_contain_text("Gap 30 min")
    expect(page.locator(".now")).to_contain_text("not known where")
    assert page.evaluate(MARKER)[1] == pytest.approx(place(12_000).lat, abs=2e-6)
    assert "held" in (page.locator(".me").get_attribute("class") or "")
    expect(page.locator('.span-row[aria-current="true"]')).to_contain_text("Gap: no position")


def test_a_trip_says_how_far_it_was_on_roads(tmp_path: Path, open_page: OpenPage) -> None:
    """Where it is known; another says how far its fixes are apart, and the day's distance is the sum of both."""
    known = {at(0): DrivenTrip(driven_m=7_250.0, confidence=0.9, ways=())}
    html = render_replay(replace(day_replay(on_roads=False), driven_trips=known))

    page = open_page(_written(tmp_path / "day.html", html))

    trips = page.locator("li.is-trip")
    expect(trips.nth(0)).to_contain_text("7.3 km on roads")
    expect(trips.nth(1)).not_to_contain_text("on roads")
    expect(page.locator(".figures div").first).to_contain_text("25")


def test_each_minute_of_the_day_is_counted_once(tmp_path: Path, open_page: OpenPage) -> None:
    """Moving, standing and not known make up the day: a silence in a stop is the stop's, one off shift is nobody's."""
    day = day_replay()
    gaps = (
        Gap(started_at=at(12), ended_at=at(24)),
        *day.gaps,
        Gap(started_at=at(80), ended_at=at(95)),
        Gap(started_at=at(95), ended_at=at(600), cause=GapCause.OFF_SHIFT),
    )

    page = open_page(_written(tmp_path / "day.html", render_replay(replace(day, gaps=gaps))))

    figures = dict(
        zip(page.locator(".figures dt").all_inner_texts(), page.locator(".figures dd").all_inner_texts(), strict=True)
    )
    assert [figures[name] for name in ("Moving", "Standing", "Not known")] == ["30 min", "20 min", "45 min"]


def test_the_marker_is_where_the_chosen_line_is(day_page: Path, open_page: OpenPage) -> None:
    """Halfway between two fixes it is halfway between their places; on roads it is on the road beside."""
    page = open_page(day_page)

    _go(page, 3.125, "&track=raw")
    raw = page.evaluate(MARKER)
    page.get_by_role("button", name="On roads").click()
    matched = page.evaluate(MARKER)

    assert raw == pytest.approx([7.41, place(1_875).lat], abs=2e-6)
    assert matched == pytest.approx([7.41002, place(1_875).lat], abs=2e-6)


def test_the_list_leads_to_its_moments_and_the_bar_can_be_dragged(day_page: Path, open_page: OpenPage) -> None:
    """A row of the list, a doubtful fix's moment and a press on the bar move the player there."""
    page = open_page(day_page)

    page.locator(".is-stop .span-row").click()
    by_row = _at(page)
    page.locator("#doubtful input").check()
    page.locator("#doubtful summary", has_text="Impossible jump").click()
    page.locator("#doubtful .moments button").first.click()
    by_doubt = _at(page)
    page.locator(".timeline-body").click(position={"x": 40, "y": 40})

    assert (by_row, by_doubt) == ("08:10:00", "08:05:06")
    assert "08:00:00" < _at(page) < "08:05:00"
    expect(page.locator(".flag-toggle")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("view", views())
def test_it_is_at_home_on_every_screen(day_page: Path, open_page: OpenPage, watch: Watch, view: View) -> None:
    """No serious finding, nothing wider than the screen, no request, one language, hostile text shown as it is."""
    size, language, dark = view
    page = open_page(day_page, size=size, locale=language.value, dark=dark)
    _go(page, 20, "&flagged=1&track=both")
    if size == PHONE:
        page.locator(".list-key").click()

    seen = page.evaluate("document.body.innerText")

    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#panel h1").inner_text() == HOSTILE_NAMES[1]
    assert page.evaluate("window.ran") is None
    others = [text for text in _words_of_other(language) if re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", seen)]
    assert others == []
    assert "�" not in seen
    watch.assert_clean()


def _words_of_other(language: Language) -> list[str]:
    """Return the words that must not stand on a page in a language, those with placeholders left out."""
    other = next(one for one in Language if one is not language)
    mine, others = replay_words(language), replay_words(other)
    return [text for key, text in others.items() if text != mine[key] and "{" not in text and len(text) > 1]


def test_nothing_to_play_is_said_with_what_to_do(tmp_path: Path, open_page: OpenPage, watch: Watch) -> None:
    """Without a fix, with one, and with doubtful ones alone the page opens, says so and does not play."""
    one = Fix(device=None, tracked_at=at(0), position=place(0), accuracy_m=8.0)
    cases = {
        "There is no fix.": replay_of([], []),
        "There is a single fix, at 08:00:00.": replay_of([one], [Flag(0)]),
        "All fixes are doubtful.": replay_of([one, one], [Flag.INACCURATE, Flag.JUMP]),
    }

    for number, (told, replay) in enumerate(cases.items()):
        page = open_page(_written(tmp_path / f"{number}.html", render_replay(replay)), size=DESKTOP)
        expect(page.locator(".empty-card strong")).to_have_text(told)
        expect(page.locator(".play")).to_be_disabled()
        page.keyboard.press("Space")

    watch.assert_clean()


def test_a_page_of_ours_asks_for_the_day_first_thinned_then_whole(browser: Browser) -> None:
    """The modules load as they are; the thinned day is shown as such until the whole one is there; a lack is told."""
    whole = replay_document(day_replay())
    thinned = replay_document(day_replay(), tolerance_m=50.0) | {"detail_url": "/whole.json"}

    with serve_replay({"/day.json": thinned, "/whole.json": whole}) as origin, open_window(browser) as window:
        page, watch = window.new_page(), Watch(origin=origin)
        watch.on(page)
        page.goto(origin)
        expect(page.locator("#panel footer")).not_to_contain_text("within 50 m")
        page.keyboard.press("PageDown")
        expect(page.locator(".clock")).to_have_text("08:10:00")
        watch.assert_clean()

    with serve_replay({}) as origin, open_window(browser) as window:
        page = window.new_page()
        page.goto(origin)
        expect(page.locator(".failed")).to_contain_text("could not be shown")
