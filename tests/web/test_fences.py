"""The page of the fences: what it is told, what it keeps, and what it refuses."""

import json
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from support.companies import NOW
from support.pages import Pages, Person
from werkzeug.test import TestResponse

from geo_engine.geofences.accuracy_store import SeenAt, replace_day
from geo_engine.geofences.detectability import AccuraciesSeen
from geo_engine.ids import GeofenceId, WorkerId

PLACE = json.dumps({"type": "Point", "coordinates": [116.4, 39.9]})
BOW_TIE = json.dumps(
    {"type": "Polygon", "coordinates": [[[116.4, 39.9], [116.5, 40.0], [116.5, 39.9], [116.4, 40.0], [116.4, 39.9]]]}
)
DAYS = [str(day) for day in range(1, 8)]


def _save(person: Person, **changed: object) -> TestResponse:
    form = {"name": "大门", "geometry": PLACE, "radius_m": "80", "weekday": DAYS, "windows": "", "seen": "", **changed}
    return person.post("/fences/save", accept="application/json", **form)


def _told(answer: TestResponse) -> Any:  # noqa: ANN401 - a document
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


def _take(person: Person, content: str, **more: object) -> TestResponse:
    file = (BytesIO(content.encode()), "fences.csv")
    return person.post("/fences/import", accept="application/json", crs="wgs84", file=file, **more)


def test_a_fence_is_drawn_changed_deleted_and_had_back(own_pages: Pages) -> None:
    """Each is another version, told with its moments and who made it; without an id it goes by its name."""
    person = own_pages.person("administrator")

    added = _told(_save(person))
    changed = _told(_save(person, id="大门", seen="1", radius_m="120.5", windows="08:00-12:00", weekday=["1", "2"]))
    removed = _told(person.post("/fences/remove", accept="application/json", id="大门", seen="2"))
    back = _told(_save(person, radius_m="120.5"))
    told = _told(person.get("/fences/one?id=大门"))

    assert (added["id"], added["version"], added["kind"], added["may_change"]) == ("大门", 1, "circle", True)
    assert (changed["radius_m"], changed["windows"], changed["weekdays"]) == (120.5, "08:00-12:00", "1;2")
    assert removed == changed
    assert back["version"] == 3
    assert (told["outlook"]["percent"], told["outlook"]["is_measured"]) == (99, False)
    assert [one["version"] for one in told["versions"]] == [3, 2, 1]
    assert all(one["by"].startswith("administrator") for one in told["versions"])
    assert told["area_m2"] == pytest.approx(3.14159 * 120.5**2, rel=1e-4)


def test_what_is_to_be_expected_is_told_by_the_accuracies_seen_there(own_pages: Pages) -> None:
    """Where phones told nothing better than 150 m fewer visits are found, and the fence would have to be wide.

    Where nobody was yet a usual accuracy is assumed, and said to be.
    """
    mine, person = own_pages.mine, own_pages.person("administrator")
    seen = SeenAt(1, AccuraciesSeen.of(np.full(20, 150.0)))
    with mine.database.bound(mine.tenant_id) as session:
        replace_day(session, WorkerId("W1"), NOW.date(), {GeofenceId("yard"): seen})

    measured, usual = (_told(person.get(f"/fences/one?id={name}"))["outlook"] for name in ("yard", "site/S002"))

    assert (measured["is_measured"], usual["is_measured"]) == (True, False)
    assert (measured["accuracy_m"], usual["accuracy_m"]) == (134, 25)
    assert measured["percent"] < usual["percent"] == 99
    assert measured["width_m"] > 400
    assert usual["width_m"] is None


def test_the_second_of_two_who_change_a_fence_is_told(own_pages: Pages) -> None:
    """What was seen is another version by now: nothing is overwritten."""
    person = own_pages.person("administrator")
    _save(person)
    _save(person, id="大门", seen="1", radius_m="120")

    late, removing = (
        _save(person, id="大门", seen="1", radius_m="60"),
        person.post("/fences/remove", accept="application/json", id="大门", seen="1"),
    )

    assert (late.status_code, removing.status_code) == (409, 409)
    assert _told(person.get("/fences/one?id=大门"))["fence"]["radius_m"] == 120


def test_the_list_tells_all_there_are_and_what_may_be_changed(pages: Pages) -> None:
    """Whoever may only look sees the same fences, none to change; those of sites themselves nobody changes."""
    administrator, auditor = (_told(pages.person(role).get("/fences/list")) for role in ("administrator", "auditor"))

    changeable = {one["id"] for one in administrator if one["may_change"]}
    assert [one["id"] for one in administrator] == [one["id"] for one in auditor]
    assert {one["id"] for one in administrator if not one["is_automatic"]} == changeable
    assert "yard" in changeable
    assert not any(one["may_change"] for one in auditor)
    assert "editor" not in pages.person("auditor").get("/fences").text


def test_a_teams_dispatcher_may_not_change_what_is_the_companys(own_pages: Pages) -> None:
    """Of the south, one draws for a site of the south, not for one of the north nor for no site."""
    person = own_pages.signed_in("shared@example.com")

    own, theirs, companys = (_save(person, site_id=site) for site in ("S002", "S003", ""))

    assert (own.status_code, theirs.status_code, companys.status_code) == (200, 403, 403)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"geometry": ""}, "Draw the fence on the map, or fill in its coordinates."),
        ({"radius_m": "1"}, "The radius 1.0 m of a fence is not between 5.0 m and 100000.0 m."),
        ({"radius_m": "wide"}, "“wide” is not a number such as 12 or 12.5."),
        ({"windows": "at noon"}, "“at noon” is not a time window such as 09:00-11:00."),
        ({"weekday": []}, "Days of the week are numbers from 1 (Monday) to 7, at least one."),
        ({"name": " "}, "An id or a name must not be empty."),
        ({"site_id": "S404"}, "There is no site S404."),
        ({"id": "site/S001"}, ("site/S001 is the fence that a site has of itself: draw one of your own for the site "
         "instead.")),
        ({"geometry": BOW_TIE}, ("The fence's outline is not clear: the outline crosses itself at 116.45, 39.95. "
         "Draw it anew, or have it repaired.")),
    ],
    ids=["nothing", "tiny", "no-number", "no-hours", "no-day", "no-name", "no-site", "of-a-site", "crossed"],
)  # fmt: skip
def test_what_cannot_be_a_fence_is_refused_in_words(pages: Pages, changed: dict[str, object], told: str) -> None:
    """Nothing is kept, and it is said why."""
    refused = _save(pages.person("administrator"), **changed)

    assert refused.status_code == 422
    assert json.loads(refused.text)["title"] == told


def test_a_crossed_outline_is_repaired_when_asked(own_pages: Pages) -> None:
    """It becomes what it covers."""
    kept = _told(_save(own_pages.person("administrator"), geometry=BOW_TIE, repairs="yes"))

    assert (kept["kind"], kept["geometry"]["type"]) == ("area", "MultiPolygon")


def test_a_file_is_looked_at_before_it_is_written(own_pages: Pages) -> None:
    """What would be written and what is wrong are told first; then the good ones are there."""
    person = own_pages.person("administrator")
    content = "id,wkt,radius_m\nnew,POINT (116.4 39.9),50\nbad,POINT (116.4 39.9),\n"

    looked = _told(_take(person, content, preview="yes"))
    before = _told(person.get("/fences/list"))
    written = _told(_take(person, content))
    after = _told(person.get("/fences/list"))

    problem = {"line": 3, "column": "", "reason": "A point needs a radius: radius_m, in metres."}
    assert looked == written == {
        "added": 1, "changed": 0, "unchanged": 0, "problem_count": 1, "problems": [problem],
    }  # fmt: skip
    assert {one["id"] for one in after} - {one["id"] for one in before} == {"new"}


def test_a_file_that_is_none_is_refused(pages: Pages) -> None:
    """So is one whose coordinates are written in nothing known."""
    person = pages.person("administrator")

    empty = _take(person, "")
    unknown = person.post("/fences/import", accept="application/json", crs="mars", file=(BytesIO(b"x"), "fences.csv"))

    assert (empty.status_code, unknown.status_code) == (422, 422)


@pytest.mark.parametrize("form", ["geojson", "csv", "traccar", "other"])
def test_what_people_drew_is_exported(pages: Pages, form: str) -> None:
    """As a file, without the circles that sites have of themselves; an unknown format is GeoJSON."""
    answer = pages.person("auditor").get(f"/fences/export?format={form}")

    assert answer.status_code == 200
    assert "yard" in answer.text
    assert "site/" not in answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
